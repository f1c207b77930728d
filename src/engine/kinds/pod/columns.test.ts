import { expect, test } from "vitest";
import { createTimeText } from "../../apimachinery/time-text.ts";
import { usOf } from "../../kernel/time.ts";
import type { PodObject } from "../generated/types.ts";
import { podColumns, podRowConditions, summarisePod } from "./columns.ts";

const context = { now: usOf(3600 * 1e6), time: createTimeText("2026-01-01T00:00:00Z") };
const at = (seconds: number): string => context.time.seconds(usOf((3600 - seconds) * 1e6));
const make = (status: object, spec: object = {}, metadata: object = {}): PodObject =>
  ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p", creationTimestamp: at(125), ...metadata }, spec: { containers: [{ name: "a", resources: {} }, { name: "b", resources: {} }], ...spec }, status }) as unknown as PodObject;

const running = (name: string, extra: object = {}): object => ({ name, ready: true, restartCount: 0, state: { running: {} }, ...extra });
const waiting = (name: string, reason: string, extra: object = {}): object => ({ name, ready: false, restartCount: 0, state: { waiting: { reason } }, ...extra });
const over = (name: string, terminated: object, extra: object = {}): object => ({ name, ready: false, restartCount: 0, state: { terminated: { exitCode: 0, ...terminated } }, ...extra });
const INIT = { initContainers: [{ name: "i" }, { name: "j" }] };
const SIDECAR = { initContainers: [{ name: "i", restartPolicy: "Always" }, { name: "j" }] };
const initialized = { conditions: [{ type: "Initialized", status: "True" }] };

// Cases of upstream's TestPrintPod, TestPrintPodWithRestartableInitContainer, TestPrintPodConditions.
test.each<[string, PodObject, [ready: string, status: string, restarts: string]]>([
  ["pending", make({ phase: "Pending" }), ["0/2", "Pending", "0"]],
  ["gated", make({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }), ["0/2", "SchedulingGated", "0"]],
  ["creating", make({ phase: "Pending", containerStatuses: [waiting("a", "ContainerCreating"), waiting("b", "ContainerCreating")] }), ["0/2", "ContainerCreating", "0"]],
  ["the first container's state wins", make({ phase: "Pending", containerStatuses: [waiting("a", "ImagePullBackOff"), waiting("b", "CrashLoopBackOff")] }), ["0/2", "ImagePullBackOff", "0"]],
  ["running", make({ phase: "Running", containerStatuses: [running("a"), running("b")] }), ["2/2", "Running", "0"]],
  ["running, not ready", make({ phase: "Running", containerStatuses: [running("a"), running("b", { ready: false })] }), ["1/2", "Running", "0"]],
  ["restarted", make({ phase: "Running", containerStatuses: [running("a", { restartCount: 3, lastState: { terminated: { finishedAt: at(125) } } }), running("b", { restartCount: 1 })] }), ["2/2", "Running", "4 (2m5s ago)"]],
  ["restarted, nobody knows when", make({ phase: "Running", containerStatuses: [running("a", { restartCount: 3 }), running("b")] }), ["2/2", "Running", "3"]],
  ["crash loop", make({ phase: "Running", containerStatuses: [waiting("a", "CrashLoopBackOff", { restartCount: 2 }), running("b")] }), ["1/2", "CrashLoopBackOff", "2"]],
  ["one is done, one runs, ready", make({ phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [over("a", { reason: "Completed" }), running("b")] }), ["1/2", "Running", "0"]],
  ["one is done, one runs, not ready", make({ phase: "Running", containerStatuses: [over("a", { reason: "Completed" }), running("b")] }), ["1/2", "NotReady", "0"]],
  ["succeeded", make({ phase: "Succeeded", containerStatuses: [over("a", { reason: "Completed" }), over("b", { reason: "Completed" })] }), ["0/2", "Completed", "0"]],
  ["exit code", make({ phase: "Failed", containerStatuses: [over("a", { exitCode: 3 }), running("b")] }), ["1/2", "ExitCode:3", "0"]],
  ["signal", make({ phase: "Failed", containerStatuses: [over("a", { exitCode: 137, signal: 9 })] }), ["0/2", "Signal:9", "0"]],
  ["evicted", make({ phase: "Failed", reason: "Evicted" }), ["0/2", "Evicted", "0"]],
  ["terminating", make({ phase: "Running", containerStatuses: [running("a"), running("b")] }, {}, { deletionTimestamp: at(0) }), ["2/2", "Terminating", "0"]],
  ["over and being deleted", make({ phase: "Succeeded", containerStatuses: [over("a", { reason: "Completed" }), over("b", { reason: "Completed" })] }, {}, { deletionTimestamp: at(0) }), ["0/2", "Completed", "0"]],
  ["node lost", make({ phase: "Running", reason: "NodeLost" }, {}, { deletionTimestamp: at(0) }), ["0/2", "Unknown", "0"]],
  ["first init container runs", make({ phase: "Pending", initContainerStatuses: [{ ...running("i"), ready: false }, waiting("j", "PodInitializing")], containerStatuses: [waiting("a", "PodInitializing")] }, INIT), ["0/2", "Init:0/2", "0"]],
  ["second init container waits", make({ phase: "Pending", initContainerStatuses: [over("i", { reason: "Completed" }, { restartCount: 2 }), waiting("j", "PodInitializing")] }, INIT), ["0/2", "Init:1/2", "2"]],
  ["init container fails", make({ phase: "Pending", initContainerStatuses: [over("i", { exitCode: 1, reason: "Error" })] }, INIT), ["0/2", "Init:Error", "0"]],
  ["init container's exit code", make({ phase: "Pending", initContainerStatuses: [over("i", { exitCode: 5 })] }, INIT), ["0/2", "Init:ExitCode:5", "0"]],
  ["init container backs off", make({ phase: "Pending", initContainerStatuses: [waiting("i", "CrashLoopBackOff", { restartCount: 4, lastState: { terminated: { finishedAt: at(59) } } })] }, INIT), ["0/2", "Init:CrashLoopBackOff", "4 (59s ago)"]],
  ["init containers done", make({ phase: "Running", ...initialized, initContainerStatuses: [over("i", {}, { restartCount: 7 }), over("j", {})], containerStatuses: [running("a"), running("b")] }, INIT), ["2/2", "Running", "0"]],
  ["a sidecar counts", make({ phase: "Running", ...initialized, initContainerStatuses: [{ ...running("i", { restartCount: 2 }), started: true }, over("j", {})], containerStatuses: [running("a"), running("b")] }, SIDECAR), ["3/3", "Running", "2"]],
  ["a sidecar starts", make({ phase: "Pending", initContainerStatuses: [{ ...running("i"), started: false, ready: false }, waiting("j", "PodInitializing")] }, SIDECAR), ["0/3", "Init:0/2", "0"]],
])("%s", (_name, pod, [ready, status, restarts]) => {
  expect(summarisePod(pod, context)).toEqual({ ready, status, restarts });
});

test("the other cells", () => {
  const cells = (pod: PodObject): unknown[] => podColumns.map((column) => column.cell(pod, context));
  expect(podColumns.map((column) => [column.name, column.priority ?? 0])).toEqual([
    ["Name", 0], ["Ready", 0], ["Status", 0], ["Restarts", 0], ["Age", 0], ["IP", 1], ["Node", 1], ["Nominated Node", 1], ["Readiness Gates", 1],
  ]);
  expect(cells(make({ phase: "Pending" }))).toEqual(["p", "0/2", "Pending", "0", "2m5s", "<none>", "<none>", "<none>", "<none>"]);
  const full = make({ phase: "Running", podIPs: [{ ip: "10.42.0.7" }], nominatedNodeName: "m", conditions: [{ type: "g/a", status: "True" }] }, { nodeName: "n", readinessGates: [{ conditionType: "g/a" }, { conditionType: "g/b" }] });
  expect(cells(full).slice(5)).toEqual(["10.42.0.7", "n", "m", "1/2"]);
});

test("rows of pods that are over say so", () => {
  expect(podRowConditions(make({ phase: "Succeeded" }))).toEqual([{ type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." }]);
  expect(podRowConditions(make({ phase: "Failed" }))).toEqual([{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }]);
  expect(podRowConditions(make({ phase: "Running" }))).toEqual([]);
});
