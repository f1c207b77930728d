import { assert } from "../../kernel/assert.ts";

/** First address and number of prefix bits. */
interface Network {
  readonly base: number;
  readonly bits: number;
}

/** "10.42.0.0/16"; undefined when it is not an IPv4 network. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1, 5).map(Number);
  const bits = Number(match[5]);
  if (parts.some((part) => part > 255) || bits > 32) return undefined;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - bits);
  return { base: Math.floor(address / size) * size, bits };
}

const textOf = (base: number, bits: number): string => `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${bits}`;

/**
 * Hands out equal blocks of a network: always the next one after the last, wrapping around; a block given back is used again only then.
 * Source: pkg/controller/nodeipam/ipam/cidrset/cidr_set.go.
 */
export class CidrSet {
  private readonly network: Network;
  private readonly blockBits: number;
  private readonly count: number;
  private readonly used = new Set<number>();
  private next = 0;

  constructor(cidr: string, blockBits: number) {
    const network = parseNetwork(cidr);
    assert(network !== undefined && blockBits >= network.bits && blockBits <= 32, `${cidr} is an IPv4 network with room for /${blockBits}`);
    this.network = network;
    this.blockBits = blockBits;
    this.count = 2 ** (blockBits - network.bits);
  }

  /** A free block; undefined when all are taken. */
  allocate(): string | undefined {
    if (this.used.size === this.count) return undefined;
    for (let tried = 0; tried < this.count; tried++) {
      const index = (this.next + tried) % this.count;
      if (this.used.has(index)) continue;
      this.used.add(index);
      this.next = (index + 1) % this.count;
      return textOf(this.network.base + index * 2 ** (32 - this.blockBits), this.blockBits);
    }
    return undefined;
  }

  /** Takes every block that the network overlaps. */
  occupy(cidr: string): void {
    for (const index of this.indexesOf(cidr)) this.used.add(index);
  }

  release(cidr: string): void {
    for (const index of this.indexesOf(cidr)) this.used.delete(index);
  }

  private *indexesOf(cidr: string): Generator<number> {
    const other = parseNetwork(cidr);
    if (other === undefined) return;
    const blockSize = 2 ** (32 - this.blockBits);
    const first = Math.floor((other.base - this.network.base) / blockSize);
    const last = Math.floor((other.base + 2 ** (32 - other.bits) - 1 - this.network.base) / blockSize);
    for (let index = Math.max(0, first); index <= Math.min(this.count - 1, last); index++) yield index;
  }
}
