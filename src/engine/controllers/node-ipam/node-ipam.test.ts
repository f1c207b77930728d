import { describe, expect, test } from "vitest";
import { Event } from "../../kinds/event.ts";
import { Node } from "../../kinds/node.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { CidrSet } from "./cidr-set.ts";

/** Upstream: nodeipam/ipam/cidrset/cidr_set_test.go. */
describe("CidrSet", () => {
  test.each([
    { name: "blocks in order", cidr: "127.123.234.0/29", bits: 31, first: ["127.123.234.0/31", "127.123.234.2/31", "127.123.234.4/31", "127.123.234.6/31", undefined] },
    { name: "one block only", cidr: "10.0.0.0/24", bits: 24, first: ["10.0.0.0/24", undefined] },
    { name: "the base is the network's, whatever address was written", cidr: "10.42.7.9/16", bits: 24, first: ["10.42.0.0/24", "10.42.1.0/24"] },
  ])("$name", ({ cidr, bits, first }) => {
    const set = new CidrSet(cidr, bits);
    expect(first.map(() => set.allocate())).toEqual(first);
  });

  test("what is given back is used again only after the end has been reached", () => {
    const set = new CidrSet("10.0.0.0/22", 24);
    expect([set.allocate(), set.allocate()]).toEqual(["10.0.0.0/24", "10.0.1.0/24"]);
    set.release("10.0.0.0/24");
    expect([set.allocate(), set.allocate(), set.allocate(), set.allocate()]).toEqual(["10.0.2.0/24", "10.0.3.0/24", "10.0.0.0/24", undefined]);
  });

  test("occupied networks, larger and smaller ones, are left out", () => {
    const set = new CidrSet("10.0.0.0/21", 24);
    set.occupy("10.0.0.0/23");
    set.occupy("10.0.3.128/25");
    set.occupy("192.168.0.0/16");
    expect(Array.from({ length: 6 }, () => set.allocate())).toEqual(["10.0.2.0/24", "10.0.4.0/24", "10.0.5.0/24", "10.0.6.0/24", "10.0.7.0/24", undefined]);
  });
});

test("every node gets a block of its own; a manager that starts anew knows what is taken", () => {
  const plane = startControlPlane({ nodes: 2 });
  plane.api.runMs(500);
  plane.manager.stop();
  plane.addNode("node-3");
  plane.api.runMs(2000);
  expect(plane.get(Node, "node-3")?.spec.podCIDR).toBeUndefined();
  plane.manager.start();
  plane.api.runMs(1000);
  expect(plane.list(Node).map(({ spec }) => [spec.podCIDR, spec.podCIDRs])).toEqual([["10.244.0.0/24", ["10.244.0.0/24"]], ["10.244.1.0/24", ["10.244.1.0/24"]], ["10.244.2.0/24", ["10.244.2.0/24"]]]);
});

test("when the network is used up, the node is told", () => {
  const plane = startControlPlane({ nodes: 2, controllers: { podCIDR: "10.9.0.0/24" } });
  plane.api.runMs(2000);
  expect(plane.list(Node).map(({ spec }) => spec.podCIDR)).toEqual(["10.9.0.0/24", undefined]);
  expect(plane.list(Event).find(({ reason }) => reason === "CIDRNotAvailable")).toMatchObject({ message: "Node node-2 status is now: CIDRNotAvailable", source: { component: "cidrAllocator" } });
});
