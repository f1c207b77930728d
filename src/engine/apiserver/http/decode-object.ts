import type { Status } from "../../apimachinery/api.ts";
import { isJsonObject } from "../../apimachinery/deep.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { badRequest } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { decodeType } from "../../kinds/decode.ts";
import { schemaOf } from "../../kinds/schema.ts";
import { type Body, type BodyFault, summarize } from "./body.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** What a body is to be read as. */
export interface Target {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Name in the schema table: "core/v1.Pod". */
  readonly schemaName: string;
}

const SCHEME = "pkg/api/legacyscheme/scheme.go:30";
/** Versions that upstream still knows how to read, though it does not serve them. Source: pkg/apis/*\/install. */
const OLD_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  apps: ["v1beta1", "v1beta2"], extensions: ["v1beta1"], batch: ["v1beta1"], policy: ["v1beta1"], "networking.k8s.io": ["v1beta1"], "events.k8s.io": ["v1beta1"],
  "discovery.k8s.io": ["v1beta1"], "coordination.k8s.io": ["v1beta1"], "storage.k8s.io": ["v1beta1"], "rbac.authorization.k8s.io": ["v1beta1", "v1alpha1"],
  "scheduling.k8s.io": ["v1beta1", "v1alpha1"], "node.k8s.io": ["v1beta1"],
};

const groupVersionText = (group: string, version: string): string => (group === "" ? version : `${group}/${version}`);
/** Folder of a group's types in the schema table: "apps", "core", "rbac". */
const folderOf = (group: string): string => (group === "" ? "core" : (group.split(".")[0] ?? group));
const isKnown = (group: string, version: string, kind: string): boolean =>
  schemaOf(`${folderOf(group)}/${version}.${kind}`) !== undefined || ((OLD_VERSIONS[group] ?? []).includes(version) && schemaOf(`${folderOf(group)}/v1.${kind}`) !== undefined);

export interface DecodedBody {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/**
 * Reads the body of a create or update as an object of the wanted kind; errors are upstream's, to the character.
 * Source: apiserver/pkg/endpoints/handlers/{create,update,rest}.go, transformDecodeError; apimachinery/pkg/runtime/serializer/json/{json,meta}.go.
 */
export function decodeObjectBody(target: Target, read: Result<Body, BodyFault>, validation: FieldValidation): Result<DecodedBody, Status> {
  const unrecognized = (text: string, why: string): Status => badRequest(`the object provided is unrecognized (must be of type ${target.kind}): ${why} (${summarize(text)})`);
  if (!read.ok) {
    if ("status" in read.error) return err(read.error.status);
    const { syntax, text } = read.error;
    return err(unrecognized(text, syntax.startsWith("yaml:") ? syntax : `couldn't get version/kind; json parse error: ${syntax}`));
  }
  const body = read.value;
  const type = typeOf(body.value, target);
  if (!type.ok) return err(unrecognized(body.text ?? JSON.stringify(body.value) ?? "", type.error));
  const { group, version, kind } = type.value;
  const cannot = (why: string): Status => badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${target.kind}: ${why}`);
  if (!isKnown(group, version, kind) && !(group === target.group && version === target.version && kind === target.kind)) {
    return err(cannot(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(groupVersionText(group, version))} in scheme ${JSON.stringify(SCHEME)}`));
  }
  if (kind !== target.kind) return err(cannot(`converting (${version}.${kind}) to (${folderOf(target.group)}.${target.kind}): unknown conversion`));
  const decoded = decodeType<KubeObject>(target.schemaName, body.value ?? {});
  if (!decoded.ok) return err(cannot(decoded.error));
  const faults = validation === "Ignore" ? [] : strictFaults(body, decoded.value.strictErrors);
  if (validation === "Strict" && faults.length > 0) return err(cannot(`strict decoding error: ${faults.join(", ")}`));
  if (group !== target.group || version !== target.version) {
    return err(badRequest(`the API version in the data (${groupVersionText(group, version)}) does not match the expected API version (${groupVersionText(target.group, target.version)})`));
  }
  return ok({ object: identified(decoded.value.object, target), warnings: faults });
}

/** What the body says of its own type; what it leaves out is taken from the URL. Source: json.go, gvkWithDefaults. */
function typeOf(value: unknown, target: Target): Result<{ group: string; version: string; kind: string }, string> {
  if (value === null || value === undefined) return ok(target);
  const wrong = (what: string): Result<never, string> => err(`couldn't get version/kind; json parse error: json: cannot unmarshal ${what}`);
  if (!isJsonObject(value)) {
    const name = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
    return wrong(`${name} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`);
  }
  for (const field of ["apiVersion", "kind"] as const) {
    const given = value[field];
    if (given === undefined || given === null || typeof given === "string") continue;
    const name = Array.isArray(given) ? "array" : typeof given === "boolean" ? "bool" : typeof given;
    return wrong(`${name} into Go struct field .${field} of type string`);
  }
  const kind = (value["kind"] as string | undefined) || target.kind;
  const apiVersion = (value["apiVersion"] as string | undefined) ?? "";
  if (apiVersion === "") return ok({ group: target.group, version: target.version, kind });
  const parts = apiVersion.split("/");
  if (parts.length > 2) return err(`unexpected GroupVersion string: ${apiVersion}`);
  return ok({ group: parts.length === 2 ? (parts[0] ?? "") : "", version: parts.at(-1) ?? "", kind });
}

/** Unknown and repeated fields in the document's order. */
export function strictFaults(body: Pick<Body, "duplicates" | "order" | "duplicatesFirst">, unknown: readonly string[]): readonly string[] {
  if (body.duplicates.length === 0) return unknown;
  if (body.duplicatesFirst) return [...body.duplicates, ...unknown];
  const placeOf = (fault: string): number => body.order.indexOf(JSON.parse(fault.slice(fault.indexOf('"'))) as string);
  const all = [...unknown, ...body.duplicates].map((fault) => ({ fault, place: placeOf(fault), repeated: fault.startsWith("duplicate") ? 1 : 0 }));
  // A repeated field is noticed at its second appearance, after its neighbours in the same object.
  const parentOf = (fault: string): string => fault.slice(fault.indexOf('"')).replace(/\.?[^.[]*"$/, "");
  all.sort((a, b) => (parentOf(a.fault) === parentOf(b.fault) && a.repeated !== b.repeated ? a.repeated - b.repeated : a.place - b.place));
  return all.map(({ fault }) => fault);
}

/** Kind and version in front, and no null creation time. */
function identified(object: KubeObject, target: Target): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata = {}, ...rest } = object as Partial<KubeObject>;
  const { creationTimestamp, ...meta } = metadata as { creationTimestamp?: string | null };
  const own = creationTimestamp === null || creationTimestamp === undefined ? meta : metadata;
  return { kind: target.kind, apiVersion: groupVersionText(target.group, target.version), metadata: own, ...rest } as KubeObject;
}
