import { err, ok, type Result } from "../kernel/result.ts";

/** How a quantity likes to be written: 500m / 2k, 512Mi, or 1e3. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact amount in billionths: upstream keeps nothing smaller than nano. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** Source: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go, ErrFormatWrong and ErrSuffix. */
export const QUANTITY_FORMAT_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
export const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix";

const NANO_DIGITS = 9;
const NANOS = 10n ** 9n;
const MAX_NANOS = (2n ** 63n - 1n) * NANOS;
/** Digits beyond these cannot change a rounded and capped amount; a pasted megabyte of digits stays cheap. */
const MAX_DIGITS = 64;
const MAX_EXPONENT = 36;
const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([["n", -9], ["u", -6], ["m", -3], ["", 0], ["k", 3], ["M", 6], ["G", 9], ["T", 12], ["P", 15], ["E", 18]]);
const BINARY_SUFFIXES: ReadonlyMap<string, number> = new Map([["Ki", 1], ["Mi", 2], ["Gi", 3], ["Ti", 4], ["Pi", 5], ["Ei", 6]]);
const DECIMAL_NAMES: ReadonlyMap<number, string> = new Map([...DECIMAL_SUFFIXES].map(([name, exponent]) => [exponent, name]));
const BINARY_NAMES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const SHAPE = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

const CACHE_LIMIT = 10_000;
const cache = new Map<string, Result<Quantity, string>>();

export const ZERO: Quantity = { nanos: 0n, format: "DecimalSI" };

/**
 * Reads "500m", "1.5Gi", "2e3". The error is one of upstream's texts.
 * Source: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go, ParseQuantity.
 * Differs: amounts above 2^63-1 are capped however they are written; upstream lets short ones such as 99E through.
 */
export function parseQuantity(text: string): Result<Quantity, string> {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const result = parse(text);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  if (text.length <= MAX_DIGITS) cache.set(text, result);
  return result;
}

function parse(text: string): Result<Quantity, string> {
  const match = text === "" ? null : SHAPE.exec(text);
  if (match === null) return err(QUANTITY_FORMAT_ERROR);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const scale = readSuffix(suffix);
  if (scale === undefined) return err(QUANTITY_SUFFIX_ERROR);
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return ok({ nanos: 0n, format: scale.format });
  const kept = digits.slice(0, MAX_DIGITS);
  const dropped = digits.slice(MAX_DIGITS);
  const sticky = /[1-9]/.test(dropped) ? 1n : 0n;
  const exponent = Math.min(MAX_EXPONENT, Math.max(-2 * MAX_DIGITS, scale.ten)) - fraction.length + dropped.length + NANO_DIGITS;
  let nanos = scaleUp((BigInt(kept) + sticky) * 1024n ** BigInt(scale.binary), Math.max(exponent, -4 * MAX_DIGITS));
  if (nanos > MAX_NANOS) nanos = MAX_NANOS;
  const format = scale.format === "BinarySI" && nanos < NANOS ? "DecimalSI" : scale.format;
  return ok({ nanos: sign === "-" ? -nanos : nanos, format });
}

function readSuffix(suffix: string): { ten: number; binary: number; format: QuantityFormat } | undefined {
  const ten = DECIMAL_SUFFIXES.get(suffix);
  if (ten !== undefined) return { ten, binary: 0, format: "DecimalSI" };
  const binary = BINARY_SUFFIXES.get(suffix);
  if (binary !== undefined) return { ten: 0, binary, format: "BinarySI" };
  return /^[eE][-+]?[0-9]+$/.test(suffix) ? { ten: Number(suffix.slice(1)), binary: 0, format: "DecimalExponent" } : undefined;
}

/** digits × 10^exponent, rounded away from zero. */
function scaleUp(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits > MAX_NANOS ? digits : digits * 10n ** BigInt(Math.min(exponent, MAX_EXPONENT));
  const divisor = 10n ** BigInt(-exponent);
  return (digits + divisor - 1n) / divisor;
}

/** Canonical text. Source: quantity.go, CanonicalizeBytes. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  const size = nanos < 0n ? -nanos : nanos;
  if (format === "BinarySI" && size >= 1024n * NANOS && nanos % NANOS === 0n) return formatBinary(nanos / NANOS);
  let mantissa = nanos;
  let exponent = -NANO_DIGITS;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === "DecimalExponent" || exponent > 18) return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
  return `${mantissa}${DECIMAL_NAMES.get(exponent) ?? ""}`;
}

function formatBinary(value: bigint): string {
  let mantissa = value;
  let power = 0;
  while (mantissa % 1024n === 0n && power < BINARY_NAMES.length - 1) {
    mantissa /= 1024n;
    power += 1;
  }
  return `${mantissa}${BINARY_NAMES[power]}`;
}

/** The canonical text of a quantity's text. */
export function canonicalQuantity(text: string): Result<string, string> {
  const parsed = parseQuantity(text);
  return parsed.ok ? ok(formatQuantity(parsed.value)) : parsed;
}

/** A quantity that is known to be good (decoded objects carry no others); zero for what is missing. */
export function quantityOf(text: string | undefined): Quantity {
  const parsed = text === undefined ? undefined : parseQuantity(text);
  return parsed?.ok === true ? parsed.value : ZERO;
}

export const compareQuantities = (a: Quantity, b: Quantity): -1 | 0 | 1 => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0);

/** The sum is written like the first summand, or like the second when the first is zero. Source: quantity.go, Add. */
export const addQuantities = (a: Quantity, b: Quantity): Quantity => ({ nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format });
export const subtractQuantities = (a: Quantity, b: Quantity): Quantity => ({ nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format });

/** Whole units, rounded away from zero: bytes, devices. */
export const quantityValue = (text: string | undefined): number => Number(divideUp(quantityOf(text).nanos, NANOS));
/** Thousandths, rounded away from zero: millicores. */
export const quantityMilliValue = (text: string | undefined): number => Number(divideUp(quantityOf(text).nanos, 10n ** 6n));

/** Rounded up to thousandths, as stored resource lists are. Source: pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList. */
export const roundUpToMilli = ({ nanos, format }: Quantity): Quantity => ({ nanos: divideUp(nanos, 10n ** 6n) * 10n ** 6n, format });

export const isWholeQuantity = ({ nanos }: Quantity): boolean => nanos % NANOS === 0n;

function divideUp(value: bigint, divisor: bigint): bigint {
  return value >= 0n ? (value + divisor - 1n) / divisor : -((-value + divisor - 1n) / divisor);
}
