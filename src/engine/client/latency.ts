import type { Rng } from "../kernel/rng.ts";

/** Simulated µs that the ways and works of a request take: bounds of an even draw. */
export const LATENCY_US = {
  there: [1_000, 3_000], work: [1_000, 4_000], back: [1_000, 2_000], watch: [1_000, 4_000], refused: [300, 1_000],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export const drawLatency = (rng: Rng, [low, high]: readonly [number, number]): number => rng.between(low, high);
