import { expect, test } from "vitest";
import { canonicalJson, hash32 } from "../kernel/hash.ts";
import { createRng, type Rng } from "../kernel/rng.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { PodObject, PodSpec } from "../kinds/generated/types.ts";
import { Pod } from "../kinds/pod.ts";
import { createNodeFixture, type NodeFixture } from "../testing/node-fixture.ts";

const IMAGES = ["busybox", "nginx:1.27", "nope:1"];

const probe = (rng: Rng): object => ({ httpGet: { path: rng.pick(["/ok", "/flaky"]), port: 80 }, periodSeconds: rng.between(1, 5), failureThreshold: rng.between(1, 3) });

function randomSpec(rng: Rng): PodSpec {
  const maybe = (chance: number, what: () => object): object => (rng.unit() < chance ? what() : {});
  const container = (name: string): PodSpec["containers"][number] => ({
    name, image: rng.pick(IMAGES), ...maybe(0.3, () => ({ livenessProbe: probe(rng) })), ...maybe(0.4, () => ({ readinessProbe: probe(rng) })), ...maybe(0.2, () => ({ startupProbe: probe(rng) })),
    ...maybe(0.2, () => ({ lifecycle: { preStop: { sleep: { seconds: rng.between(1, 8) } }, postStart: { exec: { command: ["hook"] } } } })),
    ...maybe(0.2, () => ({ envFrom: [{ configMapRef: { name: rng.pick(["kube-root-ca.crt", "none"]) } }] })),
  });
  return {
    restartPolicy: rng.pick(["Always", "OnFailure", "Never"]), terminationGracePeriodSeconds: rng.between(9, 20), ...maybe(0.1, () => ({ activeDeadlineSeconds: rng.between(5, 60) })),
    ...maybe(0.4, () => ({ initContainers: [{ ...container("init-0"), livenessProbe: undefined, readinessProbe: undefined, startupProbe: undefined, lifecycle: undefined }, ...(rng.unit() < 0.5 ? [{ ...container("side"), restartPolicy: "Always" }] : [])] })),
    ...maybe(0.3, () => ({ volumes: [{ name: "v", configMap: { name: rng.pick(["kube-root-ca.crt", "none"]) } }] })),
    containers: Array.from({ length: rng.between(1, 3) }, (_, i) => container(`c${i}`)),
  };
}

const allPods = (node: NodeFixture): readonly PodObject[] => node.api.server.objects(Pod as unknown as KindDefinition) as readonly PodObject[];

/** Plain and quick: this runs a million times. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken rule: ${what}`);
}

const isOver = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";

/** What has to hold after every step. */
class Checker {
  /** Phases and waiting reasons that came by, so that a run that shows nothing is noticed. */
  readonly seen = new Set<string>();
  private readonly phases = new Map<string, string>();
  private readonly restarts = new Map<string, number>();

  check(node: NodeFixture): void {
    const running = this.runningContainers(node);
    for (const pod of allPods(node)) this.checkPod(pod, running);
  }

  /** Pod uid → names of its running containers. */
  private runningContainers(node: NodeFixture): ReadonlyMap<string, ReadonlySet<string>> {
    const running = new Map<string, Set<string>>();
    for (const { id, config } of node.runtime.sandboxes()) {
      for (const info of node.runtime.containers(id)) {
        if (info.state !== "Running") continue;
        const names = running.get(config.podUid) ?? new Set();
        must(!names.has(info.name), `${config.podName}/${info.name} runs once`);
        running.set(config.podUid, names.add(info.name));
      }
    }
    return running;
  }

  private checkPod({ metadata, status }: PodObject, running: ReadonlyMap<string, ReadonlySet<string>>): void {
    const uid = metadata.uid ?? "";
    const before = this.phases.get(uid);
    must(!isOver(before) || status?.phase === before, `${metadata.name} stays ${before}`);
    this.phases.set(uid, status?.phase ?? "");
    this.seen.add(status?.phase ?? "");
    must(!isOver(status?.phase) || (running.get(uid)?.size ?? 0) === 0, `nothing of ${metadata.name} runs once it is over`);
    for (const one of [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]) {
      const key = `${uid}/${one.name}`;
      must(one.restartCount >= (this.restarts.get(key) ?? 0), `the restarts of ${metadata.name}/${one.name} only grow`);
      this.restarts.set(key, one.restartCount);
      must(Object.keys(one.state ?? {}).length === 1, `${metadata.name}/${one.name} has one state`);
      must(!one.ready || one.name === "init-0" || one.state?.running !== undefined, `${metadata.name}/${one.name} runs while it is ready`);
      this.seen.add(one.state?.waiting?.reason ?? "");
    }
    const isReady = status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    must(!isReady || status?.containerStatuses?.every(({ ready }) => ready) === true, `all containers of ${metadata.name} are ready while it is`);
  }
}

function step(node: NodeFixture, rng: Rng, serial: number): void {
  const pods = allPods(node).filter(({ metadata }) => metadata.namespace === "default");
  const one = pods.length === 0 ? undefined : rng.pick(pods);
  switch (rng.below(9)) {
    case 0: case 1: case 2:
      node.pod(`p${serial}`, randomSpec(rng));
      break;
    case 3: case 4:
      if (one !== undefined) node.remove(one.metadata.name, rng.unit() < 0.3 ? { gracePeriodSeconds: rng.between(0, 3) } : {});
      break;
    case 5: {
      const info = node.runtime.running(rng.pick(["c0", "c1", "side"]));
      if (info !== undefined) node.runtime.kill(info.id, rng.pick(["SIGKILL", "OOM", "SIGTERM"]));
      break;
    }
    case 6:
      if (node.kubelet.isRunning) node.kubelet.stop();
      else node.kubelet.start();
      break;
    case 7:
      node.api.server.setAvailable(!node.api.server.available);
      break;
    default:
      node.runtime.sandboxError = rng.unit() < 0.5 ? undefined : "no IP addresses available";
  }
}

const STEPS = 90;

function run(seed: number): { node: NodeFixture; hash: number; seen: ReadonlySet<string> } {
  const node = createNodeFixture({ seed });
  const rng = createRng(seed);
  const behaviour = createRng(seed + 1_000);
  node.runtime.program = (config) => (config.name === "init-0" || behaviour.unit() < 0.5 ? { afterMs: behaviour.between(50, 20_000), exitCode: behaviour.below(2), termMs: 100 } : { termMs: behaviour.pick([10, 5_000, Infinity]) });
  node.network.answer = ({ url }) => (url.endsWith("/flaky") && behaviour.unit() < 0.5 ? behaviour.pick<number | "drop">([500, "drop"]) : 200);
  node.runtime.answerExec = () => ({ afterMs: behaviour.between(1, 3_000), code: behaviour.below(2) });
  const checker = new Checker();
  for (let i = 0; i < STEPS; i++) {
    step(node, rng, i);
    for (let k = rng.between(1, 12); k > 0; k--) {
      node.run(0.5);
      checker.check(node);
    }
  }
  return { node, hash: hash32(canonicalJson([allPods(node), node.runtime.calls])), seen: checker.seen };
}

const LIMIT_MS = 120_000; // real time, for slow machines

test.each([1, 2, 3, 4, 5])("seed %i: minutes of faults keep the rules, and all can be cleaned up", { timeout: LIMIT_MS }, (seed) => {
  const { node, seen } = run(seed);
  expect([...seen]).toEqual(expect.arrayContaining(["Pending", "Running", "CrashLoopBackOff", "ImagePullBackOff"]));
  node.api.server.setAvailable(true);
  node.runtime.sandboxError = undefined;
  if (!node.kubelet.isRunning) node.kubelet.start();
  node.run(30);
  for (const { metadata } of allPods(node)) node.remove(metadata.name);
  node.until("all pods are gone", () => allPods(node).length === 0, 180);
  node.until("nothing is left in the runtime", () => node.runtime.sandboxes().length === 0, 60);
});

test("the same seed gives the same run", { timeout: LIMIT_MS }, () => {
  expect(run(7).hash).toBe(run(7).hash);
  expect(run(8).hash).not.toBe(run(7).hash);
});
