import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../apimachinery/object.ts";
import type { DeploymentObject, NamespaceObject, PodObject } from "../../kinds/generated/types.ts";
import { ConfigMap } from "../../kinds/config-map.ts";
import { Deployment } from "../../kinds/deployment.ts";
import { Namespace } from "../../kinds/namespace.ts";
import { Pod } from "../../kinds/pod.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { ServiceAccount } from "../../kinds/service-account.ts";
import { startControlPlane } from "../../testing/control-plane.ts";

const start = () => {
  const plane = startControlPlane();
  plane.api.runMs(1000);
  plane.api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } } as unknown as NamespaceObject);
  plane.api.runMs(1000);
  const put = (object: object): void => void plane.api.create(object as KubeObject);
  const pod = (name: string, extra: object = {}): void => put({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", ...extra }, spec: { terminationGracePeriodSeconds: 30, containers: [{ name: "c", image: "nginx" }] } } as unknown as PodObject);
  const conditions = () => plane.get(Namespace, "shop")?.status?.conditions?.filter(({ status }) => status === "True").map(({ type, reason, message }) => [type, reason, message]);
  return { plane, put, pod, conditions };
};

describe("a namespace begins", () => {
  test("with a service account and the cluster's CA, which come back when they are deleted", () => {
    const { plane } = start();
    const ca = () => plane.get(ConfigMap, "shop/kube-root-ca.crt");
    expect([plane.get(ServiceAccount, "shop/default")?.metadata.name, Object.keys(ca()?.data ?? {})]).toEqual(["default", ["ca.crt"]]);
    plane.remove(ServiceAccount, "shop/default");
    plane.patch(ConfigMap, "shop/kube-root-ca.crt", { data: { "ca.crt": "forged" } });
    plane.api.runMs(500);
    expect(plane.get(ServiceAccount, "shop/default")).toBeDefined();
    expect(ca()?.data?.["ca.crt"]).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });
});

describe("a namespace ends", () => {
  test("an empty one after the grace of 5 seconds", () => {
    const { plane } = start();
    plane.remove(Namespace, "shop");
    plane.api.runMs(4500);
    expect(plane.get(Namespace, "shop")?.status?.phase).toBe("Terminating");
    plane.api.runMs(1500);
    expect([plane.get(Namespace, "shop"), plane.list(ConfigMap, "shop"), plane.list(ServiceAccount, "shop")]).toEqual([undefined, [], []]);
  });

  test("pods first: the rest waits until they are gone, and nothing new comes up", () => {
    const { plane, put, conditions } = start();
    put({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" }, spec: { replicas: 2, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } } } as unknown as DeploymentObject);
    plane.api.runMs(3000);
    plane.remove(Namespace, "shop");
    plane.api.runMs(5200);
    expect(conditions()).toEqual([["NamespaceContentRemaining", "SomeResourcesRemain", "Some resources are remaining: pods. has 2 resource instances"]]);
    expect([plane.list(Deployment, "shop").length, plane.list(ConfigMap, "shop").length]).toEqual([1, 1]);
    plane.api.runMs(20_000);
    expect([plane.get(Namespace, "shop"), plane.list(Deployment, "shop"), plane.list(ReplicaSet, "shop"), plane.list(Pod, "shop")]).toEqual([undefined, [], [], []]);
  });

  test("a finalizer that nobody removes holds it, and the conditions say so", () => {
    const { plane, put, conditions } = start();
    put({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "held", namespace: "shop", finalizers: ["example.com/hold"] } });
    plane.remove(Namespace, "shop");
    plane.api.runMs(30_000);
    expect(conditions()).toEqual([
      ["NamespaceContentRemaining", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances"],
      ["NamespaceFinalizersRemaining", "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"],
    ]);
    plane.patch(ConfigMap, "shop/held", { metadata: { finalizers: null } });
    plane.api.runMs(10_000);
    expect(plane.get(Namespace, "shop")).toBeUndefined();
  });
});
