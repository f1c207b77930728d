import { describe, expect, test } from "vitest";
import type { ContainerStatus, PodObject } from "../../kinds/generated/types.ts";
import { CONFIG_SOURCE } from "../pod-helpers.ts";
import { podPhase } from "./phase.ts";

const running = (name: string): ContainerStatus => ({ name, ready: true, started: true, restartCount: 0, image: "", imageID: "", state: { running: {} } });
const started = running;
const notStarted = (name: string): ContainerStatus => ({ ...running(name), started: false });
const stopped = (name: string): ContainerStatus => ({ ...running(name), state: { terminated: { exitCode: 0 } } });
const succeeded = stopped;
const failed = (name: string): ContainerStatus => ({ ...running(name), state: { terminated: { exitCode: -1 } } });
const waiting = (name: string): ContainerStatus => ({ ...running(name), started: false, state: { waiting: {} } });
const waitingAfter = (name: string, exitCode: number): ContainerStatus => ({ ...waiting(name), lastState: { terminated: { exitCode } } });

interface Case {
  readonly name: string;
  readonly statuses: readonly ContainerStatus[];
  readonly phase: string;
  /** With podIsTerminal. */
  readonly terminal?: string;
}

const pod = (restartPolicy: string, init: readonly { name: string; restartPolicy?: string }[] = [], apps: readonly string[] = ["containerA", "containerB"]): PodObject => ({
  apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { restartPolicy, containers: apps.map((name) => ({ name })), initContainers: init },
});

const check = (subject: PodObject, cases: readonly Case[]): void => {
  for (const { name, statuses, phase, terminal } of cases) {
    test(name, () => {
      expect(podPhase(subject, statuses, false)).toBe(phase);
      if (terminal !== undefined) expect(podPhase(subject, statuses, true)).toBe(terminal);
    });
  }
};

describe("TestPodPhaseWithRestartAlways", () => {
  check(pod("Always"), [
    { name: "waiting", statuses: [], phase: "Pending" },
    { name: "all running", statuses: [running("containerA"), running("containerB")], phase: "Running" },
    { name: "all stopped with restart always", statuses: [stopped("containerA"), stopped("containerB")], phase: "Running", terminal: "Succeeded" },
    { name: "all succeeded with restart always", statuses: [succeeded("containerA"), succeeded("containerB")], phase: "Running", terminal: "Succeeded" },
    { name: "all failed with restart always", statuses: [failed("containerA"), failed("containerB")], phase: "Running", terminal: "Failed" },
    { name: "mixed state #1 with restart always", statuses: [running("containerA"), stopped("containerB")], phase: "Running" },
    { name: "mixed state #2 with restart always", statuses: [running("containerA")], phase: "Pending" },
    { name: "mixed state #3 with restart always", statuses: [running("containerA"), waiting("containerB")], phase: "Pending" },
    { name: "backoff crashloop container with restart always", statuses: [running("containerA"), waitingAfter("containerB", 1)], phase: "Running" },
  ]);
});

describe("TestPodPhaseWithRestartAlwaysInitContainers", () => {
  check(pod("Always", [{ name: "containerX" }]), [
    { name: "empty, waiting", statuses: [], phase: "Pending" },
    { name: "initContainer, running", statuses: [running("containerX")], phase: "Pending" },
    { name: "initContainer, terminated and container not reported", statuses: [failed("containerX")], phase: "Pending" },
    { name: "initContainer, waiting after a failure", statuses: [waitingAfter("containerX", 1)], phase: "Pending" },
    { name: "all running", statuses: [succeeded("containerX"), running("containerA"), running("containerB")], phase: "Running" },
    { name: "initContainer succeeded, containers waiting", statuses: [succeeded("containerX"), waiting("containerA"), waiting("containerB")], phase: "Pending" },
  ]);
});

describe("TestPodPhaseWithRestartAlwaysRestartableInitContainers", () => {
  check(pod("Always", [{ name: "containerX", restartPolicy: "Always" }]), [
    { name: "empty, waiting", statuses: [], phase: "Pending" },
    { name: "restartable init container running", statuses: [notStarted("containerX")], phase: "Pending" },
    { name: "restartable init container stopped", statuses: [stopped("containerX")], phase: "Pending" },
    { name: "restartable init container waiting, terminated zero", statuses: [waitingAfter("containerX", 0)], phase: "Pending" },
    { name: "restartable init container started, main containers missing", statuses: [started("containerX")], phase: "Pending" },
    { name: "restartable init container started, main container running", statuses: [started("containerX"), running("containerA"), running("containerB")], phase: "Running" },
    { name: "restartable init container running, main container running", statuses: [notStarted("containerX"), running("containerA"), running("containerB")], phase: "Running" },
    { name: "restartable init container stopped, main container running", statuses: [stopped("containerX"), running("containerA"), running("containerB")], phase: "Running" },
    { name: "all succeeded", statuses: [succeeded("containerX"), succeeded("containerA"), succeeded("containerB")], phase: "Running", terminal: "Succeeded" },
  ]);
});

describe("TestPodPhaseWithRestartNever", () => {
  check(pod("Never"), [
    { name: "waiting", statuses: [], phase: "Pending" },
    { name: "all running with restart never", statuses: [running("containerA"), running("containerB")], phase: "Running" },
    { name: "all succeeded with restart never", statuses: [succeeded("containerA"), succeeded("containerB")], phase: "Succeeded" },
    { name: "all failed with restart never", statuses: [failed("containerA"), failed("containerB")], phase: "Failed" },
    { name: "mixed state #1 with restart never", statuses: [running("containerA"), failed("containerB")], phase: "Running" },
    { name: "mixed state #2 with restart never", statuses: [running("containerA")], phase: "Pending" },
    { name: "one succeeded, one failed", statuses: [succeeded("containerA"), failed("containerB")], phase: "Failed" },
  ]);
});

describe("TestPodPhaseWithRestartNeverInitContainers", () => {
  check(pod("Never", [{ name: "containerX" }]), [
    { name: "initContainer, running", statuses: [running("containerX")], phase: "Pending" },
    { name: "initContainer, terminated and failed", statuses: [failed("containerX")], phase: "Failed" },
    { name: "all succeeded", statuses: [succeeded("containerX"), succeeded("containerA"), succeeded("containerB")], phase: "Succeeded" },
  ]);
});

describe("TestPodPhaseWithRestartOnFailure", () => {
  check(pod("OnFailure"), [
    { name: "waiting", statuses: [], phase: "Pending" },
    { name: "all running with restart onfailure", statuses: [running("containerA"), running("containerB")], phase: "Running" },
    { name: "all succeeded with restart onfailure", statuses: [succeeded("containerA"), succeeded("containerB")], phase: "Succeeded" },
    { name: "all failed with restart never", statuses: [failed("containerA"), failed("containerB")], phase: "Running", terminal: "Failed" },
    { name: "mixed state #1 with restart onfailure", statuses: [running("containerA"), failed("containerB")], phase: "Running" },
    { name: "mixed state #2 with restart onfailure", statuses: [running("containerA")], phase: "Pending" },
    { name: "mixed state #3 with restart onfailure", statuses: [running("containerA"), waiting("containerB")], phase: "Pending" },
    { name: "backoff crashloop container with restart onfailure", statuses: [running("containerA"), waitingAfter("containerB", 1)], phase: "Running" },
  ]);
});

test("a static pod never ends in a terminal phase by being stopped", () => {
  const fixed: PodObject = { ...pod("Always"), metadata: { name: "p", annotations: { [CONFIG_SOURCE]: "file" } } };
  expect(podPhase(fixed, [failed("containerA"), failed("containerB")], true)).toBe("Running");
});
