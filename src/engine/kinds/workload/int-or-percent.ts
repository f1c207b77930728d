import type { FieldError } from "../../apimachinery/field-error.ts";
import { regexText } from "../../apimachinery/names.ts";
import { checkNonNegative } from "../shared/checks.ts";
import { goIntOrString, invalidGo } from "../shared/go-syntax.ts";

/** Source: pkg/apis/apps/validation/validation.go, ValidatePositiveIntOrPercent; apimachinery/pkg/util/validation, IsValidPercent. */
export function checkIntOrPercent(errors: FieldError[], field: string, value: number | string): void {
  if (typeof value === "number") return checkNonNegative(errors, field, value);
  if (!/^[0-9]+%$/.test(value)) errors.push(invalidGo(field, goIntOrString(value), regexText("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%")));
}

/** Source: IsNotMoreThan100Percent. */
export function checkAtMost100Percent(errors: FieldError[], field: string, value: number | string): void {
  if (typeof value === "string" && /^[0-9]+%$/.test(value) && Number(value.slice(0, -1)) > 100) errors.push(invalidGo(field, goIntOrString(value), "must not be greater than 100%"));
}

/** Source: getIntOrPercentValue. */
export const isZero = (value: number | string): boolean => Number(typeof value === "string" ? value.replace(/%$/, "") : value) === 0;
