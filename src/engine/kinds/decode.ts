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

/** What decoding needs of a field, worked out once per type. */
interface Slot {
  readonly name: string;
  readonly type: FieldType;
  readonly goType: string;
  /** What stands there when nothing is given; undefined: nothing does. */
  readonly zero: unknown;
  /** Go leaves the field out when it is empty. */
  readonly dropsEmpty: boolean;
}

interface Layout {
  readonly goStruct: string;
  readonly slots: readonly Slot[];
  readonly indexOf: ReadonlyMap<string, number>;
}

const layouts = new WeakMap<TypeSchema, Layout>();

function layoutOf(schema: TypeSchema): Layout {
  const known = layouts.get(schema);
  if (known !== undefined) return known;
  const slots = schema.fields.map((field: FieldSchema): Slot => ({ name: field.name, type: field.type, goType: field.goType, zero: zeroOfField(field), dropsEmpty: field.omitEmpty && !field.pointer }));
  const layout = { goStruct: schema.goStruct, slots, indexOf: new Map(slots.map((slot, index) => [slot.name, index])) };
  layouts.set(schema, layout);
  return layout;
}

function decodeObject(schema: TypeSchema, value: Readonly<Record<string, unknown>>, state: DecodeState): Record<string, unknown> {
  const { goStruct, slots, indexOf } = layoutOf(schema);
  const outer = state.struct;
  const found: unknown[] = [];
  for (const key of Object.keys(value)) {
    const index = indexOf.get(key);
    const slot = index === undefined ? undefined : slots[index];
    if (index === undefined || slot === undefined) {
      strictError(state, key);
      continue;
    }
    const given = value[key];
    if (given === null || given === undefined) continue; // as if it were absent
    state.struct = goStruct;
    state.fields.push(key);
    state.path.push(key);
    const decoded = decodeValue(slot.type, slot.goType, given, state);
    if (state.fatal !== undefined) return {};
    state.fields.pop();
    state.path.pop();
    if (decoded !== undefined) found[index] = decoded;
  }
  state.struct = outer;
  const out: Record<string, unknown> = {};
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index] as Slot;
    const decoded = found[index] ?? slot.zero;
    if (decoded === undefined || (slot.dropsEmpty && isEmptyInGo(slot.type, decoded))) continue;
    out[slot.name] = decoded;
  }
  return out;
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
  const out: Record<string, unknown> = {};
  const goType = goTypeOf(of);
  // Go prints maps in key order.
  for (const key of Object.keys(value).sort()) {
    const element = value[key];
    state.path.push(key);
    const decoded = element === null || element === undefined ? undefined : decodeValue(of, goType, element, state);
    if (state.fatal !== undefined) return {};
    state.path.pop();
    const kept = decoded ?? zeroOfElement(of);
    if (key === "__proto__") Object.defineProperty(out, key, { value: kept, enumerable: true, configurable: true, writable: true });
    else out[key] = kept;
  }
  return out;
}

const zeroOfElement = (of: FieldType): unknown => zeroOfField({ name: "", type: of, goType: "", pointer: false, omitEmpty: false, required: true, patchStrategies: [] });
