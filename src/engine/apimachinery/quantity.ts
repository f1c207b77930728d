import { err, ok, type Result } from "../kernel/result.ts";

/** How a quantity is written: 1500m, 2Gi, 12e6. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact amount, in units of 10⁻⁹. Source: apimachinery/pkg/api/resource/quantity.go. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

export const QUANTITY_FORMAT_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
export const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix";
const NANO = 1_000_000_000n;
const NANO_DIGITS = 9;
const MAX_NANOS = ((1n << 63n) - 1n) * NANO;
/** Digits beyond these cannot change a rounded and capped amount; a pasted megabyte of digits stays cheap. */
const MAX_DIGITS = 64;
const MAX_EXPONENT = 36;
const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const; // 10^-9 … 10^18
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const; // 1024^0 … 1024^6
const SHAPE = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;

/**
 * Reads a quantity. Fractions below 10⁻⁹ are rounded away from zero, amounts beyond 2⁶³−1 are capped, as upstream does; no digits are zero.
 * Source: resource.ParseQuantity. The error is upstream's text.
 * Differs: amounts beyond 2⁶³−1 are capped however they are written; upstream lets short ones such as 99E through.
 */
export function parseQuantity(text: string): Result<Quantity, string> {
  const parts = text === "" ? null : SHAPE.exec(text);
  if (parts === null) return err(QUANTITY_FORMAT_ERROR);
  const [, sign = "", whole = "", fraction = "", suffix = ""] = parts;
  const scale = interpretSuffix(suffix);
  if (scale === undefined) return err(QUANTITY_SUFFIX_ERROR);
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return ok({ nanos: 0n, format: scale.format });
  const dropped = digits.slice(MAX_DIGITS);
  const sticky = /[1-9]/.test(dropped) ? 1n : 0n; // what is cut off still rounds up
  const exponent = Math.min(MAX_EXPONENT, Math.max(-2 * MAX_DIGITS, scale.ten)) - fraction.length + dropped.length + NANO_DIGITS;
  let nanos = shift((BigInt(digits.slice(0, MAX_DIGITS)) + sticky) * (1n << BigInt(10 * scale.binary)), Math.max(exponent, -4 * MAX_DIGITS));
  if (nanos > MAX_NANOS) nanos = MAX_NANOS;
  // Upstream: a fraction of a binary amount below 1 is written in decimal.
  const format = scale.format === "BinarySI" && nanos < NANO ? "DecimalSI" : scale.format;
  return ok({ nanos: sign === "-" ? -nanos : nanos, format });
}

function interpretSuffix(suffix: string): { readonly ten: number; readonly binary: number; readonly format: QuantityFormat } | undefined {
  const binary = (BINARY_SUFFIXES as readonly string[]).indexOf(suffix);
  if (binary > 0) return { ten: 0, binary, format: "BinarySI" };
  const decimal = (DECIMAL_SUFFIXES as readonly string[]).indexOf(suffix);
  if (decimal >= 0) return { ten: 3 * (decimal - 3), binary: 0, format: "DecimalSI" };
  return /^[eE][+-]?\d+$/.test(suffix) ? { ten: Number(suffix.slice(1)), binary: 0, format: "DecimalExponent" } : undefined;
}

/** digits × 10^exponent, rounded up. */
function shift(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits > MAX_NANOS ? digits : digits * 10n ** BigInt(Math.min(exponent, MAX_EXPONENT));
  const divisor = 10n ** BigInt(-exponent);
  return (digits + divisor - 1n) / divisor;
}

/** The canonical text: no fraction, the largest suffix that loses nothing. Source: Quantity.CanonicalizeBytes. */
export function quantityText({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  const magnitude = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? "-" : "";
  // A binary amount that is small or not whole would lose something, so it is written in decimal.
  if (format === "BinarySI" && magnitude >= 1024n * NANO && magnitude % NANO === 0n) {
    let units = magnitude / NANO;
    let power = 0;
    while (power < 6 && units % 1024n === 0n) { units /= 1024n; power += 1; }
    return `${sign}${units}${BINARY_SUFFIXES[power]}`;
  }
  let mantissa = magnitude;
  let power = -9;
  while (power < 18 && mantissa % 1000n === 0n) { mantissa /= 1000n; power += 3; }
  if (format !== "DecimalExponent") return `${sign}${mantissa}${DECIMAL_SUFFIXES[power / 3 + 3]}`;
  return power === 0 ? `${sign}${mantissa}` : `${sign}${mantissa}e${power}`;
}

const canonical = new Map<string, Result<string, string>>();
const amounts = new Map<string, number>();
const CACHE_LIMIT = 4_096; // texts; the same few are asked for again and again

function remember<T>(cache: Map<string, T>, key: string, value: T): T {
  if (cache.size >= CACHE_LIMIT) cache.clear();
  if (key.length <= MAX_DIGITS) cache.set(key, value);
  return value;
}

/** "1000m" is stored as "1", "1024Mi" as "1Gi": what a decoded quantity reads like afterwards. */
export function canonicalQuantity(text: string): Result<string, string> {
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const parsed = parseQuantity(text);
  return remember(canonical, text, parsed.ok ? ok(quantityText(parsed.value)) : parsed);
}

/** Thousandths, rounded up: what CPU is counted in. 0 for absent or unreadable text. Source: Quantity.MilliValue. */
export const quantityMilli = (text: string | undefined): number => amountOf(text, 1_000_000n, "m");

/** Whole units, rounded up: bytes, pods. 0 for absent or unreadable text. Source: Quantity.Value. */
export const quantityValue = (text: string | undefined): number => amountOf(text, NANO, "v");

function amountOf(text: string | undefined, unit: bigint, kind: string): number {
  if (text === undefined) return 0;
  const key = kind + text;
  const known = amounts.get(key);
  if (known !== undefined) return known;
  const parsed = parseQuantity(text);
  return remember(amounts, key, parsed.ok ? Number(divideUp(parsed.value.nanos, unit)) : 0);
}

/** Rounds away from zero, as upstream's ScaledValue does. */
function divideUp(value: bigint, unit: bigint): bigint {
  const quotient = value / unit;
  if (quotient * unit === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** -1, 0 or 1. */
export const compareQuantities = (a: Quantity, b: Quantity): number => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0);

/** The sum, written the way of the first that is not zero. Source: Quantity.Add. */
export const addQuantities = (a: Quantity, b: Quantity): Quantity => ({ nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format });
export const subtractQuantities = (a: Quantity, b: Quantity): Quantity => ({ nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format });
/** A quantity of whole units in a format. */
export const quantityOf = (units: number, format: QuantityFormat = "DecimalSI"): Quantity => ({ nanos: BigInt(Math.round(units)) * NANO, format });
/** A quantity of thousandths. Source: resource.NewMilliQuantity. */
export const milliQuantityOf = (milli: number): Quantity => ({ nanos: BigInt(Math.round(milli)) * 1_000_000n, format: "DecimalSI" });

/** Rounded up to thousandths, as stored resource lists are. Source: pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList. */
export const roundUpToMilli = ({ nanos, format }: Quantity): Quantity => ({ nanos: divideUp(nanos, 1_000_000n) * 1_000_000n, format });

export const isWholeQuantity = ({ nanos }: Quantity): boolean => nanos % NANO === 0n;
