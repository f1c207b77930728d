import type { Status } from "../../apimachinery/api.ts";
import { keyOf, type KubeObject } from "../../apimachinery/object.ts";
import { alreadyExists, badRequest, generateNameConflict, invalidObject, plainError } from "../../apimachinery/status.ts";
import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { codeOf, journalStage, type RequestScope, type RequestSubject, type ServerCore, stored } from "../core.ts";
import { fieldsAtCreation } from "../managed-fields/managers.ts";
import { generateName } from "../name-generator.ts";
import { withMeta } from "./metadata.ts";

const GENERATE_TRIES = 8;

/**
 * Creates a decoded object: mutating admission, defaults of the strategy, validation, validating admission, store.
 * Source: apiserver/pkg/endpoints/handlers/create.go; apiserver/pkg/registry/generic/registry/store.go, Store.Create; rest/create.go, BeforeCreate.
 */
export function createObject(core: ServerCore, kind: KindDefinition, namespace: string, input: KubeObject, scope: RequestScope): Result<KubeObject, Status> {
  const subject: RequestSubject = { verb: "create", kind, namespace, name: input.metadata.name ?? input.metadata.generateName ?? "" };
  const result = create(core, kind, namespace, input, scope, subject);
  journalStage(core, scope, subject, "response", { code: result.ok ? 201 : codeOf(result.error) });
  return result;
}

function create(core: ServerCore, kind: KindDefinition, namespace: string, input: KubeObject, scope: RequestScope, subject: RequestSubject): Result<KubeObject, Status> {
  journalStage(core, scope, subject, "authentication");
  journalStage(core, scope, subject, "authorization", { decision: "allow" });
  const placed = placeInNamespace(kind, namespace, input);
  if (!placed.ok) return placed;
  const attributes = { operation: "CREATE" as const, kind, subresource: "", namespace, name: input.metadata.name ?? "", old: undefined, user: scope.user, dryRun: scope.dryRun };
  const defaulted = kind.defaults(placed.value);
  const admitted = core.admission.mutate({ ...attributes, object: defaulted });
  journalStage(core, scope, subject, "mutating-admission", { allowed: admitted.ok });
  if (!admitted.ok) return admitted;
  const object = fillSystemFields(core, admitted.value);
  const made = kind.kind === "Service" ? core.services.onCreate(object) : ok(object);
  if (!made.ok) return made;
  const bare = prepare(core, kind, made.value);
  const prepared = withOwners(core, kind, bare, defaulted, scope);
  if ((input.metadata.resourceVersion ?? "") !== "") return err(plainError("resourceVersion should not be set on objects to be created"));
  const errors = kind.validate(prepared);
  journalStage(core, scope, subject, "validation", { errors: errors.length });
  if (errors.length > 0) return err(invalidObject(kind, prepared.metadata.name ?? "", errors));
  scope.warnings.push(...kind.warnings(prepared));
  const denial = core.admission.validate({ ...attributes, name: prepared.metadata.name, object: prepared });
  journalStage(core, scope, subject, "validating-admission", { allowed: denial === undefined });
  if (denial !== undefined) return err(denial);
  return commit(core, kind, prepared, scope, subject);
}

/** Source: apiserver/pkg/registry/rest/meta.go, EnsureObjectNamespaceMatchesRequestNamespace. */
function placeInNamespace(kind: KindDefinition, namespace: string, object: KubeObject): Result<KubeObject, Status> {
  const given = object.metadata.namespace ?? "";
  const wanted = kind.scope === "Namespaced" ? namespace : "";
  if (given === wanted) return ok(object);
  if (given === "" || wanted === "") return ok(withMeta(object, { namespace: wanted === "" ? undefined : wanted }));
  return err(badRequest("the namespace of the provided object does not match the namespace sent on the request"));
}

/** What only the server may say. Source: rest.FillObjectMetaSystemFields, BeforeCreate. */
function fillSystemFields(core: ServerCore, object: KubeObject): KubeObject {
  const { name, generateName: base } = object.metadata;
  const { time, clock } = core.context;
  return withMeta(object, {
    name: name || base === undefined || base === "" ? name : generateName(core.nameRng, base),
    uid: core.strategy().uid(), creationTimestamp: time.seconds(clock.now()), resourceVersion: undefined, generation: undefined, selfLink: undefined,
    deletionTimestamp: undefined, deletionGracePeriodSeconds: undefined, managedFields: undefined,
  });
}

function prepare(core: ServerCore, kind: KindDefinition, object: KubeObject): KubeObject {
  const prepared = kind.prepareForCreate(object, core.strategy());
  // Some strategies set a generation of their own; the others that track one begin with 1.
  return withMeta(prepared, { generation: prepared.metadata.generation ?? (kind.tracksGeneration ? 1 : undefined) });
}

/** Who owns what in a new object, for those that are asked about. */
function withOwners(core: ServerCore, kind: KindDefinition, object: KubeObject, asked: KubeObject, { managedFields, manager }: RequestScope): KubeObject {
  if (managedFields === undefined || managedFields === "given") return object;
  const { time, clock } = core.context;
  const entries = managedFields === "track" ? fieldsAtCreation(kind, asked, { manager, subresource: "", now: time.seconds(clock.now()) }) : managedFields;
  return withMeta(object, { managedFields: entries });
}

function commit(core: ServerCore, kind: KindDefinition, object: KubeObject, scope: RequestScope, subject: RequestSubject): Result<KubeObject, Status> {
  const generated = (object.metadata.generateName ?? "") !== "" && subject.name === object.metadata.generateName;
  let next = object;
  for (let attempt = 1; ; attempt++) {
    const taken = stored(core, kind, keyOf(next));
    if (taken === undefined) break;
    if (!generated) return err(existsStatus(kind, next, taken));
    if (attempt >= GENERATE_TRIES) return err(generateNameConflict(kind, next.metadata.name));
    next = withMeta(next, { name: generateName(core.nameRng, next.metadata.generateName ?? "") });
  }
  if (scope.dryRun) return ok(next);
  const written = core.store.create(kind.storagePrefix, withMeta(next, { resourceVersion: "0" }));
  assert(written.ok, "a key that was just seen to be free is free");
  journalStage(core, scope, { ...subject, name: written.value.metadata.name }, "etcd-write", { revision: core.store.revision });
  return ok(written.value);
}

function existsStatus(kind: KindDefinition, object: KubeObject, taken: KubeObject): Status {
  const status = alreadyExists(kind, object.metadata.name);
  return taken.metadata.deletionTimestamp === undefined ? status : { ...status, message: `object is being deleted: ${status.message ?? ""}` };
}
