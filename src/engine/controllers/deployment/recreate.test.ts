import { expect, test } from "vitest";
import type { DeploymentObject } from "../../kinds/generated/types.ts";
import { Deployment } from "../../kinds/deployment.ts";
import { Pod } from "../../kinds/pod.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { followDeployment, watchChanges } from "../../testing/watch-lines.ts";

test("Recreate: no new pod while an old one runs, not even a terminating one", () => {
  const plane = startControlPlane();
  plane.api.runMs(1500);
  plane.api.create({
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "db", namespace: "default" },
    spec: { replicas: 3, strategy: { type: "Recreate" }, selector: { matchLabels: { app: "db" } }, template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "c", image: "one" }] } } },
  } as unknown as DeploymentObject);
  plane.api.runMs(4000);
  const { scalings } = followDeployment(plane.api);
  let together = 0;
  watchChanges(plane.api, Pod, () => {
    together = Math.max(together, new Set(plane.list(Pod, "default").map(({ spec }) => spec.containers[0]?.image)).size);
  });
  plane.patch(Deployment, "default/db", { spec: { template: { spec: { containers: [{ name: "c", image: "two" }] } } } });
  plane.api.runMs(8000);
  expect([together, plane.list(Pod, "default").map(({ spec }) => spec.containers[0]?.image)]).toEqual([1, ["two", "two", "two"]]);
  expect(scalings.map((text) => text.replace(/db-\w+/, "db-x"))).toEqual(["Scaled down replica set db-x from 3 to 0", "Scaled up replica set db-x from 0 to 3"]);
});

test("switching between strategies mid-rollout, and deleting in the middle of it", () => {
  const plane = startControlPlane({ kubelet: { fateOf: (pod) => (pod.spec.containers[0]?.image === "broken" ? "running" : "ready") } });
  plane.api.runMs(1500);
  plane.api.create({
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "db", namespace: "default" },
    spec: { replicas: 4, selector: { matchLabels: { app: "db" } }, template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "c", image: "one" }] } } },
  } as unknown as DeploymentObject);
  plane.api.runMs(4000);
  plane.patch(Deployment, "default/db", { spec: { template: { spec: { containers: [{ name: "c", image: "broken" }] } } } });
  plane.api.runMs(5000);
  expect(plane.get(Deployment, "default/db")?.status).toMatchObject({ replicas: 5, updatedReplicas: 2, availableReplicas: 3, unavailableReplicas: 2 });
  plane.patch(Deployment, "default/db", { spec: { strategy: { type: "Recreate", rollingUpdate: null }, template: { spec: { containers: [{ name: "c", image: "three" }] } } } });
  plane.api.runMs(8000);
  expect(plane.list(Pod, "default").map(({ spec }) => spec.containers[0]?.image)).toEqual(["three", "three", "three", "three"]);
  plane.patch(Deployment, "default/db", { spec: { template: { spec: { containers: [{ name: "c", image: "four" }] } } } });
  plane.api.runMs(300);
  plane.remove(Deployment, "default/db");
  plane.api.runMs(8000);
  expect(plane.list(Pod, "default")).toEqual([]);
});
