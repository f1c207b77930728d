import { describe, expect, test } from "vitest";
import type { DeploymentObject, ObjectMeta, PodTemplateSpec, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { runPlan, shortActions, viewOf } from "../../testing/read-view.ts";
import { computeHash, equalIgnoringHash } from "../shared/template-hash.ts";
import { newReplicaSetAnnotations, replicasAnnotations, REVISION, REVISION_HISTORY } from "./annotations.ts";
import { reconcileDeployment } from "./reconcile.ts";
import { fenceposts, maxUnavailableOf, newReplicaSetSize } from "./replica-sets.ts";
import { proportionalSizes } from "./scale.ts";

const template = (image: string): PodTemplateSpec => ({ metadata: { name: "", labels: { app: "foo" } }, spec: { containers: [{ name: "c", image }] } });
const deployment = (replicas: number, { maxSurge = 0, maxUnavailable = 0, ...spec }: { maxSurge?: number | string; maxUnavailable?: number | string } & Partial<DeploymentObject["spec"]> = {}, meta: Partial<ObjectMeta> = {}): DeploymentObject => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "foo", namespace: "default", uid: "foo", generation: 1, ...meta },
  spec: { replicas, selector: { matchLabels: { app: "foo" } }, template: template("v1"), strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } }, ...spec },
});
/** "foo-v3" is younger than "foo-v1". Sized when the deployment wanted `desired` and allowed `max`. */
const rs = (version: number, replicas: number, { desired = replicas, max = desired, available = replicas, image = `v${version}`, annotations = {} }: { desired?: number; max?: number; available?: number; image?: string; annotations?: Record<string, string> } = {}): ReplicaSetObject => ({
  apiVersion: "apps/v1", kind: "ReplicaSet",
  metadata: {
    name: `foo-v${version}`, namespace: "default", uid: `foo-v${version}`, generation: 1, creationTimestamp: `2026-01-01T00:0${version}:00Z`, labels: { app: "foo" }, annotations: { ...replicasAnnotations(desired, max), [REVISION]: String(version), ...annotations },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "foo", uid: "foo", controller: true, blockOwnerDeletion: true }],
  },
  spec: { replicas, selector: { matchLabels: { app: "foo" } }, template: template(image) }, status: { replicas, availableReplicas: available, observedGeneration: 1 },
});

/** Upstream: deployment/sync_test.go, TestScale. Sizes are those of foo-v1, foo-v2, … */
describe("TestScale", () => {
  test.each<{ name: string; from: number; to: number; surge?: [number, number]; sizes: number[]; expected: number[] }>([
    { name: "proportional scaling: 5 -> 10", from: 5, to: 10, sizes: [3, 2], expected: [6, 4] },
    { name: "proportional scaling: 5 -> 3", from: 5, to: 3, sizes: [3, 2], expected: [2, 1] },
    { name: "proportional scaling: 9 -> 4", from: 9, to: 4, sizes: [1, 8], expected: [0, 4] },
    { name: "proportional scaling: 7 -> 10", from: 7, to: 10, sizes: [2, 3, 2], expected: [3, 4, 3] },
    { name: "proportional scaling: 13 -> 8", from: 13, to: 8, sizes: [3, 8, 2], expected: [2, 5, 1] },
    { name: "leftover distribution: 3 -> 4", from: 3, to: 4, sizes: [1, 1, 1], expected: [1, 1, 2] },
    { name: "leftover distribution: 3 -> 5", from: 3, to: 5, sizes: [1, 1, 1], expected: [1, 2, 2] },
    { name: "scales down every one to 0: 3 -> 0", from: 3, to: 0, sizes: [1, 1, 1], expected: [0, 0, 0] },
    { name: "with surge: 10 -> 20", from: 10, to: 20, surge: [2, 2], sizes: [6, 6], expected: [11, 11] },
    { name: "change both surge and size", from: 10, to: 50, surge: [3, 6], sizes: [3, 5, 5], expected: [12, 22, 22] },
  ])("$name", ({ from, to, surge = [0, 0], sizes, expected }) => {
    const sets = sizes.map((size, i) => rs(i + 1, size, { desired: from, max: from + surge[0] }));
    const result = new Map(proportionalSizes(deployment(to, { maxSurge: surge[1] }), sets).map(([set, size]) => [set.metadata.name, size]));
    expect(sets.map(({ metadata }) => result.get(metadata.name))).toEqual(expected);
  });
});

/** Upstream: util/deployment_util_test.go, TestResolveFenceposts, TestMaxUnavailable, TestNewRSNewReplicas. */
describe("arithmetic", () => {
  test.each([
    { maxSurge: "0%", maxUnavailable: "0%", replicas: 0, expected: { maxSurge: 0, maxUnavailable: 1 } },
    { maxSurge: "39%", maxUnavailable: "39%", replicas: 10, expected: { maxSurge: 4, maxUnavailable: 3 } },
    { maxSurge: "25%", maxUnavailable: "25%", replicas: 3, expected: { maxSurge: 1, maxUnavailable: 0 } },
    { maxSurge: 0, maxUnavailable: "1%", replicas: 3, expected: { maxSurge: 0, maxUnavailable: 1 } },
  ])("surge $maxSurge, unavailable $maxUnavailable of $replicas", ({ maxSurge, maxUnavailable, replicas, expected }) => {
    expect(fenceposts(deployment(replicas, { maxSurge, maxUnavailable }))).toEqual(expected);
  });

  test("never more unavailable than there are, and none when recreating", () => {
    expect(maxUnavailableOf(deployment(5, { maxUnavailable: 10 }))).toBe(5);
    expect(maxUnavailableOf(deployment(5, { maxUnavailable: 10, strategy: { type: "Recreate" } }))).toBe(0);
  });

  test.each([
    { name: "can not scale up - to newRSReplicas", replicas: 1, current: 5, surge: 1, others: 0, expected: 5 },
    { name: "scale up - to depReplicas", replicas: 6, current: 2, surge: 10, others: 0, expected: 6 },
    { name: "only into the room that is left", replicas: 6, current: 2, surge: 1, others: 3, expected: 4 },
  ])("new size: $name", ({ replicas, current, surge, others, expected }) => {
    expect(newReplicaSetSize(deployment(replicas, { maxSurge: surge }), [rs(1, others), rs(2, current)], current)).toBe(expected);
  });
});

/** Upstream: util/deployment_util_test.go, TestAnnotationUtils, TestReplicasAnnotationsNeedUpdate. */
describe("annotations", () => {
  test("the deployment's own are copied, except those that are about itself", () => {
    const annotated = deployment(1, {}, { annotations: { note: "x", "kubectl.kubernetes.io/last-applied-configuration": "{}", [REVISION]: "7" } });
    expect(newReplicaSetAnnotations(annotated, {}, 3)).toEqual({ note: "x", [REVISION]: "3" });
  });

  test("a set that is used again keeps the revisions it had; nothing changes without need", () => {
    const first = newReplicaSetAnnotations(deployment(1), { [REVISION]: "1" }, 3);
    expect(first).toEqual({ [REVISION]: "3", [REVISION_HISTORY]: "1" });
    expect(newReplicaSetAnnotations(deployment(1), first, 5)).toEqual({ [REVISION]: "5", [REVISION_HISTORY]: "1,3" });
    expect(newReplicaSetAnnotations(deployment(1), first, 2)).toBe(first);
  });

  test("the history forgets its oldest entries beyond 2000 characters", () => {
    const long = Array.from({ length: 500 }, (_, i) => String(100 + i)).join(",");
    const text = newReplicaSetAnnotations(deployment(1), { [REVISION]: "900", [REVISION_HISTORY]: long }, 901)[REVISION_HISTORY] ?? "";
    expect([text.length <= 2000, text.startsWith("101,"), text.endsWith(",900")]).toEqual([true, true, true]);
  });
});

describe("template hash", () => {
  test("looks like upstream's, is the same for the same template, and differs after a collision", () => {
    const hash = computeHash(template("a"), undefined);
    expect(hash).toMatch(/^[456789bcdf]{1,10}$/);
    expect([computeHash({ ...template("a") }, undefined) === hash, computeHash(template("b"), undefined) === hash, computeHash(template("a"), 0) === hash, computeHash(template("a"), 1) === computeHash(template("a"), 0)]).toEqual([true, false, false, false]);
  });

  test("templates are compared without their hash label, and whatever the order of their keys", () => {
    const labelled = { ...template("a"), metadata: { name: "", labels: { "pod-template-hash": "x", app: "foo" } } };
    expect([equalIgnoringHash(template("a"), labelled), equalIgnoringHash(template("a"), template("b"))]).toEqual([true, false]);
  });
});

describe("what a sync asks for", () => {
  const sync = (wanted: DeploymentObject, sets: readonly ReplicaSetObject[], answer?: Parameters<typeof runPlan>[1]) => runPlan(reconcileDeployment({ namespace: "default", name: "foo" }, viewOf({ objects: [wanted, ...sets] })), answer);
  const revised = (replicas: number, revision: number, spec: Parameters<typeof deployment>[1] = {}): DeploymentObject => deployment(replicas, spec, { annotations: { [REVISION]: String(revision) } });

  test("an empty selector is refused with an event", () => {
    expect(shortActions(sync(deployment(1, { selector: {} }), []))).toEqual(["event Warning SelectingAll: This deployment is selecting all pods. A non-empty selector is required.", "updateStatus Deployment foo"]);
  });

  test("unhealthy old pods go first, then as many healthy ones as availability allows", () => {
    const run = sync(revised(10, 2, { maxUnavailable: 2, template: template("v2") }), [rs(1, 8, { desired: 10, available: 5 }), rs(2, 4, { desired: 10, available: 4 })]);
    expect(shortActions(run)).toEqual([
      "update ReplicaSet foo-v1", "event Normal ScalingReplicaSet: Scaled down replica set foo-v1 from 8 to 5",
      "update ReplicaSet foo-v1", "event Normal ScalingReplicaSet: Scaled down replica set foo-v1 from 5 to 4", "updateStatus Deployment foo",
    ]);
  });

  test("Recreate scales everything old down before anything new comes up", () => {
    const run = sync(revised(3, 1, { strategy: { type: "Recreate" }, template: template("v2") }), [rs(1, 3)]);
    expect(shortActions(run)).toEqual(["update ReplicaSet foo-v1", "event Normal ScalingReplicaSet: Scaled down replica set foo-v1 from 3 to 0", "updateStatus Deployment foo"]);
    const waiting = sync(revised(3, 1, { strategy: { type: "Recreate" }, template: template("v2") }), [{ ...rs(1, 0, { desired: 3 }), status: { replicas: 1, observedGeneration: 1 } }]);
    expect(shortActions(waiting)).toEqual(["updateStatus Deployment foo"]);
    const next = sync(revised(3, 1, { strategy: { type: "Recreate" }, template: template("v2") }), [rs(1, 0, { desired: 3 })]);
    expect(shortActions(next).slice(0, 2)).toEqual(["create ReplicaSet ×1", expect.stringMatching(/^event Normal ScalingReplicaSet: Scaled up replica set foo-\w+ from 0 to 3$/)]);
  });

  test("old empty sets beyond the history limit are deleted, oldest revision first", () => {
    const complete = { ...revised(1, 4, { revisionHistoryLimit: 1, template: template("v4") }), status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 } };
    const run = sync(complete, [rs(3, 0, { desired: 1 }), rs(1, 0, { desired: 1 }), rs(2, 0, { desired: 1 }), rs(4, 1)]);
    expect(shortActions(run).filter((line) => line.startsWith("delete"))).toEqual(["delete ReplicaSet foo-v1", "delete ReplicaSet foo-v2"]);
  });

  test("a name that is taken by something else counts as a collision", () => {
    const name = `foo-${computeHash(template("v1"), undefined)}`;
    const stranger = { ...rs(9, 1, { image: "other" }), metadata: { name, namespace: "default", uid: "stranger", labels: {} } };
    const run = sync(deployment(1), [stranger], (action) =>
      action.type === "create" ? { objects: [], error: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "AlreadyExists", message: "taken", code: 409 } } : { objects: "object" in action ? [action.object] : [] });
    const written = run.actions.find(({ type }) => type === "updateStatus") as { object: DeploymentObject } | undefined;
    expect([written?.object.status?.collisionCount, run.failed !== undefined]).toEqual([1, true]);
  });

  test("a replica set that cannot be created is told in condition and event", () => {
    const run = sync(deployment(1, { progressDeadlineSeconds: 600 }), [], (action) =>
      action.type === "create" ? { objects: [], error: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "Forbidden", message: "no quota", code: 403 } } : { objects: "object" in action ? [action.object] : [] });
    expect(shortActions(run)).toEqual(["create ReplicaSet ×1", "updateStatus Deployment foo", expect.stringMatching(/^event Warning ReplicaSetCreateError: Failed to create new replica set "foo-\w+": no quota$/)]);
    const written = run.actions.find(({ type }) => type === "updateStatus") as { object: DeploymentObject } | undefined;
    expect(written?.object.status?.conditions).toMatchObject([{ type: "Progressing", status: "False", reason: "ReplicaSetCreateError" }]);
  });

  test("a replica set's failure shows in the deployment", () => {
    const failing = { ...rs(1, 2, { available: 0 }), status: { replicas: 0, observedGeneration: 1, conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "no quota", lastTransitionTime: "2026-01-01T00:00:30Z" }] } };
    const run = sync(revised(2, 1), [failing]);
    const written = run.actions.find(({ type }) => type === "updateStatus") as { object: DeploymentObject } | undefined;
    expect(written?.object.status?.conditions).toContainEqual({ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "no quota", lastTransitionTime: "2026-01-01T00:00:30Z", lastUpdateTime: "2026-01-01T00:00:30Z" });
  });
});
