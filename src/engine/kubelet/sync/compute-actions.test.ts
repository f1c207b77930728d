import { describe, expect, test } from "vitest";
import type { Container, PodObject } from "../../kinds/generated/types.ts";
import type { ContainerInfo, Sandbox } from "../../runtime/contracts.ts";
import type { PodRuntime } from "../pod-runtime.ts";
import type { ProbeResult, ProbeType } from "../prober/contracts.ts";
import { computePodActions, type ProbeVerdict } from "./compute-actions.ts";

type State = "running" | "created" | number;

const pod = (restartPolicy: string, names: readonly string[] = ["foo1", "foo2", "foo3"], init: readonly Container[] = []): PodObject => ({
  apiVersion: "v1", kind: "Pod", metadata: { name: "p", uid: "u" }, spec: { restartPolicy, containers: names.map((name) => ({ name, image: "busybox" })), initContainers: init },
});

const info = (name: string, state: State, image = "busybox"): ContainerInfo => ({
  id: `id-${name}`, sandboxId: "s", name, attempt: 0, image, imageId: "", createdUs: 0 as never,
  ...(typeof state === "number" ? { state: "Exited" as const, exitCode: state } : { state: state === "running" ? ("Running" as const) : ("Created" as const) }),
});

const sandbox = (state: Sandbox["state"] = "Ready"): Sandbox => ({ id: "s", config: { hostNetwork: false, attempt: 0 }, state, createdUs: 0, ip: "10.42.1.2", netns: {} }) as unknown as Sandbox;

const runtime = (containers: Readonly<Record<string, State>>, state?: Sandbox["state"]): PodRuntime => ({
  sandboxes: [sandbox(state)], containers: Object.entries(containers).map(([name, one]) => info(name, one)), ips: ["10.42.1.2"],
});

const said = (verdicts: Readonly<Record<string, ProbeResult>> = {}): ProbeVerdict => (type: ProbeType, id: string) => verdicts[`${type} ${id}`];

const plan = (subject: PodObject, state: PodRuntime, verdict = said()): Record<string, unknown> => {
  const actions = computePodActions(subject, state, verdict);
  return {
    kill: actions.toKill.map(({ message }) => message), init: actions.initToStart.map(({ name }) => name), start: actions.toStart.map(({ name }) => name),
    ...(actions.killPod ? { killPod: true } : {}), ...(actions.createSandbox ? { createSandbox: actions.attempt } : {}),
  };
};

const ALL = { foo1: "running", foo2: "running", foo3: "running" } as const;
const NOTHING = { kill: [], init: [], start: [] };

describe("TestComputePodActions", () => {
  test.each([
    { name: "everything is good; do nothing", subject: pod("Always"), state: runtime(ALL), expected: NOTHING },
    { name: "no sandbox, restart all", subject: pod("Always"), state: { sandboxes: [], containers: [], ips: [] }, expected: { ...NOTHING, killPod: true, createSandbox: 0, start: ["foo1", "foo2", "foo3"] } },
    { name: "start pod sandbox and all containers for a new pod / sandbox not ready", subject: pod("Always"), state: runtime(ALL, "NotReady"), expected: { ...NOTHING, killPod: true, createSandbox: 1, start: ["foo1", "foo2", "foo3"] } },
    { name: "restart exited containers if RestartPolicy == Always", subject: pod("Always"), state: runtime({ ...ALL, foo1: 0, foo2: 111 }), expected: { ...NOTHING, start: ["foo1", "foo2"] } },
    { name: "restart failed containers if RestartPolicy == OnFailure", subject: pod("OnFailure"), state: runtime({ ...ALL, foo1: 0, foo2: 111 }), expected: { ...NOTHING, start: ["foo2"] } },
    { name: "don't restart containers if RestartPolicy == Never", subject: pod("Never"), state: runtime({ ...ALL, foo1: 0, foo2: 111 }), expected: NOTHING },
    { name: "Kill pod if all containers have exited and won't restart", subject: pod("Never"), state: runtime({ foo1: 0, foo2: 0, foo3: 1 }), expected: { ...NOTHING, killPod: true } },
    { name: "Verify we do not create a pod sandbox if no ready sandbox for pod with RestartPolicy=Never and all containers exited", subject: pod("Never"), state: { ...runtime({ foo1: 0, foo2: 0, foo3: 0 }, "NotReady") }, expected: { ...NOTHING, killPod: true } },
    { name: "Verify we do not create a pod sandbox if no ready sandbox for pod with RestartPolicy=OnFailure and all containers succeeded", subject: pod("OnFailure"), state: runtime({ foo1: 0, foo2: 0, foo3: 0 }, "NotReady"), expected: { ...NOTHING, killPod: true } },
    { name: "Kill and recreate the container if the container's spec changed", subject: { ...pod("Always"), spec: { containers: [{ name: "foo1", image: "new" }, { name: "foo2", image: "busybox" }, { name: "foo3", image: "busybox" }] } }, state: runtime(ALL), expected: { ...NOTHING, kill: ["Container foo1 definition changed, will be restarted"], start: ["foo1"] } },
    { name: "Kill and recreate the container if the liveness check has failed", subject: pod("Always"), state: runtime(ALL), verdict: said({ "Liveness id-foo2": "Failure" }), expected: { ...NOTHING, kill: ["Container foo2 failed liveness probe, will be restarted"], start: ["foo2"] } },
    { name: "Kill and recreate the container if the startup check has failed", subject: pod("Always"), state: runtime(ALL), verdict: said({ "Startup id-foo2": "Failure" }), expected: { ...NOTHING, kill: ["Container foo2 failed startup probe, will be restarted"], start: ["foo2"] } },
    { name: "a created container is started again", subject: pod("Never"), state: runtime({ ...ALL, foo1: "created" }), expected: { ...NOTHING, start: ["foo1"] } },
    { name: "a missing container is started", subject: pod("Never"), state: runtime({ foo1: "running", foo2: "running" }), expected: { ...NOTHING, start: ["foo3"] } },
  ])("$name", ({ subject, state, expected, verdict }) => expect(plan(subject, state as PodRuntime, verdict)).toEqual(expected));
});

describe("TestComputePodActionsWithInitContainers", () => {
  const init = ["init1", "init2", "init3"].map((name): Container => ({ name, image: "busybox" }));
  const subject = (policy: string): PodObject => pod(policy, ["foo1", "foo2"], init);
  test.each([
    { name: "initialization completed; start all containers", policy: "Always", state: runtime({ init1: 0, init2: 0, init3: 0 }), expected: { ...NOTHING, start: ["foo1", "foo2"] } },
    { name: "no init containers have been started; start the first one", policy: "Always", state: runtime({}), expected: { ...NOTHING, init: ["init1"] } },
    { name: "initialization in progress; do nothing", policy: "Always", state: runtime({ init1: 0, init2: 0, init3: "running" }), expected: NOTHING },
    { name: "the first is done: start the second", policy: "Always", state: runtime({ init1: 0 }), expected: { ...NOTHING, init: ["init2"] } },
    { name: "finished init containers may be gone from the runtime", policy: "Always", state: runtime({ init3: 0 }), expected: { ...NOTHING, start: ["foo1", "foo2"] } },
    { name: "Kill pod and restart the first init container if the pod sandbox is dead", policy: "Always", state: runtime({ init1: 0, init2: 0, init3: 0 }, "NotReady"), expected: { ...NOTHING, killPod: true, createSandbox: 1, init: ["init1"] } },
    { name: "initialization failed; restart the last init container if RestartPolicy == Always", policy: "Always", state: runtime({ init1: 0, init2: 0, init3: 1 }), expected: { ...NOTHING, init: ["init3"] } },
    { name: "initialization failed; restart the last init container if RestartPolicy == OnFailure", policy: "OnFailure", state: runtime({ init1: 0, init2: 1 }), expected: { ...NOTHING, init: ["init2"] } },
    { name: "initialization failed; kill pod if RestartPolicy == Never", policy: "Never", state: runtime({ init1: 0, init2: 0, init3: 1 }), expected: { ...NOTHING, killPod: true } },
    { name: "created but not started: started again", policy: "Never", state: runtime({ init1: 0, init2: "created" }), expected: { ...NOTHING, init: ["init2"] } },
    { name: "an app container runs: initialised", policy: "Always", state: runtime({ foo1: "running", init3: 1 }), expected: { ...NOTHING, start: ["foo2"] } },
  ])("$name", ({ policy, state, expected }) => expect(plan(subject(policy), state)).toEqual(expected));
});

describe("TestComputePodActionsWithRestartableInitContainers", () => {
  const init = ["side1", "side2", "side3"].map((name): Container => ({ name, image: "busybox", restartPolicy: "Always" }));
  const probed = init.map((container): Container => ({ ...container, startupProbe: {}, livenessProbe: {} }));
  const SIDES = { side1: "running", side2: "running", side3: "running" } as const;
  test.each([
    { name: "initialization completed; start all containers", subject: pod("Always", ["foo1"], init), state: runtime(SIDES), expected: { ...NOTHING, start: ["foo1"] } },
    { name: "the first runs: start the next", subject: pod("Always", ["foo1"], init), state: runtime({ side1: "running" }), expected: { ...NOTHING, init: ["side2"] } },
    { name: "the startup probe has not run: wait", subject: pod("Always", ["foo1"], probed), state: runtime({ side1: "running" }), expected: NOTHING },
    { name: "the startup probe succeeded: start the next", subject: pod("Always", ["foo1"], probed), state: runtime({ side1: "running" }), verdict: said({ "Startup id-side1": "Success" }), expected: { ...NOTHING, init: ["side2"] } },
    { name: "the startup probe failed: restart", subject: pod("Always", ["foo1"], probed), state: runtime({ side1: "running" }), verdict: said({ "Startup id-side1": "Failure" }), expected: { ...NOTHING, kill: ["Init container side1 failed startup probe"], init: ["side1"] } },
    { name: "the liveness probe failed: restart, and go on", subject: pod("Always", ["foo1"], init.map((container) => ({ ...container, livenessProbe: {} }))), state: runtime({ side1: "running" }), verdict: said({ "Liveness id-side1": "Failure" }), expected: { ...NOTHING, kill: ["Init container side1 failed liveness probe"], init: ["side1", "side2"] } },
    { name: "an exited one is restarted while the app runs, whatever the policy", subject: pod("Never", ["foo1"], init), state: runtime({ ...SIDES, side2: 137, foo1: "running" }), expected: { ...NOTHING, init: ["side2"] } },
    { name: "all app containers are over: kill the pod, and restart no sidecar", subject: pod("Never", ["foo1"], init), state: runtime({ ...SIDES, side2: 137, foo1: 0 }), expected: { ...NOTHING, killPod: true } },
  ])("$name", ({ subject, state, expected, verdict }) => expect(plan(subject, state, verdict)).toEqual(expected));
});
