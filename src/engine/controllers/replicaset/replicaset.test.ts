import { describe, expect, test } from "vitest";
import type { Status } from "../../apimachinery/api.ts";
import type { ObjectMeta, PodObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { Event } from "../../kinds/event.ts";
import { Pod } from "../../kinds/pod.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { makePod } from "../../testing/make-objects.ts";
import { runPlan, shortActions, viewOf } from "../../testing/read-view.ts";
import { podsToDelete } from "./ranking.ts";
import { reconcileReplicaSet } from "./reconcile.ts";

const KEY = { namespace: "default", name: "web" };
const LABELS = { app: "web" };
const replicaSet = (replicas: number, extra: Partial<ReplicaSetObject["spec"]> & { status?: ReplicaSetObject["status"]; meta?: Partial<ObjectMeta> } = {}): ReplicaSetObject => {
  const { status, meta, ...spec } = extra;
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web", namespace: "default", uid: "rs-uid", generation: 1, ...meta },
    spec: { replicas, selector: { matchLabels: LABELS }, template: { metadata: { name: "", labels: LABELS }, spec: { containers: [{ name: "c", image: "nginx" }] } }, ...spec }, ...(status && { status }),
  };
};
const OWNER = [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "rs-uid", controller: true, blockOwnerDeletion: true }];
const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:30Z" }] };
const pod = (name: string, { owned = true, status = ready, labels = LABELS, meta = {} }: { owned?: boolean; status?: PodObject["status"]; labels?: Record<string, string>; meta?: Partial<ObjectMeta> } = {}): PodObject =>
  makePod(name, { labels, status, meta: { ...(owned && { ownerReferences: OWNER }), ...meta } });
const sync = (rs: ReplicaSetObject, pods: readonly PodObject[], settled = true, answer?: Parameters<typeof runPlan>[1]) => runPlan(reconcileReplicaSet(KEY, viewOf({ objects: [rs, ...pods] }), { settled }), answer);

describe("what a sync asks for", () => {
  const steady: ReplicaSetObject["status"] = { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 };
  const two = [pod("a"), pod("b")];
  test.each<{ name: string; rs: ReplicaSetObject; pods: PodObject[]; settled?: boolean; actions: string[] }>([
    { name: "too few: one create of so many, slowly; status counts the pods seen before", rs: replicaSet(5), pods: two, actions: ["create Pod ×3", "updateStatus ReplicaSet web"] },
    { name: "never more than 500 at once", rs: replicaSet(2000, { status: { replicas: 0, observedGeneration: 1 } }), pods: [], actions: ["create Pod ×500"] },
    { name: "too many", rs: replicaSet(1, { status: steady }), pods: two, actions: ["delete Pod a"] },
    { name: "as wanted: nothing", rs: replicaSet(2, { status: steady }), pods: two, actions: [] },
    { name: "pods that are over or on their way out do not count", rs: replicaSet(2, { status: steady }), pods: [...two, pod("c", { status: { phase: "Failed" } }), pod("d", { meta: { deletionTimestamp: "2026-01-01T00:01:00Z" } })], actions: [] },
    { name: "earlier creates not seen yet: only the status", rs: replicaSet(5), pods: two, settled: false, actions: ["updateStatus ReplicaSet web"] },
    { name: "being deleted: nothing is created", rs: replicaSet(5, { status: steady, meta: { deletionTimestamp: "2026-01-01T00:00:10Z" } }), pods: two, actions: [] },
    { name: "an orphan that matches is adopted, after a fresh look at the owner", rs: replicaSet(3, { status: { ...steady, replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3 } }), pods: [...two, pod("c", { owned: false })], actions: ["get ReplicaSet web", "patch Pod c"] },
    { name: "a pod of another owner is left alone", rs: replicaSet(2, { status: steady }), pods: [...two, pod("c", { meta: { ownerReferences: [{ ...OWNER[0]!, uid: "other" }] } })], actions: [] },
    { name: "a pod that matches no more is released and replaced", rs: replicaSet(2, { status: { replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 1 } }), pods: [pod("a"), pod("b", { labels: { app: "debug" } })], actions: ["patch Pod b", "create Pod ×1"] },
  ])("$name", ({ rs, pods, settled, actions }) => {
    const found = (action: { type: string }) => (action.type === "get" ? { objects: [rs] } : { objects: [] });
    expect(shortActions(sync(rs, pods, settled, found))).toEqual(actions);
  });

  test("a failed create becomes a condition, and the sync fails", () => {
    const error: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "Forbidden", message: "no quota", code: 403 };
    const run = sync(replicaSet(3), [], true, (action) => (action.type === "create" ? { objects: [], error } : { objects: [] }));
    const written = run.actions.find(({ type }) => type === "updateStatus") as { object: ReplicaSetObject } | undefined;
    expect(written?.object.status?.conditions).toMatchObject([{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "no quota" }]);
    expect(run.failed).toBe(error);
  });

  test("available only after minReadySeconds; looked at again then", () => {
    const run = sync(replicaSet(2, { minReadySeconds: 60, status: { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, observedGeneration: 1 } }), [pod("a"), pod("b")]);
    expect([shortActions(run), run.requeueAfterUs]).toEqual([[], 60e6]);
  });
});

/** Upstream: pkg/controller/controller_utils_test.go, TestSortingActivePodsWithRanks. The pod named "first" has to go before the other. */
describe("which pod goes first", () => {
  const running = (since: string) => ({ phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: since }] });
  const NOW_SECONDS = 7200;
  test.each<{ name: string; first: PodObject; other: PodObject; related?: PodObject[] }>([
    { name: "unassigned before assigned", first: makePod("first", { status: ready }), other: makePod("other", { nodeName: "n", status: { phase: "Pending" } }) },
    { name: "pending before unknown", first: makePod("first", { nodeName: "n", status: { phase: "Pending" } }), other: makePod("other", { nodeName: "n", status: { phase: "Unknown" } }) },
    { name: "unknown before running", first: makePod("first", { nodeName: "n", status: { phase: "Unknown" } }), other: makePod("other", { nodeName: "n", status: { phase: "Running" } }) },
    { name: "not ready before ready", first: makePod("first", { nodeName: "n", status: { phase: "Running" } }), other: makePod("other", { nodeName: "n", status: ready }) },
    { name: "lower deletion cost", first: makePod("first", { nodeName: "n", status: ready, meta: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } } }), other: makePod("other", { nodeName: "n", status: ready }) },
    { name: "doubled up on its node", first: makePod("first", { nodeName: "n", status: ready }), other: makePod("other", { nodeName: "m", status: ready }), related: [makePod("r", { nodeName: "n" }), makePod("s", { nodeName: "n" })] },
    { name: "ready for a shorter time, by orders of magnitude", first: makePod("first", { nodeName: "n", status: running("2026-01-01T01:59:00Z") }), other: makePod("other", { nodeName: "n", status: running("2026-01-01T00:30:00Z") }) },
    { name: "about the same age: lower uid", first: makePod("first", { nodeName: "n", status: running("2026-01-01T00:30:00Z"), meta: { uid: "a" } }), other: makePod("other", { nodeName: "n", status: running("2026-01-01T00:31:00Z"), meta: { uid: "b" } }) },
    {
      name: "more restarts", first: makePod("first", { nodeName: "n", status: { ...ready, containerStatuses: [{ name: "c", ready: true, restartCount: 3, image: "", imageID: "" }] } }), other: makePod("other", { nodeName: "n", status: ready }),
    },
    { name: "younger", first: makePod("first", { nodeName: "n", status: ready, meta: { creationTimestamp: "2026-01-01T01:59:50Z" } }), other: makePod("other", { nodeName: "n", status: ready }) },
  ])("$name", ({ first, other, related = [] }) => {
    const view = viewOf({ objects: [], nowSeconds: NOW_SECONDS });
    for (const pods of [[first, other], [other, first]]) expect(podsToDelete(pods, related, 1, view.nowUs(), view.parseTime)).toEqual([first]);
  });
});

describe("in a cluster", () => {
  const start = (replicas: number, spec: object = {}) => {
    const plane = startControlPlane();
    plane.api.runMs(1500);
    plane.api.create({ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web", namespace: "default" }, spec: { replicas, selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec: { containers: [{ name: "c", image: "nginx" }], ...spec } } } } as unknown as ReplicaSetObject);
    plane.api.runMs(4000);
    return plane;
  };

  test("a deleted pod is replaced, one with other labels is let go", () => {
    const plane = start(3);
    const [a, b] = plane.list(Pod, "default");
    plane.remove(Pod, `default/${a?.metadata.name}`);
    plane.patch(Pod, `default/${b?.metadata.name}`, { metadata: { labels: { app: "debug" } } });
    plane.api.runMs(4000);
    const owned = plane.list(Pod, "default").filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === "ReplicaSet");
    expect([owned.length, plane.list(Pod, "default").length]).toEqual([3, 4]);
    expect(plane.get(ReplicaSet, "default/web")?.status).toEqual({ replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 });
  });

  test("creates that are refused stop after the first batch, and are told", () => {
    const plane = start(8, { serviceAccountName: "nobody" });
    const message = 'pods "web-" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found';
    expect(plane.get(ReplicaSet, "default/web")?.status?.conditions).toMatchObject([{ type: "ReplicaFailure", reason: "FailedCreate", message }]);
    const told = plane.list(Event, "default").filter(({ reason }) => reason === "FailedCreate");
    expect(told).toMatchObject([{ message: `Error creating: ${message}`, type: "Warning" }]);
    plane.api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "nobody", namespace: "default" } });
    plane.api.runMs(60_000);
    expect(plane.get(ReplicaSet, "default/web")?.status).toMatchObject({ replicas: 8 });
    expect(plane.get(ReplicaSet, "default/web")?.status?.conditions).toBeUndefined();
  });
});
