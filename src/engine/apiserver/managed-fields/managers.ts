import type { Status, StatusCause } from "../../apimachinery/api.ts";
import { deepEqual, type JsonObject } from "../../apimachinery/deep.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { applyConflict, plainError } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { ManagedFieldsEntry } from "../../kinds/generated/types.ts";
import { decodeType } from "../../kinds/decode.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import { differenceOf, equalSets, type FieldSet, fromFieldsV1, intersectionOf, isEmptySet, NO_FIELDS, pathsOf, toFieldsV1, unionOf } from "./field-set.ts";
import { compare, faultsOf, fieldsOf, isSame, mergeTyped, removeFields, setOfBoth } from "./typed-values.ts";
import type { Shape } from "./shapes.ts";

/** Who owns which fields. Source: apimachinery/pkg/util/managedfields/internal/managedfields.go. */
interface Ownership {
  readonly entry: Omit<ManagedFieldsEntry, "fieldsV1" | "fieldsType" | "time">;
  readonly set: FieldSet;
  readonly time: string | undefined;
}

type Managers = ReadonlyMap<string, Ownership>;

/** Who writes, and when. */
export interface Writer {
  readonly manager: string;
  readonly subresource: string;
  readonly now: string;
}

/** Metadata that nobody owns. Source: managedfields/internal/stripmeta.go. */
const UNOWNED = new Set(["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"]);
const BEFORE_FIRST_APPLY = "before-first-apply";

const shapeOf = (kind: KindDefinition): Shape => ({ kind: "struct", schema: kind.schemaName });

/** The part of an object that can be owned. */
function ownable(object: KubeObject): JsonObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const meta = Object.fromEntries(Object.entries(metadata).filter(([name]) => !UNOWNED.has(name)));
  return Object.keys(meta).length === 0 ? rest : { metadata: meta, ...rest };
}

const idOf = ({ manager = "", operation = "", apiVersion = "", subresource = "" }: ManagedFieldsEntry): string =>
  `${manager}\0${operation}\0${operation === "Apply" ? "" : apiVersion}\0${subresource}`;

function readManagers(entries: readonly ManagedFieldsEntry[]): Managers {
  return new Map(entries.map((entry) => {
    const { fieldsV1, fieldsType: _type, time, ...rest } = entry;
    return [idOf(entry), { entry: rest, set: fromFieldsV1(fieldsV1), time }];
  }));
}

/** Entries in upstream's order: Apply before Update, then by time, then by name. Source: managedfields.go, sortEncodedManagedFields. */
function writeManagers(managers: Managers): ManagedFieldsEntry[] {
  const textOf = ({ operation = "", manager = "", apiVersion = "", subresource = "" }: ManagedFieldsEntry, time: string): string => [operation, time, manager, apiVersion, subresource].join("\0");
  return [...managers.values()].filter(({ set }) => !isEmptySet(set)).map(({ entry, set, time }): ManagedFieldsEntry => {
    const { manager, operation, apiVersion, subresource } = entry;
    return {
      ...(manager === undefined ? {} : { manager }), ...(operation === undefined ? {} : { operation }), ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(time === undefined ? {} : { time }), fieldsType: "FieldsV1", fieldsV1: toFieldsV1(set), ...(subresource === undefined ? {} : { subresource }),
    };
  }).sort((a, b) => (textOf(a, a.time ?? "") < textOf(b, b.time ?? "") ? -1 : 1));
}

/** What a server-side apply comes to. */
export interface Applied {
  /** The object to be decoded and defaulted; managedFields are not in it. */
  readonly value: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/**
 * Lays a configuration over the live object, takes away what this manager has given up, and says who owns what.
 * Source: structured-merge-diff/v4/merge/update.go, Updater.Apply; apimachinery/pkg/util/managedfields/fieldmanager.go.
 * Differs: what components of the cluster make is tracked from its first apply on (upstream: from its creation); until then all belongs to "before-first-apply".
 */
export function applyConfiguration(kind: KindDefinition, live: KubeObject | undefined, config: KubeObject, writer: Writer, force: boolean): Result<Applied, Status> {
  const shape = shapeOf(kind);
  const { namespace = "", name } = config.metadata;
  const wanted = ownable(config);
  const faults = faultsOf(shape, wanted);
  if (faults.length > 0) {
    const text = faults.length === 1 ? (faults[0] ?? "") : `errors:\n${faults.map((f) => `  ${f}`).join("\n")}`;
    return err(plainError(`failed to create typed patch object (${namespace}/${name}; ${groupVersion(kind)}, Kind=${kind.kind}): ${text}`));
  }
  const before = live === undefined ? {} : ownable(live);
  const entry: Ownership["entry"] = { manager: writer.manager, operation: "Apply", apiVersion: groupVersion(kind), ...(writer.subresource === "" ? {} : { subresource: writer.subresource }) };
  const id = idOf(entry);
  const managers = new Map(managersOf(kind, live, writer));
  const last = managers.get(id);
  const set = fieldsOf(shape, wanted);
  managers.set(id, { entry, set, time: last?.time });
  const merged = mergeTyped(shape, before, wanted) as JsonObject;
  const kept = [...managers.values()].reduce((all, m) => unionOf(all, m.set), NO_FIELDS);
  const pruned = last === undefined ? merged : (removeFields(shape, merged, differenceOf(last.set, kept), kept) as JsonObject);
  const changes = compare(shape, before, pruned);
  const conflicts = conflictsOf(managers, id, intersectWith(setOfBoth(changes)));
  if (!force && conflicts.length > 0) return err(conflictStatus(conflicts));
  const settled = settle(managers, id, setOfBoth(changes), changes.removed);
  const isOld = last !== undefined && isSame(changes) && equalSets(last.set, set);
  settled.set(id, { entry, set, time: isOld ? last.time : writer.now });
  const { resourceVersion, uid } = config.metadata;
  const metadata = {
    ...(pruned["metadata"] as JsonObject | undefined), ...identityOf(live, config),
    ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(uid === undefined ? {} : { uid }),
  };
  return ok({ value: { ...pruned, kind: kind.kind, apiVersion: groupVersion(kind), metadata }, managedFields: writeManagers(settled) });
}

/** Fields of metadata that merging has no part in. */
function identityOf(live: KubeObject | undefined, config: KubeObject): JsonObject {
  const source = live ?? config;
  return Object.fromEntries(Object.entries(source.metadata).filter(([name]) => UNOWNED.has(name) && name !== "managedFields"));
}

function managersOf(kind: KindDefinition, live: KubeObject | undefined, writer: Writer): Managers {
  if (live === undefined) return new Map();
  const entries = live.metadata.managedFields ?? [];
  if (entries.length > 0) return readManagers(entries);
  const entry: Ownership["entry"] = { manager: BEFORE_FIRST_APPLY, operation: "Update", apiVersion: groupVersion(kind) };
  return new Map([[idOf(entry), { entry, set: fieldsOf(shapeOf(kind), withoutStatus(ownable(live))), time: writer.now }]]);
}

/** Metadata as such belongs to nobody, so it is on both sides of every comparison. */
const comparable = (object: JsonObject): JsonObject => ({ metadata: {}, ...object });

function withoutStatus(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  return rest;
}

interface Conflict { readonly owner: Ownership; readonly paths: readonly string[] }

const intersectWith = (changed: FieldSet) => (set: FieldSet): FieldSet => intersectionOf(set, changed);

function conflictsOf(managers: Managers, self: string, changedIn: (set: FieldSet) => FieldSet): Conflict[] {
  return [...managers].filter(([id]) => id !== self).map(([, owner]): Conflict => ({ owner, paths: pathsOf(changedIn(owner.set)) })).filter((c) => c.paths.length > 0);
}

/** Others lose what has been changed or removed under them. */
function settle(managers: Managers, self: string, changed: FieldSet, removed: FieldSet): Map<string, Ownership> {
  const settled = new Map<string, Ownership>();
  for (const [id, owner] of managers) {
    const set = id === self ? owner.set : differenceOf(differenceOf(owner.set, intersectionOf(owner.set, changed)), removed);
    if (!isEmptySet(set)) settled.set(id, { ...owner, set });
  }
  return settled;
}

function managerText({ entry }: Ownership): string {
  const name = `${JSON.stringify(entry.manager ?? "")}${entry.subresource === undefined ? "" : ` with subresource ${JSON.stringify(entry.subresource)}`}`;
  return entry.operation === "Update" ? `${name} using ${entry.apiVersion ?? ""}` : name;
}

/** Source: managedfields/internal/conflict.go, NewConflictError. */
function conflictStatus(conflicts: readonly Conflict[]): Status {
  const sorted = [...conflicts].sort((a, b) => (managerText(a.owner) < managerText(b.owner) ? -1 : 1));
  const causes = sorted.flatMap(({ owner, paths }) => paths.map((field): StatusCause => ({ reason: "FieldManagerConflict", message: `conflict with ${managerText(owner)}`, field })));
  const [only] = causes;
  if (causes.length === 1 && only !== undefined) return applyConflict(causes, `Apply failed with 1 conflict: ${only.message ?? ""}: ${only.field ?? ""}`);
  const lines = sorted.flatMap(({ owner, paths }) => [`conflicts with ${managerText(owner)}:`, ...paths.map((p) => `- ${p}`)]);
  return applyConflict(causes, `Apply failed with ${causes.length} conflicts: ${lines.join("\n")}`);
}

/**
 * The managedFields of an object that a client has just made: all that it said and what was filled in by default.
 * Source: apiserver/pkg/endpoints/handlers/create.go.
 */
export function fieldsAtCreation(kind: KindDefinition, object: KubeObject, { manager, now }: Writer): readonly ManagedFieldsEntry[] {
  const entry: Ownership["entry"] = { manager, operation: "Update", apiVersion: groupVersion(kind) };
  const blank = decodeType<KubeObject>(kind.schemaName, {});
  const nothing = blank.ok ? ownable(blank.value.object) : {};
  const set = setOfBoth(compare(shapeOf(kind), comparable(withoutStatus(nothing)), comparable(withoutStatus(ownable(object)))));
  return writeManagers(new Map([[idOf(entry), { entry, set, time: now }]]));
}

/**
 * The managedFields of an object after an ordinary write; undefined when it is not tracked.
 * Source: merge/update.go, Updater.Update; fieldmanager.go, decodeLiveOrNew.
 */
export function trackUpdate(kind: KindDefinition, before: KubeObject, after: KubeObject, writer: Writer): readonly ManagedFieldsEntry[] | undefined {
  const given = writer.subresource === "" ? (after.metadata.managedFields ?? []) : [];
  if (given.length === 1 && Object.keys(given[0] ?? {}).length === 0) return undefined; // asked to forget
  const entries = given.length > 0 ? given : (before.metadata.managedFields ?? []);
  if (entries.length === 0) return undefined;
  const changes = compare(shapeOf(kind), comparable(ownable(before)), comparable(ownable(after)));
  if (isSame(changes)) return deepEqual(entries, before.metadata.managedFields) ? before.metadata.managedFields : entries;
  const entry: Ownership["entry"] = { manager: writer.manager, operation: "Update", apiVersion: groupVersion(kind), ...(writer.subresource === "" ? {} : { subresource: writer.subresource }) };
  const id = idOf(entry);
  const managers = readManagers(entries);
  const settled = settle(managers, id, setOfBoth(changes), changes.removed);
  const own = managers.get(id)?.set ?? NO_FIELDS;
  const set = unionOf(differenceOf(own, changes.removed), setOfBoth(changes));
  settled.set(id, { entry, set, time: equalSets(own, set) ? (managers.get(id)?.time ?? writer.now) : writer.now });
  return writeManagers(settled);
}
