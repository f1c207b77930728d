/** An IPv4 address as a whole number in [0, 2^32). */
export type Address = number;

/** A block of addresses: "10.42.1.0/24". */
export interface Cidr {
  readonly network: Address;
  readonly length: number;
}

export const LOOPBACK: Address = 0x7f000001;
const MAX_CACHED_TEXTS = 1 << 16;
const texts = new Map<Address, string>();

/** Undefined when the text is not four decimal numbers of at most 255, without leading zeros. */
export function parseIp(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const byte = Number(part);
    if (byte > 255) return undefined;
    address = address * 256 + byte;
  }
  return address;
}

/** "10.42.1.2". The texts of addresses in use are kept: traces ask for the same ones over and over. */
export function formatIp(address: Address): string {
  const known = texts.get(address);
  if (known !== undefined) return known;
  if (texts.size >= MAX_CACHED_TEXTS) texts.clear();
  const text = `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
  texts.set(address, text);
  return text;
}

/** The bits that the first `length` bits keep, as an unsigned number. */
export const maskOf = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

export const networkOf = (address: Address, length: number): Address => (address & maskOf(length)) >>> 0;

export const contains = (cidr: Cidr, address: Address): boolean => networkOf(address, cidr.length) === cidr.network;

export const isLoopback = (address: Address): boolean => address >>> 24 === 127;

/** "10.42.1.0/24", or a single address as a /32. The host bits are cut off. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  const suffix = slash < 0 ? "32" : text.slice(slash + 1);
  if (address === undefined || !/^\d{1,2}$/.test(suffix) || Number(suffix) > 32) return undefined;
  return { network: networkOf(address, Number(suffix)), length: Number(suffix) };
}

export const formatCidr = (cidr: Cidr): string => `${formatIp(cidr.network)}/${cidr.length}`;

/** For texts that the engine itself wrote; a wrong one is our bug. */
export function ipOf(text: string): Address {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`Kubarium bug: expected that ${JSON.stringify(text)} is an IPv4 address`);
  return address;
}

/** As `ipOf`, for blocks. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`Kubarium bug: expected that ${JSON.stringify(text)} is an IPv4 block`);
  return cidr;
}
