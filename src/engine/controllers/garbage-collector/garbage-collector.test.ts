import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../apimachinery/object.ts";
import type { DeploymentObject, OwnerReference } from "../../kinds/generated/types.ts";
import { ConfigMap } from "../../kinds/config-map.ts";
import { Deployment } from "../../kinds/deployment.ts";
import { Event } from "../../kinds/event.ts";
import { Pod } from "../../kinds/pod.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { startControlPlane } from "../../testing/control-plane.ts";

const start = () => {
  const plane = startControlPlane();
  plane.api.runMs(1500);
  const configMap = (name: string, owners: readonly OwnerReference[] = [], more: object = {}) =>
    plane.api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default", ownerReferences: owners, ...more } } as KubeObject);
  const ownedBy = ({ metadata }: KubeObject, extra: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: "v1", kind: "ConfigMap", name: metadata.name, uid: metadata.uid ?? "", ...extra });
  const names = () => plane.list(ConfigMap, "default").map(({ metadata }) => metadata.name).filter((name) => !name.startsWith("kube-root"));
  return { plane, configMap, ownedBy, names };
};

describe("owners and dependents", () => {
  test("an object goes when its owner is gone, and what it owns after it", () => {
    const { plane, configMap, ownedBy, names } = start();
    const a = configMap("a");
    const b = configMap("b", [ownedBy(a)]);
    configMap("c", [ownedBy(b)]);
    plane.api.runMs(500);
    plane.remove(ConfigMap, "default/a");
    plane.api.runMs(2000);
    expect(names()).toEqual([]);
  });

  test("while one owner is left, only the reference goes", () => {
    const { plane, configMap, ownedBy, names } = start();
    const [a, b] = [configMap("a"), configMap("b")];
    configMap("c", [ownedBy(a), ownedBy(b)]);
    plane.api.runMs(500);
    plane.remove(ConfigMap, "default/a");
    plane.api.runMs(2000);
    expect([names(), plane.get(ConfigMap, "default/c")?.metadata.ownerReferences?.map(({ name }) => name)]).toEqual([["b", "c"], ["b"]]);
  });

  test("an owner that never was: gone; one by the same name with another uid: gone, too", () => {
    const { plane, configMap, ownedBy, names } = start();
    const a = configMap("a");
    configMap("b", [ownedBy(a, { uid: "made-up" })]);
    configMap("c", [ownedBy(a, { name: "nobody", uid: "nobody" })]);
    plane.api.runMs(2000);
    expect(names()).toEqual(["a"]);
  });

  test("an owner in another namespace counts as absent, with an event", () => {
    const { plane, configMap, ownedBy, names } = start();
    const elsewhere = plane.api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "far", namespace: "kube-public" } } as KubeObject);
    plane.api.runMs(500);
    configMap("b", [ownedBy(elsewhere)]);
    const other = configMap("a");
    configMap("c", [ownedBy(other), ownedBy(elsewhere)]);
    plane.api.runMs(2000);
    expect(names()).toContain("a");
    expect(names()).not.toContain("b");
    const uid = elsewhere.metadata.uid;
    expect(plane.list(Event, "default").filter(({ reason }) => reason === "OwnerRefInvalidNamespace").map(({ message }) => message)).toContain(`ownerRef [v1/ConfigMap, namespace: default, name: far, uid: ${uid}] does not exist in namespace "default"`);
  });
});

describe("how a deployment is deleted", () => {
  const deploy = () => {
    const { plane } = start();
    plane.api.create({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" }, spec: { replicas: 2, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } } } as unknown as DeploymentObject);
    plane.api.runMs(3000);
    const counts = () => [plane.list(Deployment, "default").length, plane.list(ReplicaSet, "default").length, plane.list(Pod, "default").length];
    expect(counts()).toEqual([1, 1, 2]);
    return { plane, counts };
  };

  test("in the background: at once, its dependents after it", () => {
    const { plane, counts } = deploy();
    plane.remove(Deployment, "default/web", { propagationPolicy: "Background" });
    expect(counts()).toEqual([0, 1, 2]);
    plane.api.runMs(4000);
    expect(counts()).toEqual([0, 0, 0]);
  });

  test("in the foreground: it waits until everything below is gone", () => {
    const { plane, counts } = deploy();
    plane.remove(Deployment, "default/web", { propagationPolicy: "Foreground" });
    plane.api.runMs(400);
    expect(counts()).toEqual([1, 1, 2]);
    expect([plane.get(Deployment, "default/web")?.metadata.finalizers, plane.list(ReplicaSet, "default")[0]?.metadata.finalizers]).toEqual([["foregroundDeletion"], ["foregroundDeletion"]]);
    plane.api.runMs(4000);
    expect(counts()).toEqual([0, 0, 0]);
  });

  test("orphaning: its dependents stay and run on without it", () => {
    const { plane, counts } = deploy();
    plane.remove(Deployment, "default/web", { propagationPolicy: "Orphan" });
    plane.api.runMs(4000);
    expect(counts()).toEqual([0, 1, 2]);
    expect(plane.list(ReplicaSet, "default")[0]?.metadata.ownerReferences ?? []).toEqual([]);
  });

  test("an orphaned replica set is adopted by a deployment that asks for the same", () => {
    const { plane, counts } = deploy();
    const [before] = plane.list(ReplicaSet, "default");
    const { spec } = plane.get(Deployment, "default/web") as DeploymentObject;
    plane.remove(Deployment, "default/web", { propagationPolicy: "Orphan" });
    plane.api.runMs(3000);
    plane.api.create({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" }, spec });
    plane.api.runMs(3000);
    expect([counts(), plane.list(ReplicaSet, "default")[0]?.metadata.uid]).toEqual([[1, 1, 2], before?.metadata.uid]);
    expect(plane.list(ReplicaSet, "default")[0]?.metadata.ownerReferences).toMatchObject([{ kind: "Deployment", name: "web", uid: plane.get(Deployment, "default/web")?.metadata.uid, controller: true }]);
  });
});
