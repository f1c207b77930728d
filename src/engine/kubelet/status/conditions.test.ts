import { describe, expect, test } from "vitest";
import type { ContainerStatus, PodCondition, PodObject, PodSpec } from "../../kinds/generated/types.ts";
import { containersReady, initialized, ready } from "./conditions.ts";

const at = (name: string, ready_: boolean, started = ready_): ContainerStatus => ({ name, ready: ready_, started, restartCount: 0, image: "", imageID: "", state: {} });
const pod = (spec: Partial<PodSpec>): PodObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [], ...spec } });
const text = ({ status, reason, message }: PodCondition): string => [status, reason, message].filter((part) => part !== undefined).join(" ");
const two = pod({ containers: [{ name: "1234" }, { name: "5678" }] });

describe("TestGenerateContainersReadyCondition", () => {
  test.each([
    { name: "no statuses", subject: pod({}), statuses: undefined, phase: "Running", expected: "False UnknownContainerStatuses" },
    { name: "empty", subject: pod({}), statuses: [], phase: "Running", expected: "True" },
    { name: "unknown", subject: pod({ containers: [{ name: "1234" }] }), statuses: [], phase: "Running", expected: "False ContainersNotReady containers with unknown status: [1234]" },
    { name: "all ready", subject: two, statuses: [at("1234", true), at("5678", true)], phase: "Running", expected: "True" },
    { name: "one unknown", subject: two, statuses: [at("1234", true)], phase: "Running", expected: "False ContainersNotReady containers with unknown status: [5678]" },
    { name: "one not ready", subject: two, statuses: [at("1234", true), at("5678", false)], phase: "Running", expected: "False ContainersNotReady containers with unready status: [5678]" },
    { name: "both sorts", subject: two, statuses: [at("5678", false)], phase: "Running", expected: "False ContainersNotReady containers with unknown status: [1234], containers with unready status: [5678]" },
    { name: "succeeded", subject: two, statuses: [at("1234", false), at("5678", false)], phase: "Succeeded", expected: "False PodCompleted" },
    { name: "failed", subject: two, statuses: [at("1234", true), at("5678", true)], phase: "Failed", expected: "False PodFailed" },
    { name: "sidecar not ready", subject: pod({ initContainers: [{ name: "proxy", restartPolicy: "Always" }], containers: [{ name: "1234" }] }), statuses: [at("proxy", false), at("1234", true)], phase: "Running", expected: "False ContainersNotReady containers with unready status: [proxy]" },
    { name: "plain init container does not count", subject: pod({ initContainers: [{ name: "init" }], containers: [{ name: "1234" }] }), statuses: [at("init", false), at("1234", true)], phase: "Running", expected: "True" },
  ])("$name", ({ subject, statuses, phase, expected }) => {
    expect(text(containersReady(subject, statuses, phase))).toBe(expected);
    expect(text(ready(subject, [], statuses, phase))).toBe(expected);
  });
});

describe("TestGeneratePodReadyCondition", () => {
  const gated = pod({ containers: [{ name: "1234" }], readinessGates: [{ conditionType: "gate1" }, { conditionType: "gate2" }] });
  const fine = [at("1234", true)];
  test.each([
    { name: "gates are missing", conditions: [], expected: 'False ReadinessGatesNotReady corresponding condition of pod readiness gate "gate1" does not exist., corresponding condition of pod readiness gate "gate2" does not exist.' },
    { name: "one is false", conditions: [{ type: "gate1", status: "True" }, { type: "gate2", status: "False" }], expected: 'False ReadinessGatesNotReady the status of pod readiness gate "gate2" is not "True", but False' },
    { name: "all are true", conditions: [{ type: "gate1", status: "True" }, { type: "gate2", status: "True" }], expected: "True" },
  ])("$name", ({ conditions, expected }) => expect(text(ready(gated, conditions, fine, "Running"))).toBe(expected));
});

describe("TestGeneratePodInitializedCondition", () => {
  const init = pod({ initContainers: [{ name: "1234" }, { name: "5678" }], containers: [{ name: "app" }] });
  const sidecar = pod({ initContainers: [{ name: "1234", restartPolicy: "Always" }], containers: [{ name: "app" }] });
  const app = { ...at("app", true), state: { running: {} } };
  test.each([
    { name: "no statuses", subject: init, statuses: undefined, phase: "Running", expected: "False UnknownContainerStatuses" },
    { name: "none, none wanted", subject: two, statuses: undefined, phase: "Running", expected: "True" },
    { name: "unknown", subject: init, statuses: [], phase: "Running", expected: "False ContainersNotInitialized containers with unknown status: [1234 5678]" },
    { name: "incomplete", subject: init, statuses: [at("1234", true), at("5678", false)], phase: "Running", expected: "False ContainersNotInitialized containers with incomplete status: [5678]" },
    { name: "both sorts", subject: init, statuses: [at("5678", false)], phase: "Running", expected: "False ContainersNotInitialized containers with unknown status: [1234], containers with incomplete status: [5678]" },
    { name: "all done", subject: init, statuses: [at("1234", true), at("5678", true)], phase: "Running", expected: "True" },
    { name: "succeeded", subject: init, statuses: [at("1234", true), at("5678", true)], phase: "Succeeded", expected: "True PodCompleted" },
    { name: "sidecar not started", subject: sidecar, statuses: [at("1234", false, false)], phase: "Running", expected: "False ContainersNotInitialized containers with incomplete status: [1234]" },
    { name: "sidecar started", subject: sidecar, statuses: [at("1234", false, true)], phase: "Running", expected: "True" },
    { name: "an app container has started before", subject: sidecar, statuses: [at("1234", false, false), app], phase: "Running", expected: "True" },
  ])("$name", ({ subject, statuses, phase, expected }) => expect(text(initialized(subject, statuses, phase))).toBe(expected));
});
