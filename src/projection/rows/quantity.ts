/** Kubernetes quantities as plain numbers, near enough for bars and sums. Source: apimachinery/pkg/api/resource/quantity.go. Differs: floating point, display only. */
const SUFFIX: Readonly<Record<string, number>> = {
  "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** "250m" is 0.25, "64Mi" is 67108864; 0 for what is not a quantity. */
export function quantityValue(text: string | number | undefined): number {
  if (text === undefined) return 0;
  if (typeof text === "number") return text;
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(text);
  const factor = SUFFIX[match?.[2] ?? "?"];
  return match === null || factor === undefined ? 0 : Number(match[1]) * factor;
}

export const cpuMilli = (text: string | number | undefined): number => Math.round(quantityValue(text) * 1000);
