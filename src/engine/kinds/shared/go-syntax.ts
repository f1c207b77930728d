import type { FieldError } from "../../apimachinery/field-error.ts";
import { parseQuantity, quantityText } from "../../apimachinery/quantity.ts";
import type { LabelSelector } from "../generated/types.ts";

/*
 * Values as Go's %#v prints them, for the few that are short enough to be exact.
 * Source: staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go, ErrorBody: what is no scalar and no Stringer is printed in Go syntax.
 */

/** `Invalid value: {go syntax}: {detail}`. */
export const invalidGo = (field: string, goValue: string, detail: string): FieldError => ({ type: "FieldValueInvalid", field, body: `Invalid value: ${goValue}${detail === "" ? "" : `: ${detail}`}` });
export const duplicateGo = (field: string, goValue: string): FieldError => ({ type: "FieldValueDuplicate", field, body: `Duplicate value: ${goValue}` });

const quoted = (text: string): string => JSON.stringify(text);

/** map[string]string{"a":"b"}; an absent one is map[string]string(nil). */
export function goStringMap(map: Readonly<Record<string, string>> | undefined): string {
  if (map === undefined) return "map[string]string(nil)";
  return `map[string]string{${Object.keys(map).sort().map((key) => `${quoted(key)}:${quoted(map[key] ?? "")}`).join(", ")}}`;
}

/** []string{"a", "b"}. */
export const goStrings = (list: readonly string[] | undefined, type = "[]string"): string => (list === undefined ? `${type}(nil)` : `${type}{${list.map(quoted).join(", ")}}`);

export const goIntOrString = (value: number | string): string =>
  typeof value === "number" ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}` : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${quoted(value)}}`;

export function goLabelSelector(selector: LabelSelector): string {
  const expressions = selector.matchExpressions?.map(({ key, operator, values }) => `v1.LabelSelectorRequirement{Key:${quoted(key)}, Operator:${quoted(operator)}, Values:${goStrings(values)}}`);
  const list = expressions === undefined ? "[]v1.LabelSelectorRequirement(nil)" : `[]v1.LabelSelectorRequirement{${expressions.join(", ")}}`;
  return `v1.LabelSelector{MatchLabels:${goStringMap(selector.matchLabels)}, MatchExpressions:${list}}`;
}

/** A parsed quantity that has been printed once, as validation sees them. */
export function goQuantity(text: string): string {
  const parsed = parseQuantity(text);
  if (!parsed.ok) return quoted(text);
  const { nanos, format } = parsed.value;
  let value = nanos;
  let scale = -9;
  while (scale < 0 && value % 10n === 0n) {
    value /= 10n;
    scale += 1;
  }
  // Decimal suffixes stay in the scale: 500m is 500 and -3, 2k is 2 and 3.
  const written = /^-?(\d+)([numkMGTPE]?)$/.exec(quantityText(parsed.value));
  const suffixScale = written === null ? undefined : SUFFIX_SCALES[written[2] ?? ""];
  if (format === "DecimalSI" && suffixScale !== undefined && written !== null) [value, scale] = [BigInt(written[1] ?? "0") * (nanos < 0n ? -1n : 1n), suffixScale];
  return `resource.Quantity{i:resource.int64Amount{value:${value}, scale:${scale}}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:${quoted(text)}, Format:${quoted(format)}}`;
}

const SUFFIX_SCALES: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
