import { canonicalQuantity } from "../../apimachinery/quantity.ts";
import type { ScalarType } from "../field-schema.ts";
import { canonicalBase64 } from "./base64.ts";
import { type DecodeState, saveTypeError, typeErrorText } from "./state.ts";
import { canonicalMicroTime, canonicalTime } from "./time.ts";

const INT32_MAX = 2_147_483_647;
const INT64_MAX = 2 ** 63;

/** Go's words for what a JSON value is. */
export function kindOfJson(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : value === null ? "null" : typeof value;
}

/** A value that is not null. undefined: wrong, and the error is in the state. */
export function decodeScalar(scalar: ScalarType, goType: string, value: unknown, state: DecodeState): unknown {
  switch (scalar) {
    case "string": case "Duration":
      return typeof value === "string" ? value : wrong(value, goType, state);
    case "bool":
      return typeof value === "boolean" ? value : wrong(value, goType, state);
    case "float":
      return typeof value === "number" ? value : wrong(value, goType, state);
    case "int32": case "int64":
      return decodeInt(scalar, goType, value, state);
    case "bytes":
      return decodeBytes(goType, value, state);
    case "IntOrString":
      return decodeIntOrString(value, state);
    case "Quantity":
      return decodeQuantity(value, state);
    case "Time": case "MicroTime":
      return decodeTime(scalar, value, state);
    case "RawExtension": case "FieldsV1":
      return value;
  }
}

function wrong(value: unknown, goType: string, state: DecodeState): undefined {
  saveTypeError(state, kindOfJson(value), goType);
  return undefined;
}

const fits = (scalar: "int32" | "int64", value: number): boolean =>
  Number.isInteger(value) && (scalar === "int32" ? value >= -INT32_MAX - 1 && value <= INT32_MAX : value >= -INT64_MAX && value < INT64_MAX);

function decodeInt(scalar: "int32" | "int64", goType: string, value: unknown, state: DecodeState): number | undefined {
  if (typeof value !== "number") return wrong(value, goType, state);
  if (fits(scalar, value)) return value;
  saveTypeError(state, `number ${value}`, goType);
  return undefined;
}

function decodeBytes(goType: string, value: unknown, state: DecodeState): string | undefined {
  if (typeof value !== "string") return wrong(value, goType, state);
  const text = canonicalBase64(value);
  if (text.ok) return text.value;
  state.saved ??= text.error;
  return undefined;
}

/** Source: staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go, UnmarshalJSON. */
function decodeIntOrString(value: unknown, state: DecodeState): number | string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" && fits("int32", value)) return value;
  state.fatal = typeErrorText(state, typeof value === "number" ? `number ${value}` : kindOfJson(value), "int32");
  return undefined;
}

/** Numbers are fine; anything else is read as text, and fails as text. */
function decodeQuantity(value: unknown, state: DecodeState): string | undefined {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : "{";
  const quantity = canonicalQuantity(text);
  if (quantity.ok) return quantity.value;
  state.fatal = quantity.error;
  return undefined;
}

function decodeTime(scalar: "Time" | "MicroTime", value: unknown, state: DecodeState): string | undefined {
  if (typeof value !== "string") {
    state.fatal = typeErrorText(state, kindOfJson(value), "string");
    return undefined;
  }
  const time = scalar === "Time" ? canonicalTime(value) : canonicalMicroTime(value);
  if (time.ok) return time.value;
  state.fatal = time.error;
  return undefined;
}
