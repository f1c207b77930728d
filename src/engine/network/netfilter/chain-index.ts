import type { Rule } from "./rule.ts";

const NONE: readonly number[] = [];

/**
 * Finds the rules of a long chain that can match a packet at all, in their order. A rule is filed under its exact destination, else under
 * its protocol and exact destination port, else it is looked at for every packet. The evaluation compares the found rules in full:
 * the index leaves out only what cannot match.
 */
export class ChainIndex {
  private readonly byDestination = new Map<number, number[]>();
  private readonly byPort = new Map<number, number[]>();
  private readonly rest: number[] = [];

  constructor(rules: readonly Rule[]) {
    rules.forEach((rule, position) => {
      const destination = rule.destination;
      const port = exactPort(rule);
      if (destination !== undefined && destination.length === 32 && !destination.not) file(this.byDestination, destination.network, position);
      else if (port !== undefined) file(this.byPort, portKey(rule.protocol, port), position);
      else this.rest.push(position);
    });
  }

  /** Positions, rising. */
  candidates(destination: number, protocol: number, dstPort: number): readonly number[] {
    const a = this.byDestination.get(destination) ?? NONE;
    const b = this.byPort.get(portKey(protocol, dstPort)) ?? NONE;
    if (a.length === 0 && b.length === 0) return this.rest;
    return merge(merge(a, b), this.rest);
  }
}

const portKey = (protocol: number, port: number): number => protocol * 65_536 + port;

function exactPort(rule: Rule): number | undefined {
  const range = rule.ports?.dst;
  if (rule.protocol === 0 || rule.protocolNot || range === undefined || rule.ports?.dstNot === true) return undefined;
  return range.low === range.high ? range.low : undefined;
}

function file(map: Map<number, number[]>, key: number, position: number): void {
  const positions = map.get(key);
  if (positions === undefined) map.set(key, [position]);
  else positions.push(position);
}

function merge(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (right === undefined || (left !== undefined && left < right)) {
      merged.push(left as number);
      i += 1;
    } else {
      merged.push(right);
      j += 1;
    }
  }
  return merged;
}
