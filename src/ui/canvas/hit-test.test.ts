import { expect, test } from "vitest";
import { RowStore } from "../../bridge/session/row-store.ts";
import { Projector } from "../../projection/projector.ts";
import { createFakeCluster } from "../../projection/testing/fake-cluster.ts";
import type { KubeObject } from "../../engine/apimachinery/object.ts";
import { centre } from "../../projection/layout/geometry.ts";
import { objectAt } from "./hit-test.ts";
import { StageMap } from "./stage-map.ts";

test("a click on any pod finds that pod, as card or cell, waiting or not; beside it, its machine", () => {
  const cluster = createFakeCluster();
  const projector = new Projector({ epoch: cluster.options.epoch });
  cluster.observe(projector.observer);
  const rows = new RowStore();
  cluster.runFor(5_000);
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 120, template: { metadata: { labels: {} }, spec: { containers: [{ name: "c", image: "busybox:1.36" }] } } } };
  cluster.request({ method: "POST", path: "/apis/apps/v1/namespaces/default/deployments", body: deployment });
  cluster.request({ method: "POST", path: "/api/v1/namespaces/default/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "pending-1" }, spec: { containers: [{ name: "c", image: "x" }] } } as KubeObject });
  for (const ms of [300, 700, 8_000]) {
    cluster.runFor(ms);
    const clock = { playing: true, speed: 1, actualSpeed: 1, goal: undefined, actions: 0, goalOutcome: undefined };
    rows.apply({ number: 1, nowUs: cluster.nowUs(), revision: 1, clock, eventCount: 0, focus: undefined, ...projector.drain(10_000) });
    const map = new StageMap(rows);
    let found = 0;
    for (const pod of rows.list("Pod")) {
      if (pod.organ !== undefined) continue;
      const place = map.pod(pod);
      if (place === undefined) continue;
      found += 1;
      expect(objectAt(rows, centre(place.box))).toEqual({ kind: "Pod", namespace: pod.namespace, name: pod.name });
    }
    expect(found).toBeGreaterThan(2);
    const machine = map.machine("node-2")!;
    expect(objectAt(rows, { x: machine.x + 4, y: machine.y + 4 })).toEqual({ kind: "Node", namespace: "", name: "node-2" });
    expect(objectAt(rows, { x: machine.x - 10_000, y: 0 })).toBeUndefined();
  }
});
