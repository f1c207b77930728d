import type { Sys } from "../../process/wait.ts";
import type { Statement } from "./parse.ts";

/** Values of the small Python. Whole numbers and others share one type; `Float` marks those that print with a point. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Native = (args: readonly Value[], named: ReadonlyMap<string, Value>) => Sys<Value>;

export interface PythonFunction {
  readonly kind: "function";
  readonly name: string;
  readonly parameters: readonly (readonly [string, Value | undefined])[];
  readonly body: readonly Statement[];
}

export interface Module {
  readonly kind: "module";
  readonly name: string;
  readonly members: ReadonlyMap<string, Value>;
}

export type Value = number | string | boolean | null | Float | Value[] | Map<Value, Value> | { readonly kind: "native"; readonly name: string; readonly run: Native } | PythonFunction | Module | { readonly kind: "tuple"; readonly items: readonly Value[] };

/** An exception on its way up. */
export class Raised {
  readonly kind: string;
  readonly text: string;
  line = 0;
  constructor(kind: string, text: string) {
    this.kind = kind;
    this.text = text;
  }
}

/** sys.exit. */
export class SystemExit {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

export const tuple = (items: readonly Value[]): Value => ({ kind: "tuple", items });
export const native = (name: string, run: Native): Value => ({ kind: "native", name, run });
export const moduleOf = (name: string, members: Readonly<Record<string, Value>>): Module => ({ kind: "module", name, members: new Map(Object.entries(members)) });

export const isNumber = (value: Value): value is number | boolean | Float => typeof value === "number" || typeof value === "boolean" || value instanceof Float;
export const numberOf = (value: number | boolean | Float): number => (value instanceof Float ? value.value : Number(value));

export function truth(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === "") return false;
  if (value instanceof Float) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return typeof value !== "object" || value.kind !== "tuple" || value.items.length > 0;
}

export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (typeof value === "string") return "str";
  if (value instanceof Float) return "float";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  return value.kind === "tuple" ? "tuple" : value.kind === "module" ? "module" : "function";
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return value.toFixed(1);
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** str(value) */
export function str(value: Value): string {
  return typeof value === "string" ? value : repr(value);
}

export function repr(value: Value, depth = 0): string {
  if (depth > 20) return "...";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : BigInt(Math.trunc(value)).toString();
  if (typeof value === "string") return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}'`;
  if (value instanceof Float) return floatText(value.value);
  if (Array.isArray(value)) return `[${value.map((item) => repr(item, depth + 1)).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${repr(key, depth + 1)}: ${repr(item, depth + 1)}`).join(", ")}}`;
  if (value.kind === "tuple") return `(${value.items.map((item) => repr(item, depth + 1)).join(", ")}${value.items.length === 1 ? "," : ""})`;
  return value.kind === "module" ? `<module '${value.name}'>` : `<function ${value.name}>`;
}

export function equal(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));
  return a === b;
}
