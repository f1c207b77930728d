import { isJsonObject, type JsonObject } from "./deep.ts";

/** RFC 7396: null removes a member, objects merge, everything else replaces. Untouched subtrees are shared with `target`. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const base: JsonObject = isJsonObject(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === undefined) continue;
    if (value === null) delete merged[key];
    else merged[key] = isJsonObject(value) ? applyMergePatch(base[key], value) : value;
  }
  return merged;
}
