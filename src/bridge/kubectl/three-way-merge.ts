/**
 * The patch that makes the live object what the manifest says, leaving alone what others set.
 * Source: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go, CreateThreeWayMergePatch.
 * Differs: merge keys come from the table below (the built-in types' tags) and not from a schema.
 */
export function threeWayPatch(original: Json | undefined, modified: Json, current: Json): Record<string, Json> {
  return mapPatch(asMap(original), asMap(modified), asMap(current), "");
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };

/** Lists that are merged by a key; "" marks lists of primitives that are merged as sets. Every other list is replaced whole. */
function mergeKeyOf(field: string, parent: string): string | undefined {
  switch (field) {
    case "containers": case "initContainers": case "ephemeralContainers": case "imagePullSecrets": case "schedulingGates":
    case "volumes": case "resourceClaims": case "env": case "secrets":
      return "name";
    case "ports":
      return parent === "containers" || parent === "initContainers" || parent === "ephemeralContainers" ? "containerPort" : "port";
    case "volumeMounts":
      return "mountPath";
    case "volumeDevices":
      return "devicePath";
    case "hostAliases": case "podIPs": case "hostIPs":
      return "ip";
    case "topologySpreadConstraints":
      return "topologyKey";
    case "conditions": case "addresses":
      return parent === "status" ? "type" : undefined;
    case "ownerReferences":
      return "uid";
    case "finalizers": case "podCIDRs":
      return "";
    default:
      return undefined;
  }
}

/** Unions: what the manifest no longer names must go, although nobody deletes it by name. */
const RETAIN_KEYS = new Set(["strategy", "volumes"]);

function mapPatch(original: JsonMap, modified: JsonMap, current: JsonMap, parent: string): Record<string, Json> {
  const patch: Record<string, Json> = {};
  for (const [key, value] of Object.entries(modified)) {
    const live = current[key];
    if (value === null) {
      if (live !== undefined) patch[key] = null;
    } else if (live === undefined) patch[key] = value;
    else if (isMap(value) && isMap(live)) {
      const inner = mapPatch(asMap(original[key]), value, live, key);
      if (Object.keys(inner).length > 0) patch[key] = RETAIN_KEYS.has(key) ? { $retainKeys: Object.keys(value).toSorted(), ...inner } : inner;
    } else if (Array.isArray(value) && Array.isArray(live)) Object.assign(patch, listPatch(key, parent, asList(original[key]), value as readonly Json[], live as readonly Json[]));
    else if (!equal(value, live)) patch[key] = value;
  }
  for (const key of Object.keys(original)) if (!(key in modified) && key in current) patch[key] = null;
  return patch;
}

function listPatch(field: string, parent: string, original: readonly Json[], modified: readonly Json[], current: readonly Json[]): Record<string, Json> {
  const mergeKey = mergeKeyOf(field, parent);
  if (mergeKey === undefined) return equal(modified, current) ? {} : { [field]: modified };
  if (mergeKey === "") {
    const added = modified.filter((item) => !current.some((live) => equal(live, item)));
    const gone = original.filter((item) => !modified.some((kept) => equal(kept, item)) && current.some((live) => equal(live, item)));
    if (added.length + gone.length === 0) return {};
    return { [`$setElementOrder/${field}`]: modified, ...(gone.length > 0 ? { [`$deleteFromPrimitiveList/${field}`]: gone } : {}), ...(added.length > 0 ? { [field]: added } : {}) };
  }
  const find = (list: readonly Json[], item: Json): JsonMap | undefined => list.map(asMap).find((other) => equal(other[mergeKey] ?? null, asMap(item)[mergeKey] ?? null));
  const changes: Json[] = [];
  for (const item of modified) {
    const live = find(current, item);
    if (live === undefined) changes.push(item);
    else {
      const inner = mapPatch(asMap(find(original, item)), asMap(item), live, field);
      if (Object.keys(inner).length > 0) changes.push({ ...(RETAIN_KEYS.has(field) ? { $retainKeys: Object.keys(asMap(item)).toSorted() } : {}), ...inner, [mergeKey]: asMap(item)[mergeKey] ?? null });
    }
  }
  for (const item of original) if (find(modified, item) === undefined && find(current, item) !== undefined) changes.push({ $patch: "delete", [mergeKey]: asMap(item)[mergeKey] ?? null });
  if (changes.length === 0) return {};
  return { [`$setElementOrder/${field}`]: modified.map((item) => ({ [mergeKey]: asMap(item)[mergeKey] ?? null })), [field]: changes };
}

const isMap = (value: Json | undefined): value is JsonMap => value !== null && typeof value === "object" && !Array.isArray(value);
const asMap = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});
const asList = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item: Json, i: number) => equal(item, (b as readonly Json[])[i] ?? null));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key] ?? null, b[key] ?? null));
}
