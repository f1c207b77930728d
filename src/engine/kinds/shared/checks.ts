import { type FieldError, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { isDns1123Label, isDns1123Subdomain, isQualifiedName, isValidPortName, isValidPortNumber, regexText } from "../../apimachinery/names.ts";

/*
 * Small checks that many validators share; each adds to `errors`.
 * Source: pkg/apis/core/validation/validation.go; staging/src/k8s.io/apimachinery/pkg/api/validation/generic.go.
 */

export const NON_NEGATIVE = "must be greater than or equal to 0";
export const POSITIVE = "must be greater than zero";
export const IMMUTABLE = "field is immutable";
export const MAX_INT32 = 2_147_483_647;

export const inclusiveRange = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

/** Adds one Invalid per message. */
export function addInvalid(errors: FieldError[], field: string, value: unknown, messages: readonly string[]): void {
  for (const message of messages) errors.push(invalid(field, value, message));
}

export function checkNonNegative(errors: FieldError[], field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(invalid(field, value, NON_NEGATIVE));
}

export function checkPositive(errors: FieldError[], field: string, value: number): void {
  if (value <= 0) errors.push(invalid(field, value, POSITIVE));
}

export const checkLabel = (errors: FieldError[], field: string, value: string): void => addInvalid(errors, field, value, isDns1123Label(value));
export const checkSubdomain = (errors: FieldError[], field: string, value: string): void => addInvalid(errors, field, value, isDns1123Subdomain(value));
export const checkQualifiedName = (errors: FieldError[], field: string, value: string): void => addInvalid(errors, field, value, isQualifiedName(value));

export function checkPortNumOrName(errors: FieldError[], field: string, port: number | string): void {
  addInvalid(errors, field, port, typeof port === "number" ? isValidPortNumber(port) : isValidPortName(port));
}

/** Required when empty, Unsupported when not in the list. The list is printed as given. */
export function checkOneOf(errors: FieldError[], field: string, value: string | undefined, supported: readonly string[]): void {
  if (value === undefined || value === "") errors.push(required(field));
  else if (!supported.includes(value)) errors.push(notSupported(field, value, supported));
}

/** The same for an optional field: absent is fine, "" is not supported. */
export function checkOptionalOneOf(errors: FieldError[], field: string, value: string | undefined, supported: readonly string[]): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(field, value, supported));
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** Source: apimachinery/pkg/util/validation, IsDomainPrefixedPath. */
export function checkDomainPrefixedPath(errors: FieldError[], field: string, text: string): void {
  if (text === "") return void errors.push(required(field));
  const slash = text.indexOf("/");
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash <= 0 || path === "") return void errors.push(invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  addInvalid(errors, field, host, isDns1123Subdomain(host));
  if (!new RegExp(`^${HTTP_PATH}$`).test(path)) errors.push(invalid(field, path, regexText("Invalid path", HTTP_PATH)));
}
