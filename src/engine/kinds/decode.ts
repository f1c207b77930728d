import type { KubeObject } from "../apimachinery/object.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { decodeScalar, kindOfJson } from "./decoding/scalars.ts";
import { isEmptyInGo, zeroOfField } from "./decoding/zero.ts";
import { type DecodeState, newDecodeState, saveTypeError, strictError } from "./decoding/state.ts";
import type { FieldSchema, FieldType, TypeSchema } from "./field-schema.ts";
import { groupVersion, type KindDefinition } from "./kind-definition.ts";
import { goTypeOf, schemaOf } from "./schema.ts";

export interface Decoded<T> {
  readonly object: T;
  /** What strict field validation objects to, in the document's order: `unknown field "spec.foo"`. At most 100. */
  readonly strictErrors: readonly string[];
}

/**
 * Reads a JSON value as an object of this kind, the way the server's Go decoder does: types checked, fields in Go's order, quantities, times and
 * base64 in canonical form, unknown fields and what Go would leave out dropped. The error is the text after `cannot be handled as a Pod: `.
 * `kind` and `apiVersion` become the definition's; comparing them with the request is the caller's business.
 * Source: sigs.k8s.io/json (decode.go with strict mode), staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json.
 * Differs: a list that Go prints as null (no omitempty, nothing given) is [], so that readers need no null check.
 */
export function decode<T extends KubeObject = KubeObject>(definition: KindDefinition<T>, value: unknown): Result<Decoded<T>, string> {
  const decoded = decodeType<Record<string, unknown>>(definition.schemaName, value);
  if (!decoded.ok) return decoded;
  const { object, strictErrors } = decoded.value;
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  // The server sets the creation time of every object it stores; only embedded metadata shows Go's null.
  const { creationTimestamp, ...meta } = metadata as Record<string, unknown>;
  const ownMeta = creationTimestamp === null ? meta : metadata;
  const whole = { kind: definition.kind, apiVersion: groupVersion(definition), metadata: ownMeta, ...rest };
  return ok({ object: whole as unknown as T, strictErrors });
}

/** The same for any type of the table: "meta/v1.DeleteOptions", "core/v1.Binding". Unknown types are our own bug. */
export function decodeType<T = unknown>(schemaName: string, value: unknown): Result<Decoded<T>, string> {
  const schema = schemaOf(schemaName);
  if (schema === undefined) throw new Error(`No schema ${schemaName}`);
  const state = newDecodeState();
  if (!isObject(value)) return err(`json: cannot unmarshal ${kindOfJson(value)} into Go value of type ${schema.goType}`);
  const object = decodeObject(schema, value, state);
  const error = state.fatal ?? state.saved;
  return error === undefined ? ok({ object: object as T, strictErrors: state.strict }) : err(error);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

function decodeObject(schema: TypeSchema, value: Readonly<Record<string, unknown>>, state: DecodeState): Record<string, unknown> {
  const outer = state.struct;
  const found = new Map<FieldSchema, unknown>();
  for (const key of Object.keys(value)) {
    const field = schema.byName.get(key);
    if (field === undefined) {
      strictError(state, key);
      continue;
    }
    state.struct = schema.goStruct;
    state.fields.push(key);
    state.path.push(key);
    const decoded = decodeField(field, value[key], state);
    if (state.fatal !== undefined) return {};
    state.fields.pop();
    state.path.pop();
    if (decoded !== undefined) found.set(field, decoded);
  }
  state.struct = outer;
  const out: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const decoded = found.get(field) ?? zeroOfField(field);
    if (decoded === undefined || (field.omitEmpty && !field.pointer && isEmptyInGo(field.type, decoded))) continue;
    out[field.name] = decoded;
  }
  return out;
}

/** undefined: as if the field were absent. */
function decodeField(field: FieldSchema, value: unknown, state: DecodeState): unknown {
  if (value === null || value === undefined) return undefined;
  return decodeValue(field.type, field.goType, value, state);
}

function decodeValue(type: FieldType, goType: string, value: unknown, state: DecodeState): unknown {
  switch (type.kind) {
    case "scalar": return decodeScalar(type.scalar, goType, value, state);
    case "object": {
      const schema = schemaOf(type.schema);
      if (schema !== undefined && isObject(value)) return decodeObject(schema, value, state);
      break;
    }
    case "list":
      if (Array.isArray(value)) return decodeList(type.of, elementGoType(goType, type.of), value, state);
      break;
    case "map":
      if (isObject(value)) return decodeMap(type.of, value, state);
      break;
  }
  saveTypeError(state, kindOfJson(value), goType);
  return undefined;
}

const elementGoType = (goType: string, of: FieldType): string => (goType.startsWith("[]") ? goType.slice(2) : goTypeOf(of));

function decodeList(of: FieldType, goType: string, values: readonly unknown[], state: DecodeState): unknown[] {
  const out: unknown[] = [];
  for (let i = 0; i < values.length && state.fatal === undefined; i++) {
    state.path.push(i);
    const value = values[i];
    const decoded = value === null || value === undefined ? undefined : decodeValue(of, goType, value, state);
    if (state.fatal === undefined) state.path.pop();
    out.push(decoded ?? zeroOfElement(of));
  }
  return out;
}

function decodeMap(of: FieldType, value: Readonly<Record<string, unknown>>, state: DecodeState): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    const element = value[key];
    state.path.push(key);
    const decoded = element === null || element === undefined ? undefined : decodeValue(of, goTypeOf(of), element, state);
    if (state.fatal !== undefined) return {};
    state.path.pop();
    entries.push([key, decoded ?? zeroOfElement(of)]);
  }
  // Go prints maps in key order. fromEntries defines "__proto__" like any other key.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const zeroOfElement = (of: FieldType): unknown => zeroOfField({ name: "", type: of, goType: "", pointer: false, omitEmpty: false, required: true, patchStrategies: [] });
