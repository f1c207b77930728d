import { hash32, mix32 } from "./hash.ts";

/** A stream of seeded chance. */
export interface Rng {
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** A number in [0, 1). */
  unit(): number;
  /** A whole number in [low, high], both included. */
  between(low: number, high: number): number;
  /** One element of a list that is not empty. */
  pick<T>(items: readonly T[]): T;
  /** Lower-case hex digits, for container ids, MAC addresses and uids. */
  hex(digits: number): string;
  /** A stream of its own. It depends on this stream's seed and the label only: drawing or forking elsewhere moves nothing here. */
  fork(label: string): Rng;
}

/** Source: Marsaglia, "Xorshift RNGs", 2003 (xorshift32). */
export function createRng(seed: number): Rng {
  let state = mix32(seed) || 1; // zero would stay zero
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
  const unit = (): number => next() / 0x1_0000_0000;
  const below = (limit: number): number => Math.floor(unit() * limit);
  return {
    below,
    unit,
    between: (low, high) => low + below(high - low + 1),
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("Kubarium bug: expected that there is something to pick from");
      return item;
    },
    hex: (digits) => {
      let text = "";
      while (text.length < digits) text += next().toString(16).padStart(8, "0");
      return text.slice(0, digits);
    },
    fork: (label) => createRng(hash32(label, mix32(seed ^ 0x9e3779b9))),
  };
}

/** A version 4 UUID from a seeded stream. Source: RFC 9562, section 5.4. */
export function uuid(rng: Rng): string {
  const h = rng.hex(32);
  const variant = "89ab"[rng.below(4)] ?? "8";
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
