import type { Rng } from "../../kernel/rng.ts";
import type { Address } from "./ip.ts";

/** An Ethernet address as a whole number below 2^48. */
export type Mac = number;

export const BROADCAST: Mac = 0xffffffffffff;
export const NO_MAC: Mac = 0;

const MAX_CACHED_TEXTS = 1 << 16;
const texts = new Map<Mac, string>();

/** "0a:58:0a:2a:01:02". */
export function formatMac(mac: Mac): string {
  const known = texts.get(mac);
  if (known !== undefined) return known;
  if (texts.size >= MAX_CACHED_TEXTS) texts.clear();
  const digits = mac.toString(16).padStart(12, "0");
  const text = digits.replace(/(..)(?=.)/g, "$1:");
  texts.set(mac, text);
  return text;
}

/** Undefined when the text is not six pairs of hex digits. */
export const parseMac = (text: string): Mac | undefined => (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text) ? Number.parseInt(text.replaceAll(":", ""), 16) : undefined);

/** A network card of a machine: 02:00 and the address that it has on the segment. */
export const cardMac = (address: Address): Mac => 0x0200 * 2 ** 32 + address;

/** What the kernel gives to virtual devices: random, unicast, locally administered. */
export function randomMac(rng: Rng): Mac {
  const first = (rng.below(256) & 0xfc) | 0x02;
  return first * 2 ** 40 + rng.below(256) * 2 ** 32 + rng.below(0x1_0000_0000);
}
