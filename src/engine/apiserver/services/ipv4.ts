/** An IPv4 network: first address and number of addresses. Addresses are whole numbers here. */
export interface Ipv4Network {
  readonly base: number;
  readonly size: number;
  readonly text: string;
}

/** The number of "10.0.0.1"; undefined when it is no IPv4 address. */
export function parseIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (parts === null) return undefined;
  let value = 0;
  for (const part of parts.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export const formatIpv4 = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** Reads "10.96.0.0/12"; undefined when it is no network. */
export function parseNetwork(text: string): Ipv4Network | undefined {
  const [address = "", bits = ""] = text.split("/");
  const value = parseIpv4(address);
  if (value === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const base = Math.floor(value / size) * size;
  return { base, size, text: `${formatIpv4(base)}/${bits}` };
}

export const networkHas = (network: Ipv4Network, address: number): boolean => address >= network.base && address < network.base + network.size;
