import type { Result } from "../../../engine/kernel/result.ts";
import { type FieldRow, messageNameOf, messageRows } from "./message-table.ts";
import { readFields, WireError } from "./wire-reader.ts";

/** The media type of Kubernetes' protobuf envelope. */
export const PROTOBUF_MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
type JsonObject = { [key: string]: JsonValue };

export interface DecodeFailure {
  readonly message: string;
  /** What the envelope said, as far as it could be read. */
  readonly apiVersion: string;
  readonly kind: string;
}

const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);
const utf8 = new TextDecoder();

/**
 * A request body in protobuf as the JSON that a JSON client would have sent.
 * Source: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go, Decode.
 */
export function decodeProtobuf(body: Uint8Array): Result<JsonObject, DecodeFailure> {
  let apiVersion = "";
  let kind = "";
  try {
    if (body.length === 0) throw new WireError("empty data");
    if (body.length < MAGIC.length || MAGIC.some((byte, index) => body[index] !== byte)) {
      throw new WireError(`provided data does not appear to be a protobuf message, expected prefix [${MAGIC.join(" ")}]`);
    }
    if (body.length === MAGIC.length) throw new WireError("empty body");
    let raw: Uint8Array = new Uint8Array();
    for (const field of readFields(body.subarray(MAGIC.length))) {
      if (field.number === 1) {
        for (const part of readFields(bytesOf(field.value))) {
          if (part.number === 1) apiVersion = text(part.value);
          else if (part.number === 2) kind = text(part.value);
        }
      } else if (field.number === 2) raw = bytesOf(field.value);
    }
    if (kind === "") throw new WireError(`Object 'Kind' is missing in 'runtime.TypeMeta{APIVersion:"${apiVersion}", Kind:""}'`);
    const message = messageNameOf(apiVersion, kind);
    if (message === undefined) throw new WireError(`no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`);
    return { ok: true, value: { apiVersion, kind, ...decodeMessage(message, raw) } };
  } catch (error) {
    if (error instanceof WireError) return { ok: false, error: { message: error.message, apiVersion, kind } };
    throw error;
  }
}

/** Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go, summarizeData. */
export function summary(data: Uint8Array): string {
  if (data.length === 0) return "<empty>";
  const hex = Buffer.from(data.subarray(0, 30)).toString("hex");
  return data.length > 30 ? `${hex} ...` : hex;
}

/** Its recursion ends because no message of the table contains itself (the table's test checks that). */
function decodeMessage(name: string, bytes: Uint8Array): JsonObject {
  const rows = messageRows(name);
  if (rows === undefined) throw new WireError(`proto: unknown message ${name}`);
  const result: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const row = rows.get(number);
    if (row === undefined) continue; // a newer client's field: Go's decoders skip it, too
    if (row.inlined) Object.assign(result, decodeMessage(row.type, bytesOf(value)));
    else if (row.type.startsWith("[]")) appendTo(result, row, value);
    else if (row.type.startsWith("{}")) insertInto(result, row, value);
    else set(result, row.name, decodeValue(row.type, value), row.pointer);
  }
  return result;
}

/** Go writes every non-pointer scalar, zeros included; a JSON client leaves them out. */
function set(into: JsonObject, name: string, value: JsonValue, keepZero: boolean): void {
  if (keepZero ? value !== null : !isZero(value)) into[name] = value;
}

function isZero(value: JsonValue): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function appendTo(into: JsonObject, row: FieldRow, value: bigint | Uint8Array): void {
  const type = row.type.slice(2);
  const list = (into[row.name] ??= []) as JsonValue[];
  if (type === "int" && value instanceof Uint8Array) {
    for (const item of unpackVarints(value)) list.push(int(item)); // packed, as proto3 writers do
  } else list.push(decodeValue(type, value));
}

function insertInto(into: JsonObject, row: FieldRow, value: bigint | Uint8Array): void {
  const type = row.type.slice(2);
  const map = (into[row.name] ??= {}) as JsonObject;
  let key = "";
  let entry: JsonValue = emptyOf(type);
  for (const field of readFields(bytesOf(value))) {
    if (field.number === 1) key = text(field.value);
    else if (field.number === 2) {
      entry = type === "[]string" ? [...readFields(bytesOf(field.value))].filter((item) => item.number === 1).map((item) => text(item.value)) : decodeValue(type, field.value);
    }
  }
  // "__proto__" as a label key must stay a key.
  Object.defineProperty(map, key, { value: entry, enumerable: true, configurable: true, writable: true });
}

function emptyOf(type: string): JsonValue {
  if (type === "[]string") return [];
  if (type === "Time" || type === "MicroTime") return null;
  return type === "Quantity" ? "0" : "";
}

function decodeValue(type: string, value: bigint | Uint8Array): JsonValue {
  switch (type) {
    case "string": return text(value);
    case "int": return int(value);
    case "bool": return int(value) !== 0;
    case "bytes": return Buffer.from(bytesOf(value)).toString("base64");
    case "float": return double(value);
    case "Time": return timeText(bytesOf(value), 0);
    case "MicroTime": return timeText(bytesOf(value), 6);
    case "Quantity": return partOf(bytesOf(value), 1, "");
    case "IntOrString": return intOrString(bytesOf(value));
    case "Duration": return durationText(bytesOf(value));
    case "RawExtension":
    case "FieldsV1": return rawJson(bytesOf(value));
    default: return decodeMessage(type, bytesOf(value));
  }
}

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === "bigint") throw new WireError("proto: wrong wireType = 0");
  return value;
}

const text = (value: bigint | Uint8Array): string => utf8.decode(bytesOf(value));

function int(value: bigint | Uint8Array): number {
  if (typeof value !== "bigint") throw new WireError("proto: wrong wireType = 2");
  return Number(BigInt.asIntN(64, value)); // above 2^53 as inexact as JSON.parse would be
}

function double(value: bigint | Uint8Array): number {
  if (typeof value !== "bigint") throw new WireError("proto: wrong wireType = 2");
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return view.getFloat64(0);
}

function* unpackVarints(bytes: Uint8Array): Generator<bigint> {
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (shift > 70n) throw new WireError("proto: integer overflow");
    if (byte >= 0x80) continue;
    yield BigInt.asUintN(64, value);
    value = 0n;
    shift = 0n;
  }
  if (shift !== 0n) throw new WireError("unexpected EOF");
}

function partOf(bytes: Uint8Array, number: number, absent: string): string {
  let found = absent;
  for (const field of readFields(bytes)) if (field.number === number) found = text(field.value);
  return found;
}

function numbersOf(bytes: Uint8Array): Map<number, number> {
  const numbers = new Map<number, number>();
  for (const field of readFields(bytes)) if (typeof field.value === "bigint") numbers.set(field.number, int(field.value));
  return numbers;
}

/** RFC 3339 in UTC. An empty message is Go's zero time, which JSON writes as null. */
function timeText(bytes: Uint8Array, fractionDigits: number): string | null {
  const numbers = numbersOf(bytes);
  if (numbers.size === 0) return null;
  const date = new Date((numbers.get(1) ?? 0) * 1000);
  if (Number.isNaN(date.getTime())) throw new WireError("proto: time out of range");
  const seconds = date.toISOString().slice(0, -5);
  if (fractionDigits === 0) return `${seconds}Z`;
  return `${seconds}.${String(numbers.get(2) ?? 0).padStart(9, "0").slice(0, fractionDigits)}Z`;
}

function intOrString(bytes: Uint8Array): number | string {
  const numbers = numbersOf(bytes);
  return numbers.get(1) === 1 ? partOf(bytes, 3, "") : (numbers.get(2) ?? 0);
}

/** Source: Go's time.Duration.String, for whole seconds and below. */
function durationText(bytes: Uint8Array): string {
  const nanoseconds = numbersOf(bytes).get(1) ?? 0;
  return `${nanoseconds / 1e9}s`;
}

function rawJson(bytes: Uint8Array): JsonValue {
  const json = partOf(bytes, 1, "");
  if (json === "") return null;
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    throw new WireError("invalid JSON in an embedded object");
  }
}
