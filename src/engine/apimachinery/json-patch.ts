import { deepEqual, isJsonObject } from "./deep.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** More operations than this are refused. Source: apiserver/pkg/endpoints/handlers/patch.go, maxJSONPatchOperations. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

type Container = Record<string, unknown> | unknown[];

/**
 * RFC 6902. Copies what it changes and shares the rest. The error tells people what failed; the API server answers a fixed sentence instead.
 * Negative array indexes count from the end, as in the library that upstream uses.
 */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): Result<unknown, string> {
  let root = document;
  for (const operation of operations) {
    const next = applyOperation(root, operation);
    if (!next.ok) return next;
    root = next.value;
  }
  return ok(root);
}

function applyOperation(root: unknown, operation: unknown): Result<unknown, string> {
  if (!isJsonObject(operation)) return err("an operation is an object");
  const { op, path, from, value } = operation;
  if (typeof path !== "string") return err("missing path");
  switch (op) {
    case "add": return value === undefined ? err("missing value") : write(root, path, value, "add");
    case "replace": return value === undefined ? err("missing value") : write(root, path, value, "replace");
    case "remove": return remove(root, path);
    case "test": return test(root, path, value);
    case "move": case "copy": {
      if (typeof from !== "string") return err("missing from");
      const found = read(root, from);
      if (!found.ok) return found;
      const base = op === "move" ? remove(root, from) : ok(root);
      return base.ok ? write(base.value, path, found.value, "add") : base;
    }
    default: return err(`unexpected kind: ${String(op)}`);
  }
}

function test(root: unknown, path: string, value: unknown): Result<unknown, string> {
  const found = read(root, path);
  const actual = found.ok ? found.value : null;
  if (!found.ok && value !== null && value !== undefined) return found;
  return deepEqual(actual ?? null, value ?? null) ? ok(root) : err(`testing value ${path} failed`);
}

const segmentsOf = (path: string): string[] => (path === "" ? [] : path.slice(path.startsWith("/") ? 1 : 0).split("/").map((s) => s.replaceAll("~1", "/").replaceAll("~0", "~")));

function read(root: unknown, path: string): Result<unknown, string> {
  let at = root;
  for (const segment of segmentsOf(path)) {
    const index = Array.isArray(at) ? arrayIndex(segment, at.length, at.length - 1) : segment;
    if (index === undefined || at === null || typeof at !== "object") return err(`missing path ${path}`);
    at = (at as Record<string | number, unknown>)[index];
    if (at === undefined) return err(`missing path ${path}`);
  }
  return ok(at);
}

const write = (root: unknown, path: string, value: unknown, mode: "add" | "replace"): Result<unknown, string> => {
  const segments = segmentsOf(path);
  return segments.length === 0 ? ok(value) : edit(root, segments, 0, path, (parent, key) => put(parent, key, value, mode, path));
};

function put(parent: Container, key: string, value: unknown, mode: "add" | "replace", path: string): string | undefined {
  if (!Array.isArray(parent)) {
    if (mode === "replace" && parent[key] === undefined) return `replace operation does not apply: doc is missing key: ${path}`;
    parent[key] = value;
    return undefined;
  }
  const index = key === "-" && mode === "add" ? parent.length : arrayIndex(key, parent.length, mode === "add" ? parent.length : parent.length - 1);
  if (index === undefined) return `unable to access invalid index: ${key}`;
  parent.splice(index, mode === "add" ? 0 : 1, value);
  return undefined;
}

function remove(root: unknown, path: string): Result<unknown, string> {
  const segments = segmentsOf(path);
  if (segments.length === 0) return err("the whole document cannot be removed");
  return edit(root, segments, 0, path, (parent, key) => {
    if (Array.isArray(parent)) {
      const index = arrayIndex(key, parent.length, parent.length - 1);
      if (index === undefined) return `unable to access invalid index: ${key}`;
      parent.splice(index, 1);
    } else {
      if (parent[key] === undefined) return `unable to remove nonexistent key: ${key}`;
      delete parent[key];
    }
    return undefined;
  });
}

/** Copies the containers along the path and changes the last one. `change` returns what went wrong. */
function edit(at: unknown, segments: readonly string[], depth: number, path: string, change: (parent: Container, key: string) => string | undefined): Result<unknown, string> {
  if (at === null || typeof at !== "object") return err(`missing path ${path}`);
  const copy: Container = Array.isArray(at) ? [...(at as unknown[])] : { ...(at as Record<string, unknown>) };
  const key = segments[depth] ?? "";
  if (depth === segments.length - 1) {
    const fault = change(copy, key);
    return fault === undefined ? ok(copy) : err(fault);
  }
  const index = Array.isArray(copy) ? arrayIndex(key, copy.length, copy.length - 1) : key;
  if (index === undefined) return err(`missing path ${path}`);
  const child = edit((copy as Record<string | number, unknown>)[index], segments, depth + 1, path, change);
  if (!child.ok) return child;
  (copy as Record<string | number, unknown>)[index] = child.value;
  return ok(copy);
}

function arrayIndex(text: string, length: number, max: number): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const index = Number(text) < 0 ? Number(text) + length : Number(text);
  return index >= 0 && index <= max ? index : undefined;
}
