/** An IPv4 or IPv6 address as a number. */
export interface IpAddress {
  readonly family: "IPv4" | "IPv6";
  readonly value: bigint;
}

export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

export const NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
export const NOT_A_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

const MAPPED_V4 = 0xffffn << 32n;

/** Reads an address the way the API does: leading zeros are let through in IPv4. Source: k8s.io/utils/net, ParseIPSloppy. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const value = parseV4(text);
    return value === undefined ? undefined : { family: "IPv4", value };
  }
  const value = parseV6(text);
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED_V4 >> 32n ? { family: "IPv4", value: value & 0xffff_ffffn } : { family: "IPv6", value };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^\d+$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(Number(part));
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => readGroups(half)) as [bigint[] | undefined, bigint[] | undefined];
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const gap = BigInt(16 * Math.max(0, missing));
  const join = (groups: readonly bigint[], start: bigint): bigint => groups.reduce((value, group) => (value << 16n) | group, start);
  return join(tail ?? [], join(head, 0n) << gap);
}

function readGroups(text: string): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".") && index === parts.length - 1) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}

export function parseCidr(text: string): Cidr | undefined {
  const [host = "", length, more] = text.split("/");
  const address = parseIp(host);
  if (address === undefined || length === undefined || more !== undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength <= bits(address.family) ? { address, prefixLength } : undefined;
}

const bits = (family: "IPv4" | "IPv6"): number => (family === "IPv4" ? 32 : 128);

/** The network part of a block: its first address. */
export const networkOf = ({ address, prefixLength }: Cidr): bigint => {
  const shift = BigInt(bits(address.family) - prefixLength);
  return (address.value >> shift) << shift;
};

export const cidrContains = (cidr: Cidr, ip: IpAddress): boolean =>
  cidr.address.family === ip.family && networkOf(cidr) === networkOf({ address: ip, prefixLength: cidr.prefixLength });

/** Inside, and smaller. */
export const isStrictSubset = (inner: Cidr, outer: Cidr): boolean => inner.prefixLength > outer.prefixLength && cidrContains(outer, inner.address);

const inBlock = (ip: IpAddress, v4: string, v6: string): boolean => {
  const block = parseCidr(ip.family === "IPv4" ? v4 : v6);
  return block !== undefined && cidrContains(block, ip);
};

/** What an endpoint's or external address may not be. Source: pkg/apis/core/validation/validation.go, ValidateEndpointIP. */
export function endpointIpMessages(text: string): string[] {
  const ip = parseIp(text);
  if (ip === undefined) return ["must be a valid IP address"];
  const messages: string[] = [];
  if (ip.value === 0n) messages.push(`may not be unspecified (${text})`);
  if (inBlock(ip, "127.0.0.0/8", "::1/128")) messages.push("may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (inBlock(ip, "169.254.0.0/16", "fe80::/10")) messages.push("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (inBlock(ip, "224.0.0.0/24", "ff02::/16")) messages.push("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
  return messages;
}
