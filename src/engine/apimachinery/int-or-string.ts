import { err, ok, type Result } from "../kernel/result.ts";

export type IntOrString = number | string;

/** The percentage of "25%". Source: apimachinery/pkg/util/intstr/intstr.go, getIntOrPercentValueSafely. */
export function percentOf(value: IntOrString): Result<number, string> {
  if (typeof value === "number") return err("invalid type: neither int nor percentage");
  if (!value.endsWith("%")) return err("invalid type: string is not a percentage");
  const digits = value.slice(0, -1);
  if (!/^[+-]?\d+$/.test(digits)) return err(`invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`);
  return ok(Number(digits));
}

/** A plain number as it is, a percentage of `total` rounded up or down. Source: GetScaledValueFromIntOrPercent. */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): Result<number, string> {
  if (typeof value === "number") return ok(value);
  const percent = percentOf(value);
  if (!percent.ok) return err(`invalid value for IntOrString: ${percent.error}`);
  const exact = (percent.value * total) / 100;
  return ok(roundUp ? Math.ceil(exact) : Math.floor(exact));
}
