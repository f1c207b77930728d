import { expect, test } from "vitest";
import { Node } from "../../kinds/node.ts";
import { startControlPlane } from "../../testing/control-plane.ts";

test("nodes carry the ttl of their cluster's size, and drop it only well below the border", () => {
  const plane = startControlPlane({ nodes: 100, controllers: { kubeApiQps: 1000, kubeApiBurst: 1000 } });
  const ttls = () => [...new Set(plane.list(Node).map(({ metadata }) => metadata.annotations?.["node.alpha.kubernetes.io/ttl"]))];
  plane.api.runMs(1000);
  expect(ttls()).toEqual(["0"]);
  plane.addNode("one-more");
  plane.api.runMs(1000);
  expect(ttls()).toEqual(["15"]);
  for (let i = 1; i <= 11; i++) plane.remove(Node, `node-${i}`);
  plane.api.runMs(1000);
  expect(ttls()).toEqual(["15"]);
  plane.remove(Node, "node-12");
  plane.api.runMs(1000);
  expect(ttls()).toEqual(["0"]);
});
