import { msToUs } from "../../engine/kernel/time.ts";
import type { Container, ContainerStatus, PodCondition, PodObject } from "../../engine/kinds/generated/types.ts";
import type { FakeStore } from "./fake-store.ts";

/** MB of the images that the script knows; 30 otherwise. */
const IMAGE_MB: Readonly<Record<string, number>> = { "nginx:latest": 72, "nginx:1.27": 72, "registry.k8s.io/pause:3.10": 1, "busybox:1.36": 2, "redis:7": 45 };

export interface BirthOptions {
  readonly node: string;
  readonly ip: string;
  /** A static pod or host-network pod: no CNI, image already there. */
  readonly system?: boolean;
}

const conditions = (store: FakeStore, upTo: number): PodCondition[] =>
  ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"].map((type, index) => ({
    type, status: index < upTo ? "True" : "False", lastTransitionTime: store.time.seconds(store.clock.now()),
    ...(index >= upTo && index >= 3 ? { reason: "ContainersNotReady", message: "containers with unready status" } : {}),
  }));

const statuses = (pod: PodObject, state: (c: Container) => ContainerStatus["state"], ready: boolean): ContainerStatus[] =>
  pod.spec.containers.map((c) => ({ name: c.name, image: c.image ?? "", imageID: "", ready, started: ready, restartCount: 0, state: state(c) }));

/** Plays the life of one pod as the real components would write it: every step with its journal entries, status updates and Events. */
export function playBirth(store: FakeStore, pod: PodObject, choose: () => BirthOptions): void {
  const { namespace = "default", name } = pod.metadata;
  const subject = `pod/${namespace}/${name}`;
  const live = (): PodObject | undefined => {
    const now = store.get<PodObject>("Pod", namespace, name);
    return now?.metadata.uid === pod.metadata.uid ? now : undefined;
  };
  const jitter = (ms: number): number => msToUs(ms * (0.7 + 0.6 * store.rng.unit()));
  const steps: [delayUs: number, label: string, run: (now: PodObject) => void][] = [];
  const at = (delayUs: number, label: string, run: (now: PodObject) => void): void => void steps.push([delayUs, label, run]);
  let options: BirthOptions = { node: "", ip: "" };
  const journal = (component: string, step: string, phase: "begin" | "end" | "instant" | "progress", detail: Record<string, string | number | boolean> = {}): void =>
    store.journal({ component, step, phase, subject, uid: pod.metadata.uid ?? "", node: options.node, detail });

  at(jitter(420), "kube-scheduler: bind", (now) => {
    options = choose();
    journal("kube-scheduler", "bind", "instant", { node: options.node });
    store.put({ ...now, spec: { ...now.spec, nodeName: options.node }, status: { ...now.status, phase: "Pending", conditions: conditions(store, 1) } });
    store.event(now, "Normal", "Scheduled", `Successfully assigned ${namespace}/${name} to ${options.node}`, "default-scheduler");
  });
  at(jitter(60), "kubelet: sync", (now) => {
    journal(`kubelet/${options.node}`, "mount-volumes", "begin");
    store.put({ ...now, status: { ...now.status, hostIP: "10.0.0.2", startTime: store.time.seconds(store.clock.now()), conditions: conditions(store, 1), containerStatuses: statuses(now, () => ({ waiting: { reason: "ContainerCreating" } }), false) } });
  });
  at(jitter(120), "kubelet: volumes mounted", () => {
    journal(`kubelet/${options.node}`, "mount-volumes", "end");
    journal(`containerd/${options.node}`, "run-sandbox", "begin");
  });
  at(jitter(180), "containerd: sandbox", () => {
    journal(`containerd/${options.node}`, "run-sandbox", "end");
    journal(`cni/${options.node}`, "cni-add", "begin");
  });
  at(jitter(160), "cni: add", (now) => {
    journal(`cni/${options.node}`, "cni-add", "end", { ip: options.ip });
    store.put({ ...now, status: { ...now.status, podIP: options.ip, podIPs: [{ ip: options.ip }], conditions: conditions(store, 2) } });
  });
  for (const container of pod.spec.containers) pullAndStart(store, container, at, journal, jitter, () => options);
  at(jitter(700), "kubelet: ready", (now) => {
    const startedAt = store.time.seconds(store.clock.now());
    store.put({ ...now, status: { ...now.status, conditions: conditions(store, 5), containerStatuses: statuses(now, () => ({ running: { startedAt } }), true) } });
  });

  const next = (index: number): void => {
    const step = steps[index];
    if (step === undefined) return;
    store.clock.after(step[0], `${step[1]} ${name}`, () => {
      const now = live();
      if (now === undefined || now.metadata.deletionTimestamp !== undefined) return;
      step[2](now);
      next(index + 1);
    });
  };
  next(0);
}

function pullAndStart(
  store: FakeStore, container: Container, at: (delayUs: number, label: string, run: (now: PodObject) => void) => void,
  journal: (component: string, step: string, phase: "begin" | "end" | "instant" | "progress", detail?: Record<string, string | number | boolean>) => void,
  jitter: (ms: number) => number, options: () => BirthOptions,
): void {
  const image = container.image ?? "";
  const total = (IMAGE_MB[image] ?? 30) * 1e6;
  const broken = image.includes("nope");
  const detail = (): Record<string, string | number> => ({ container: container.name, image, totalBytes: total });
  at(jitter(40), "kubelet: pull", (now) => {
    journal(`containerd/${options().node}`, "pull-image", "begin", detail());
    store.event(now, "Normal", "Pulling", `Pulling image "${image}"`, "kubelet");
  });
  if (broken) {
    at(jitter(900), "kubelet: pull failed", (now) => {
      journal(`containerd/${options().node}`, "pull-image", "end", { ...detail(), error: "ErrImagePull" });
      store.event(now, "Warning", "Failed", `Failed to pull image "${image}": not found`, "kubelet");
      store.put({ ...now, status: { ...now.status, containerStatuses: statuses(now, () => ({ waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` } }), false) } });
    });
    at(msToUs(3_600_000), "never", () => {});
    return;
  }
  const parts = options().system === true ? 1 : 12;
  for (let part = 1; part <= parts; part += 1) {
    at(jitter(total / 1e6 / parts * 22), "containerd: pull progress", () => journal(`containerd/${options().node}`, "pull-image", "progress", { ...detail(), bytes: (total * part) / parts }));
  }
  at(jitter(30), "kubelet: pulled", (now) => {
    journal(`containerd/${options().node}`, "pull-image", "end", detail());
    store.event(now, "Normal", "Pulled", `Successfully pulled image "${image}" in 1.6s (1.6s including waiting). Image size: ${total} bytes.`, "kubelet");
    journal(`containerd/${options().node}`, "create-container", "begin", { container: container.name });
  });
  at(jitter(90), "containerd: created", (now) => {
    journal(`containerd/${options().node}`, "create-container", "end", { container: container.name });
    store.event(now, "Normal", "Created", `Created container: ${container.name}`, "kubelet");
    journal(`containerd/${options().node}`, "start-container", "begin", { container: container.name });
  });
  at(jitter(110), "containerd: started", (now) => {
    journal(`containerd/${options().node}`, "start-container", "end", { container: container.name });
    store.event(now, "Normal", "Started", `Started container ${container.name}`, "kubelet");
    const startedAt = store.time.seconds(store.clock.now());
    store.put({ ...now, status: { ...now.status, phase: "Running", conditions: conditions(store, 3), containerStatuses: statuses(now, () => ({ running: { startedAt } }), false) } });
  });
}

/** Deletion: grace, stop, gone. */
export function playDeath(store: FakeStore, pod: PodObject): void {
  const { namespace = "default", name } = pod.metadata;
  store.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: store.time.seconds(store.clock.now()), deletionGracePeriodSeconds: 30 } });
  store.event(pod, "Normal", "Killing", `Stopping container ${pod.spec.containers[0]?.name ?? ""}`, "kubelet");
  store.clock.after(msToUs(1_800), `kubelet: ${name} is gone`, () => store.remove("Pod", namespace, name));
}
