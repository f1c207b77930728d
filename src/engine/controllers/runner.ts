import { keyText, type KubeObject } from "../apimachinery/object.ts";
import type { ApiConnection, ComponentContext, WorkQueue } from "../client/contracts.ts";
import type { Cancel } from "../kernel/clock.ts";
import { controllerOf } from "./actions.ts";
import type { Change, Controller, KeyRequest } from "./controller.ts";
import { executePlan, isNamespaceTerminating, type SyncResult } from "./execute-plan.ts";
import { Expectations } from "./expectations.ts";
import type { InformerView } from "./informer-view.ts";

/** A running controller. */
export interface RunningController {
  /** The caches are filled: begin to work on keys. */
  begin(): void;
  stop(): void;
}

/**
 * Runs one controller: deliveries become keys, keys become plans, plans become requests.
 * A key is in work at most once; what happens to it meanwhile is looked at right after.
 * Source: staging/src/k8s.io/client-go/util/workqueue/queue.go, Add, Get, Done.
 */
export function runController(controller: Controller, context: ComponentContext, connection: ApiConnection, view: InformerView, rate: { readonly qps: number; readonly burst: number }): RunningController {
  const { qps, burst } = controller.rateFactor ?? { qps: 1, burst: 1 };
  const client = connection.client(controller.name, { qps: rate.qps * qps, burst: rate.burst * burst });
  const recorder = connection.recorder(controller.name);
  const ledger = new Expectations();
  /** Keys in work; true: look again when done. */
  const inWork = new Map<string, boolean>();
  const waiting = new Set<string>();
  const failures = new Map<string, number>();
  const cancels: Cancel[] = [];
  let alive = true;
  let draining = false;
  let queue: WorkQueue | undefined;
  const early = new Set<string>();

  const enqueue = (request: KeyRequest): void => {
    if (typeof request === "string") {
      if (queue === undefined) early.add(request);
      else queue.add(request);
    } else if (queue === undefined) early.add(request.key);
    else queue.addAfter(request.key, request.afterUs);
  };

  const finish = (key: string, result: SyncResult): void => {
    const again = inWork.get(key) === true;
    inWork.delete(key);
    if (context.journal.enabled) context.journal.write({ component: controller.name, step: "sync", phase: "end", subject: key, detail: result.failed === undefined ? {} : { failed: messageOf(result.failed) } });
    if (result.failed !== undefined && !(typeof result.failed !== "string" && isNamespaceTerminating(result.failed))) {
      const count = (failures.get(key) ?? 0) + 1;
      if (controller.maxRetries === undefined || count <= controller.maxRetries) {
        failures.set(key, count);
        queue?.addRateLimited(key);
      } else {
        failures.delete(key);
        queue?.forget(key);
      }
    } else {
      failures.delete(key);
      queue?.forget(key);
      if (result.requeueAfterUs !== undefined) queue?.addAfter(key, result.requeueAfterUs);
    }
    for (const other of result.enqueue) queue?.add(other);
    if (again) queue?.add(key);
    drain();
  };

  /** Gives free workers the keys that wait. Syncs that end at once come back here while it runs. */
  const drain = (): void => {
    if (draining) return;
    draining = true;
    for (const next of waiting) {
      if (inWork.size >= controller.workers) break;
      waiting.delete(next);
      process(next);
    }
    draining = false;
  };

  const process = (key: string): void => {
    if (!alive) return;
    if (inWork.has(key)) return void inWork.set(key, true);
    if (inWork.size >= controller.workers) return void waiting.add(key);
    inWork.set(key, false);
    const plan = controller.reconcile(key, view, { settled: controller.expects === undefined || ledger.settled(key, view.nowUs()) });
    if (context.journal.enabled) context.journal.write({ component: controller.name, step: "sync", phase: "begin", subject: key });
    executePlan(
      plan,
      {
        client, recorder, nowUs: view.nowUs, alive: () => alive,
        expectations: controller.expects === undefined ? undefined : { key, ledger, kind: controller.expects.kind.kind },
      },
      (result) => finish(key, result),
    );
  };

  for (const { kind, name, values } of controller.indexes ?? []) view.informer(kind).addIndex(name, values);
  for (const watch of controller.watches) {
    const deliver = (change: Change): void => {
      observe(controller, watch.kind.kind, ledger, change);
      for (const request of watch.keys(change, view)) enqueue(request);
    };
    cancels.push(
      view.informer(watch.kind).onChange({
        add: (object) => deliver({ type: "add", object, before: undefined }),
        update: (object, before) => deliver({ type: "update", object, before }),
        delete: (object) => deliver({ type: "delete", object, before: undefined }),
      }),
    );
  }

  return {
    begin() {
      if (!alive) return;
      queue = connection.queue(controller.name, process, { workers: controller.workers });
      for (const key of early) queue.add(key);
      early.clear();
      const { periodic } = controller;
      if (periodic === undefined) return;
      const tick = (): void => {
        for (const request of periodic.keys(view)) enqueue(request);
      };
      cancels.push(context.clock.every(periodic.everyUs, `${controller.name}: periodic sync`, tick));
    },
    stop() {
      alive = false;
      for (const cancel of cancels) cancel();
      queue?.stop();
    },
  };
}

const messageOf = (failed: NonNullable<SyncResult["failed"]>): string => (typeof failed === "string" ? failed : (failed.message ?? failed.reason ?? "failed"));

/** Settles what the controller was waiting to see. Source: pkg/controller/replicaset/replica_set.go, addPod, updatePod, deletePod. */
function observe(controller: Controller, kind: string, ledger: Expectations, change: Change): void {
  const { expects } = controller;
  if (expects === undefined) return;
  if (kind === expects.ownerKind) {
    if (change.type === "delete") ledger.forget(keyText({ namespace: change.object.metadata.namespace ?? "", name: change.object.metadata.name }));
    return;
  }
  if (kind !== expects.kind.kind) return;
  const key = ownerKey(change.object, expects.ownerKind);
  if (key === undefined) return;
  const { uid = "", deletionTimestamp } = change.object.metadata;
  if (change.type === "delete" || deletionTimestamp !== undefined) ledger.deletionObserved(key, uid);
  else if (change.type === "add") ledger.creationObserved(key);
}

/** "namespace/name" of the controlling owner, if it is of this kind. */
export function ownerKey(object: KubeObject, ownerKind: string): string | undefined {
  const owner = controllerOf(object);
  if (owner === undefined || owner.kind !== ownerKind) return undefined;
  return keyText({ namespace: object.metadata.namespace ?? "", name: owner.name });
}
