import type { Status } from "../apimachinery/api.ts";
import { parseFieldSelector } from "../apimachinery/field-selector.ts";
import { EVERYTHING } from "../apimachinery/label-selector.ts";
import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import { notFound, notImplemented } from "../apimachinery/status.ts";
import type { DeleteOptionsInput, InformerOptions, PatchRequest } from "../client/contracts.ts";
import { assert } from "../kernel/assert.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import { ADMIN, type RequestScope, type ServerCore, stored, type User } from "./core.ts";
import { createBinding } from "./subresources/binding.ts";
import { createEviction } from "./subresources/eviction.ts";
import { FINALIZE } from "./subresources/finalize.ts";
import { canonicalObject } from "./verbs/canonical.ts";
import { createObject } from "./verbs/create.ts";
import { deleteObject } from "./verbs/delete.ts";
import { listObjects } from "./verbs/list.ts";
import { patchObject } from "./verbs/patch.ts";
import type { Selection } from "./verbs/selection.ts";
import { MAIN, STATUS, updateObject, type UpdateStrategy } from "./verbs/update.ts";
import { type WatchChange, watchChanges } from "./verbs/watch.ts";

export type Answered = Result<KubeObject | Status, Status>;

/**
 * The verbs for components of the cluster: the same pipeline as over HTTP, without text to parse.
 * Every call is answered at once; the client gives it its simulated time.
 */
export interface InternalApi {
  get(kind: KindDefinition, key: ObjectKey): Result<KubeObject, Status>;
  create(caller: Caller, kind: KindDefinition, object: KubeObject): Result<KubeObject, Status>;
  update(caller: Caller, kind: KindDefinition, object: KubeObject, subresource: string): Result<KubeObject, Status>;
  patch(caller: Caller, kind: KindDefinition, key: ObjectKey, patch: PatchRequest): Result<KubeObject, Status>;
  delete(caller: Caller, kind: KindDefinition, key: ObjectKey, options: DeleteOptionsInput): Answered;
  createSubresource(caller: Caller, kind: KindDefinition, key: ObjectKey, subresource: string, body: KubeObject): Answered;
  list(kind: KindDefinition, options: InformerOptions): { readonly items: readonly KubeObject[]; readonly revision: number };
  watch(kind: KindDefinition, options: InformerOptions, from: number, listener: (change: WatchChange) => void): Result<() => void, Status>;
}

export interface Caller {
  readonly user: User;
  readonly manager: string;
}

const CONTROLLER = /-(?:controller|collector|publisher|binder|autoscaler)$/;

/**
 * Components present themselves by their client's name. "kubelet/node-1" is the user system:node:node-1; controllers are service accounts of
 * kube-system and write as the one binary that they run in. Source: pkg/controller/client_builder_dynamic.go; kubeadm's certificates.
 */
export function callerNamed(name: string): Caller {
  const [component = name, node] = name.split("/");
  const authenticated = (user: string, ...groups: string[]): User => ({ name: user, groups: [...groups, "system:authenticated"] });
  if (component === "kubelet" && node !== undefined) return { user: authenticated(`system:node:${node}`, "system:nodes"), manager: component };
  const account = authenticated(`system:serviceaccount:kube-system:${component}`, "system:serviceaccounts", "system:serviceaccounts:kube-system");
  if (CONTROLLER.test(component)) return { user: account, manager: "kube-controller-manager" };
  return component === "kube-proxy" ? { user: account, manager: component } : { user: authenticated(`system:${component}`), manager: component };
}

const scopeFor = ({ user, manager }: Caller): RequestScope => ({ user, manager, dryRun: false, warnings: [] });

export const ADMIN_CALLER: Caller = { user: ADMIN, manager: "kubarium" };

export function createInternalApi(core: ServerCore): InternalApi {
  return {
    get: (kind, key) => {
      const found = stored(core, kind, key);
      return found === undefined ? err(notFound(kind, key.name)) : ok(found);
    },
    create: (caller, kind, object) => {
      const canonical = canonicalObject(kind, object);
      return canonical.ok ? createObject(core, kind, object.metadata.namespace ?? "", canonical.value, scopeFor(caller)) : canonical;
    },
    update: (caller, kind, object, subresource) => {
      const strategy = strategyOf(subresource);
      if (strategy === undefined) return err(notImplemented(`update of ${kind.plural}/${subresource} by components`));
      const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
      const canonical = canonicalObject(kind, object, stored(core, kind, key));
      if (!canonical.ok) return canonical;
      const updated = updateObject(core, kind, key, canonical.value, scopeFor(caller), strategy);
      return updated.ok ? ok(updated.value.object) : updated;
    },
    patch: (caller, kind, key, { type, body, subresource = "" }) => {
      const strategy = strategyOf(subresource);
      if (strategy === undefined) return err(notImplemented(`patch of ${kind.plural}/${subresource} by components`));
      const patched = patchObject(core, kind, key, type, ok(body), scopeFor(caller), strategy);
      return patched.ok ? ok(patched.value.object) : patched;
    },
    delete: (caller, kind, key, options) => {
      const gone = deleteObject(core, kind, key, options, scopeFor(caller));
      return gone.ok ? ok(gone.value.body) : gone;
    },
    createSubresource: (caller, kind, key, subresource, body) => {
      if (kind.kind === "Pod" && subresource === "binding") return createBinding(core, kind, key, body, scopeFor(caller));
      if (kind.kind === "Pod" && subresource === "eviction") return createEviction(core, kind, key, body, scopeFor(caller));
      return err(notImplemented(`create of ${kind.plural}/${subresource} by components`));
    },
    list: (kind, options) => {
      const listed = listObjects(core, kind, selectionOf(kind, options));
      assert(listed.ok, "a list of the present cannot fail");
      return { items: listed.value.items, revision: Number(listed.value.resourceVersion) };
    },
    watch: (kind, options, from, listener) => watchChanges(core, kind, selectionOf(kind, options), from, listener),
  };
}

function strategyOf(subresource: string): UpdateStrategy | undefined {
  if (subresource === "") return MAIN;
  return subresource === "status" ? STATUS : subresource === "finalize" ? FINALIZE : undefined;
}

function selectionOf(kind: KindDefinition, { namespace = "", fieldSelector = "" }: InformerOptions): Selection {
  const fields = parseFieldSelector(fieldSelector);
  assert(fields.ok, `the field selector ${fieldSelector} can be read`);
  for (const { field } of fields.value) assert(field.startsWith("metadata.") || Object.hasOwn(kind.selectableFields, field), `${kind.plural} can be selected by ${field}`);
  return { namespace, labels: EVERYTHING, fields: fields.value, all: fields.value.length === 0 };
}
