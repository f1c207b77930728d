import type { KubeObject } from "../../apimachinery/object.ts";
import type { ApiConnection, Informer, InformerFactory } from "../../client/contracts.ts";
import type { Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { ConfigMapObject, Container, PodObject, SecretObject } from "../../kinds/generated/types.ts";
import { ConfigMap } from "../../kinds/config-map.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { KINDS } from "../../kinds/registry.ts";
import { type Task, until, within } from "../task.ts";

export type ObjectSort = "configmap" | "secret";

export interface ObjectReference {
  readonly sort: ObjectSort;
  readonly namespace: string;
  readonly name: string;
}

interface Watched {
  readonly reference: ObjectReference;
  readonly factory: InformerFactory;
  readonly informer: Informer<KubeObject>;
  isSynced: boolean;
  readonly waiting: Set<() => void>;
  users: number;
}

const SYNC_TIMEOUT_US = secondsToUs(1);

/**
 * ConfigMaps and Secrets that pods of this node refer to: one watch per object, as long as a pod needs it.
 * Source: pkg/kubelet/util/manager/watch_based_manager.go.
 */
export class ObjectCache {
  private readonly watched = new Map<string, Watched>();

  constructor(
    private readonly connection: ApiConnection,
    private readonly componentName: string,
    private readonly clock: Clock,
    private readonly changed: (reference: ObjectReference) => void,
  ) {}

  acquire(reference: ObjectReference): void {
    const key = keyOf(reference);
    const known = this.watched.get(key);
    if (known !== undefined) {
      known.users += 1;
      return;
    }
    const kind = kindOf(reference.sort);
    if (kind === undefined) return;
    const factory = this.connection.informers(this.componentName);
    const informer = factory.informer(kind, { namespace: reference.namespace, fieldSelector: `metadata.name=${reference.name}` });
    const entry: Watched = { reference, factory, informer, isSynced: false, waiting: new Set(), users: 1 };
    this.watched.set(key, entry);
    const tell = (): void => { if (entry.isSynced) this.changed(reference); };
    informer.onChange({ add: tell, update: tell, delete: tell });
    factory.whenSynced(() => {
      entry.isSynced = true;
      for (const resume of entry.waiting) resume();
      entry.waiting.clear();
    });
    factory.start();
  }

  release(reference: ObjectReference): void {
    const entry = this.watched.get(keyOf(reference));
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.factory.stop();
    this.watched.delete(keyOf(reference));
  }

  /** The object, undefined when there is none; the error when the API server has not said yet. */
  *get(reference: ObjectReference): Task<Result<KubeObject | undefined, string>> {
    const entry = this.watched.get(keyOf(reference));
    if (entry === undefined) return ok(undefined);
    if (!entry.isSynced) {
      const wait = until<undefined>((done) => {
        const resume = (): void => done(undefined);
        entry.waiting.add(resume);
        return () => entry.waiting.delete(resume);
      });
      const answer = yield* within(this.clock, SYNC_TIMEOUT_US, "kubelet: wait for an object", wait);
      if (answer === undefined) return err(`failed to sync ${reference.sort} cache: timed out waiting for the condition`);
    }
    return ok(entry.informer.get({ namespace: reference.namespace, name: reference.name }));
  }

  /** As far as it is known now. */
  peek(reference: ObjectReference): KubeObject | undefined {
    return this.watched.get(keyOf(reference))?.informer.get({ namespace: reference.namespace, name: reference.name });
  }

  stop(): void {
    for (const { factory } of this.watched.values()) factory.stop();
    this.watched.clear();
  }
}

const keyOf = ({ sort, namespace, name }: ObjectReference): string => `${sort}/${namespace}/${name}`;

/** Secret is a kind only where it has been added to the registry. */
const kindOf = (sort: ObjectSort): KindDefinition | undefined => (sort === "configmap" ? (ConfigMap as unknown as KindDefinition) : KINDS.find(({ kind, group }) => kind === "Secret" && group === ""));

export const asConfigMap = (object: KubeObject | undefined): ConfigMapObject | undefined => object as ConfigMapObject | undefined;
export const asSecret = (object: KubeObject | undefined): SecretObject | undefined => object as SecretObject | undefined;

/** Every ConfigMap and Secret that a pod names, each once. Source: pkg/api/v1/pod/util.go, VisitPodConfigmapNames and VisitPodSecretNames. */
export function referencesOf(pod: PodObject): readonly ObjectReference[] {
  const found = new Map<string, ObjectReference>();
  const namespace = pod.metadata.namespace ?? "";
  const add = (sort: ObjectSort, name: string | undefined): void => {
    if (name === undefined || name === "") return;
    const reference = { sort, namespace, name };
    found.set(keyOf(reference), reference);
  };
  for (const { name } of pod.spec.imagePullSecrets ?? []) add("secret", name);
  const containers: readonly Container[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])];
  for (const container of containers) {
    for (const source of container.envFrom ?? []) {
      add("configmap", source.configMapRef?.name);
      add("secret", source.secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add("configmap", valueFrom?.configMapKeyRef?.name);
      add("secret", valueFrom?.secretKeyRef?.name);
    }
  }
  for (const volume of pod.spec.volumes ?? []) {
    add("configmap", volume.configMap?.name);
    add("secret", volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      add("configmap", source.configMap?.name);
      add("secret", source.secret?.name);
    }
  }
  return [...found.values()];
}
