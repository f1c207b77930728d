import { scaledValue } from "../../apimachinery/int-or-string.ts";

/** A count, or that share of `total`; what cannot be read counts as 0, because validation keeps it out. */
export function shareOf(value: number | string | undefined, total: number, round: "up" | "down"): number {
  const scaled = scaledValue(value ?? 0, total, round === "up");
  return scaled.ok ? scaled.value : 0;
}
