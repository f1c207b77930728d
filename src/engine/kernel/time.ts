/** Microseconds since the cluster started. Whole numbers; packet hops need less than a millisecond. */
export type SimTimeUs = number & { readonly unit: "us" };

export const US_PER_MS = 1_000;
export const US_PER_SECOND = 1_000_000;

export const usOf = (value: number): SimTimeUs => Math.round(value) as SimTimeUs;
export const msToUs = (ms: number): number => Math.round(ms * US_PER_MS);
export const secondsToUs = (seconds: number): number => Math.round(seconds * US_PER_SECOND);
