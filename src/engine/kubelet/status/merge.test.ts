import { expect, test } from "vitest";
import type { PodStatus } from "../../kinds/generated/types.ts";
import { mergePodStatus, podStatusPatch, withTransitionTimes } from "./merge.ts";

const NOW = "2026-01-01T00:01:00Z";
const THEN = "2026-01-01T00:00:00Z";
const readyAt = (status: string, lastTransitionTime: string): NonNullable<PodStatus["conditions"]>[number] => ({ type: "Ready", status, lastTransitionTime });

test("times of change only move with the status", () => {
  const old = [readyAt("True", THEN)];
  expect(withTransitionTimes([{ type: "Ready", status: "True" }], old, NOW)).toMatchObject([{ lastTransitionTime: THEN }]);
  expect(withTransitionTimes([{ type: "Ready", status: "False" }], old, NOW)).toMatchObject([{ lastTransitionTime: NOW }]);
});

test("TestMergePodStatus: conditions of others stay, the kubelet's own are replaced", () => {
  const old: PodStatus = { phase: "Running", conditions: [{ type: "example.com/gate", status: "True" }, readyAt("True", THEN)] };
  const merged = mergePodStatus(old, { phase: "Running", conditions: [readyAt("False", NOW)] }, true, NOW);
  expect(merged.conditions).toEqual([{ type: "example.com/gate", status: "True" }, readyAt("False", NOW)]);
});

test("TestMergePodStatus: nothing is over while containers may run", () => {
  const old: PodStatus = { phase: "Running", conditions: [] };
  const fresh: PodStatus = { phase: "Failed", reason: "DeadlineExceeded", message: "late", conditions: [{ type: "DisruptionTarget", status: "True" }, readyAt("True", THEN)] };
  expect(mergePodStatus(old, fresh, true, NOW)).toMatchObject({ phase: "Running", conditions: [readyAt("True", THEN)] });
  expect(mergePodStatus(old, fresh, true, NOW).reason).toBeUndefined();
  expect(mergePodStatus(old, fresh, false, NOW)).toEqual({
    phase: "Failed", reason: "DeadlineExceeded", message: "late",
    conditions: [{ type: "DisruptionTarget", status: "True" }, { type: "Ready", status: "False", reason: "PodFailed", lastTransitionTime: NOW }],
  });
});

test("a patch names what changed, and the order of merged lists", () => {
  const old: PodStatus = { phase: "Pending", reason: "x", qosClass: "BestEffort", conditions: [{ type: "PodScheduled", status: "True" }, readyAt("False", THEN)] };
  const next: PodStatus = { phase: "Running", conditions: [{ type: "PodScheduled", status: "True" }, readyAt("True", NOW)], podIP: "10.42.1.2", podIPs: [{ ip: "10.42.1.2" }] };
  expect(podStatusPatch("u1", old, next)).toEqual({
    metadata: { uid: "u1" },
    status: {
      phase: "Running", reason: null, podIP: "10.42.1.2", "$setElementOrder/podIPs": [{ ip: "10.42.1.2" }], podIPs: [{ ip: "10.42.1.2" }],
      "$setElementOrder/conditions": [{ type: "PodScheduled" }, { type: "Ready" }], conditions: [readyAt("True", NOW)],
    },
  });
  expect(podStatusPatch("u1", next, next)).toBeUndefined();
});
