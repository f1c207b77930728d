/** Source: staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go. */
export type FieldErrorType =
  | "FieldValueRequired" | "FieldValueInvalid" | "FieldValueTypeInvalid" | "FieldValueNotSupported" | "FieldValueDuplicate"
  | "FieldValueNotFound" | "FieldValueForbidden" | "FieldValueTooLong" | "FieldValueTooMany" | "InternalError";

/** One thing wrong with one field; `body` is the text after "field: ". */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly body: string;
}

/** Go's way of printing a value in a field error: strings quoted, nothing as "null", the rest plain or as JSON. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '"null"';
  return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

const withDetail = (head: string, detail: string | undefined): string => (detail === undefined || detail === "" ? head : `${head}: ${detail}`);

export const required = (field: string, detail?: string): FieldError => ({ type: "FieldValueRequired", field, body: withDetail("Required value", detail) });
export const invalid = (field: string, value: unknown, detail?: string): FieldError => ({ type: "FieldValueInvalid", field, body: withDetail(`Invalid value: ${formatValue(value)}`, detail) });
export const typeInvalid = (field: string, value: unknown, detail?: string): FieldError => ({ type: "FieldValueTypeInvalid", field, body: withDetail(`Invalid value: ${formatValue(value)}`, detail) });
/** The supported values are printed sorted unless upstream passes them in an order of its own; hand them over as upstream prints them. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({ type: "FieldValueNotSupported", field, body: `Unsupported value: ${formatValue(value)}: supported values: ${supported.map((v) => JSON.stringify(v)).join(", ")}` });
export const duplicate = (field: string, value: unknown): FieldError => ({ type: "FieldValueDuplicate", field, body: `Duplicate value: ${formatValue(value)}` });
export const notFoundField = (field: string, value: unknown): FieldError => ({ type: "FieldValueNotFound", field, body: `Not found: ${formatValue(value)}` });
export const forbidden = (field: string, detail?: string): FieldError => ({ type: "FieldValueForbidden", field, body: withDetail("Forbidden", detail) });
export const tooLong = (field: string, maxBytes: number): FieldError => ({ type: "FieldValueTooLong", field, body: `Too long: may not be more than ${maxBytes} bytes` });
export const tooMany = (field: string, count: number, max: number): FieldError => ({ type: "FieldValueTooMany", field, body: `Too many: ${count}: must have at most ${max} items` });
