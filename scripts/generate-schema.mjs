// Writes src/engine/kinds/generated/schema.ts (what the engine decodes, patches and publishes by) and descriptions.ts (help texts, loaded on demand).
// Facts: scripts/data/k8s-1.33-fields.json (names, types, Go order and flags), scripts/data/k8s-schema-facts.mjs (markers, enums, Go names),
// integer widths and required fields from the models of @kubernetes/client-node, descriptions from kubernetes-types and those models (both Apache-2.0).
// Usage: node scripts/generate-schema.mjs          (the tidy test runs it with --check)
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { ATOMIC_STRUCTS, ENUMS, FIELD_MARKERS, GO_TYPES, INT_FORMATS, NAMED_MAPS } from "./data/k8s-schema-facts.mjs";

/** @type {Record<string, [number, string, string, string][]>} */
const messages = JSON.parse(readFileSync(new URL("./data/k8s-1.33-fields.json", import.meta.url), "utf8"));
const packages = new URL("../node_modules/", import.meta.url);
const generated = new URL("../src/engine/kinds/generated/", import.meta.url);

/** Messages without ObjectMeta that carry apiVersion and kind all the same. */
const OTHER_TYPE_META = new Set(["meta/v1.Status", "meta/v1.DeleteOptions", "core/v1.PodList"]);

/** @typedef {{ format: Map<string, string>, optional: Set<string>, known: Set<string>, text: Map<string, string> }} Model */

/** @param {string} full @returns {Model | undefined} */
function readModel(full) {
  const [groupVersion = "", simple = ""] = full.split(/\.(?=[^.]+$)/);
  const [group = "", version = ""] = groupVersion.split("/");
  const upper = (/** @type {string} */ text) => `${text[0]?.toUpperCase()}${text.slice(1)}`;
  const names = [`${upper(version)}${simple}`, `${upper(group)}${upper(version)}${simple}`];
  const base = names.map((name) => new URL(`@kubernetes/client-node/dist/gen/models/${name}`, packages)).find((url) => existsSync(new URL(`${url.href}.js`)));
  if (base === undefined) return undefined;
  const code = readFileSync(new URL(`${base.href}.js`), "utf8");
  const types = readFileSync(new URL(`${base.href}.d.ts`), "utf8");
  /** @type {Model} */
  const model = { format: new Map(), optional: new Set(), known: new Set(), text: new Map() };
  for (const [, name = "", format = ""] of code.matchAll(/"baseName": "([^"]+)",\s+"type": "[^"]+",\s+"format": "([^"]*)"/g)) {
    model.known.add(name);
    if (format !== "") model.format.set(name, format);
  }
  for (const [, text, name = "", mark] of types.matchAll(/(?:\/\*\*\n {4}\* (.*)\n {4}\*\/\n)? {4}'([^']+)'(\??):/g)) {
    if (mark === "?") model.optional.add(name);
    if (text !== undefined) model.text.set(name, text.replace(/\\(["'])/g, "$1"));
  }
  const head = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/.exec(types);
  if (head?.[1] !== undefined) model.text.set("", head[1].replace(/\\(["'])/g, "$1"));
  return model;
}

/** Interface name → field → description, of one kubernetes-types file. @param {string} groupVersion @returns {Map<string, Map<string, string>>} */
function readDescriptions(groupVersion) {
  const file = new URL(`kubernetes-types/${groupVersion}.d.ts`, packages);
  const out = new Map();
  if (!existsSync(file)) return out;
  let comment = "";
  /** @type {Map<string, string>} */
  let fields = new Map();
  for (const line of readFileSync(file, "utf8").replace(/\/\*\*([\s\S]*?)\*\//g, (_, /** @type {string} */ body) => `/**${body.split(/\n\s*\* ?/).map((part) => part.trim()).join("\u0000")}*/`).split("\n")) {
    const doc = /^\s*\/\*\*(.*)\*\/$/.exec(line);
    if (doc !== null) comment = (doc[1] ?? "").replaceAll("\u0000", "\n").trim();
    const owner = /^export interface (\w+)/.exec(line);
    const field = /^ {4}"?([\w$-]+)"?\??:/.exec(line);
    if (owner !== null) {
      fields = new Map([["", comment]]);
      out.set(owner[1] ?? "", fields);
      comment = "";
    } else if (field !== null) {
      if (comment !== "") fields.set(field[1] ?? "", comment);
      comment = "";
    }
  }
  return out;
}

/** @param {string} full */
function carriesTypeMeta(full) {
  return OTHER_TYPE_META.has(full) || (!/Template(Spec)?$/.test(full) && (messages[full] ?? []).some(([, name, type]) => name === "metadata" && type === "meta/v1.ObjectMeta"));
}

/** @param {string} full @param {Model | undefined} model @returns {string[]} */
function fieldRows(full, model) {
  const rows = carriesTypeMeta(full) ? ['["kind","string","o"]', '["apiVersion","string","o"]'] : [];
  for (const [, name, rawType, flags] of messages[full] ?? []) {
    if (flags.includes("i")) {
      rows.push(...fieldRows(rawType, readModel(rawType) ?? model));
      continue;
    }
    const key = `${full}.${name}`;
    const type = rawType.replace(/^(\[\])?int$/, (_, list = "") => `${list}${model?.format.get(name) ?? lookupInt(key, rawType)}`);
    const required = model?.known.has(name) ? !model.optional.has(name) : !/[op]/.test(flags);
    const markers = FIELD_MARKERS.get(key);
    const go = GO_TYPES.get(key) ?? (rawType in NAMED_MAPS ? NAMED_MAPS[/** @type {keyof typeof NAMED_MAPS} */ (rawType)] : undefined);
    const extra = { ...(go === undefined ? {} : { go }), ...markers };
    rows.push(JSON.stringify([name, type, `${flags}${required ? "r" : ""}`, ...(Object.keys(extra).length > 0 ? [extra] : [])]));
  }
  return rows;
}

/** @param {string} key @param {string} rawType */
function lookupInt(key, rawType) {
  const known = INT_FORMATS[/** @type {keyof typeof INT_FORMATS} */ (key)];
  if (typeof known === "string") return known;
  if (rawType === "[]int") return INT_LISTS[/** @type {keyof typeof INT_LISTS} */ (key)] ?? fail(key);
  return fail(key);
}
const INT_LISTS = { "core/v1.PodSecurityContext.supplementalGroups": "int64", "core/v1.LinuxContainerUser.supplementalGroups": "int64", "batch/v1.PodFailurePolicyOnExitCodesRequirement.values": "int32" };
/** @param {string} key @returns {never} */
function fail(key) {
  throw new Error(`No package says whether ${key} is int32 or int64: add it to INT_FORMATS in scripts/data/k8s-schema-facts.mjs`);
}

const NOTICE = [
  "// Generated by scripts/generate-schema.mjs. Do not edit.",
  "// Facts about the Kubernetes v1.33 API (https://github.com/kubernetes/kubernetes, Apache-2.0), read from its protobuf definitions and from the packages",
];

/** @type {string[]} */
const schema = [
  ...NOTICE, "// @kubernetes/client-node (Apache-2.0); list and merge markers, enums and Go names from scripts/data/k8s-schema-facts.mjs.", "",
  'import type { RawFieldSchema } from "../field-schema.ts";', "",
  "/** Values of Go's named string types, sorted. */",
  `export const ENUMS: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(Object.fromEntries(Object.entries(ENUMS).filter(([, values]) => values.length > 0)))};`, "",
  "/** Types that server-side apply replaces as a whole. */",
  `export const ATOMIC_TYPES: readonly string[] = ${JSON.stringify([...ATOMIC_STRUCTS].sort())};`, "",
  "/** Every type's fields in Go's order: [json name, type, flags (p pointer, o omitempty, r required), markers]. */",
  "export const MESSAGES: Readonly<Record<string, readonly RawFieldSchema[]>> = {",
];
/** @type {string[]} */
const texts = [
  ...NOTICE, "// kubernetes-types (Apache-2.0) and @kubernetes/client-node (Apache-2.0): the descriptions of upstream's OpenAPI document.", "",
  '/** Type → field → description; "" is the type itself. Large: import it on demand. */',
  "export const DESCRIPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {",
];
const seen = new Set(FIELD_MARKERS.keys());
/** @type {Map<string, Map<string, Map<string, string>>>} */
const described = new Map();
for (const full of Object.keys(messages)) {
  const model = readModel(full);
  schema.push(`${JSON.stringify(full)}:[${fieldRows(full, model).join(",")}],`);
  const [groupVersion = "", simple = ""] = full.split(/\.(?=[^.]+$)/);
  if (!described.has(groupVersion)) described.set(groupVersion, readDescriptions(groupVersion));
  const help = described.get(groupVersion)?.get(simple);
  /** @type {Record<string, string>} */
  const out = {};
  for (const name of ["", ...flatNames(full)]) {
    const text = help?.get(name) || model?.text.get(name);
    if (text !== undefined && text !== "") out[name] = text;
  }
  texts.push(`${JSON.stringify(full)}:${JSON.stringify(out)},`);
  for (const [, name] of messages[full] ?? []) seen.delete(`${full}.${name}`);
}
for (const key of [...seen, ...[...GO_TYPES.keys()].filter((key) => !hasField(key))]) throw new Error(`scripts/data/k8s-schema-facts.mjs names ${key}, which does not exist`);
schema.push("};", "");
texts.push("};", "");

/** @param {string} full @returns {string[]} */
function flatNames(full) {
  const own = (messages[full] ?? []).flatMap(([, name, type, flags]) => (flags.includes("i") ? flatNames(type) : [name]));
  return carriesTypeMeta(full) ? ["kind", "apiVersion", ...own] : own;
}
/** @param {string} key */
function hasField(key) {
  const at = key.lastIndexOf(".");
  return (messages[key.slice(0, at)] ?? []).some(([, name]) => name === key.slice(at + 1));
}

for (const [name, text] of /** @type {[string, string][]} */ ([["schema.ts", schema.join("\n")], ["descriptions.ts", texts.join("\n")]])) {
  const target = new URL(name, generated);
  if (!process.argv.includes("--check")) writeFileSync(target, text);
  else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    console.error(`src/engine/kinds/generated/${name} is stale: run node scripts/generate-schema.mjs`);
    process.exitCode = 1;
  }
}
