import type { Status } from "../apimachinery/api.ts";
import { keyText, type KubeObject, type ObjectKey } from "../apimachinery/object.ts";
import type { ComponentContext } from "../client/contracts.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Rng } from "../kernel/rng.ts";
import type { ManagedFieldsEntry } from "../kinds/generated/types.ts";
import type { KindDefinition, StrategyContext } from "../kinds/kind-definition.ts";
import type { Descriptions } from "../kinds/openapi.ts";
import type { Store } from "../store/store.ts";
import type { AdmissionChain } from "./admission/admission.ts";
import type { KindTable } from "./kind-table.ts";
import type { NodeProxy } from "./node-proxy.ts";
import type { ServiceAllocator } from "./services/service-allocator.ts";

/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What goes with one request on its way through the server. */
export interface RequestScope {
  readonly user: User;
  /** Field manager: the `fieldManager` option, or the user agent up to its slash. */
  readonly manager: string;
  readonly dryRun: boolean;
  /** Texts for `Warning:` headers; verbs append. */
  readonly warnings: string[];
  /** "track": a new object's fields are the client's. Server-side apply says who owns what in a new object, or that the object itself says so ("given"). */
  readonly managedFields?: readonly ManagedFieldsEntry[] | "given" | "track";
}

/** What all parts of the server work with. */
export interface ServerCore {
  readonly context: ComponentContext;
  readonly store: Store;
  readonly kinds: KindTable;
  readonly admission: AdmissionChain;
  readonly services: ServiceAllocator;
  readonly strategy: () => StrategyContext;
  /** Suffixes of generated names. */
  readonly nameRng: Rng;
  readonly nodeProxy: () => NodeProxy | undefined;
  readonly descriptions: () => Descriptions;
  readonly outsideTimers: Pick<Clock, "after" | "every">;
}

export const ADMIN: User = { name: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };

/** The object stored under a key, in its frozen form. */
export const stored = (core: ServerCore, kind: KindDefinition, key: ObjectKey): KubeObject | undefined => core.store.get(kind.storagePrefix, keyText(key));

/** What the journal tells of one request. */
export interface RequestSubject {
  readonly verb: string;
  readonly kind: KindDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly subresource?: string;
}

/** Writes one stage of a request's way through the server to the journal. */
export function journalStage(core: ServerCore, scope: RequestScope, subject: RequestSubject, step: string, detail: Readonly<Record<string, string | number | boolean>> = {}): void {
  const { journal } = core.context;
  if (!journal.enabled) return;
  const { kind, verb, namespace, name, subresource = "" } = subject;
  journal.write({
    component: "kube-apiserver", step, phase: "instant", subject: `${kind.singular}/${namespace === "" ? name : `${namespace}/${name}`}`,
    detail: { verb, resource: kind.plural, name, user: scope.user.name, ...(subresource === "" ? {} : { subresource }), ...(scope.dryRun ? { dryRun: true } : {}), ...detail },
  });
}

/** HTTP code of a Status. */
export const codeOf = (status: Status): number => status.code ?? 500;
