import { expect, test } from "vitest";
import { hostAddress, machineConfig } from "./machines.ts";

test.each([
  ["10.0.0.0/16", 10, "10.0.0.10"],
  ["10.0.0.0/16", 300, "10.0.1.44"],
  ["10.96.0.0/12", 10, "10.96.0.10"],
  ["10.100.5.7/12", 10, "10.96.0.10"],
  ["192.168.7.0/24", 1, "192.168.7.1"],
])("address %s + %i is %s", (cidr, offset, expected) => {
  expect(hostAddress(cidr, offset)).toBe(expected);
});

test("the control plane is tainted, workers are spread over zones", () => {
  expect(machineConfig(0, "10.0.0.0/16")).toMatchObject({ name: "control-plane", ip: "10.0.0.10", taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] });
  expect([1, 2, 3, 4].map((i) => machineConfig(i, "10.0.0.0/16").zone)).toEqual(["zone-a", "zone-b", "zone-c", "zone-a"]);
});
