import type { Cancel } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { msToUs, secondsToUs } from "../../kernel/time.ts";
import type { PodObject, Volume as VolumeSource } from "../../kinds/generated/types.ts";
import type { Volume } from "../../runtime/contracts.ts";
import { type NodeContext, podEvent, writeStep } from "../node-context.ts";
import { podUid } from "../pod-helpers.ts";
import { type RunningTask, runTask, sleep, type Task, until, within } from "../task.ts";
import { HostFiles } from "./host-path.ts";
import { LazyVolume } from "./lazy-volume.ts";
import type { ObjectCache } from "./object-cache.ts";
import { filesOf } from "./payload.ts";
import { collectPayload, isApiVolume } from "./set-up.ts";

/** What a node's disk holds of pods; it outlives the kubelet process. */
export class NodeDisk {
  readonly host = new HostFiles();
  /** Pod uid → volume name → volume. */
  readonly pods = new Map<string, Map<string, Volume>>();
}

interface PodMounts {
  pod: PodObject;
  readonly tasks: Map<string, RunningTask>;
  readonly mounted: Map<string, Volume>;
  waiting: (() => void) | undefined;
  refresh: Cancel | undefined;
}

const WAIT_LIMIT_US = secondsToUs(123);
const POLL_US = msToUs(300);
const FIRST_RETRY_US = msToUs(500);
const MAX_RETRY_US = secondsToUs(122);
const MOUNT_US = [msToUs(8), msToUs(40)] as const;
const UNMOUNT_US = [msToUs(10), msToUs(40)] as const;
/** A changed source reaches the files at the pod's next periodic sync. */
const REFRESH_US = [secondsToUs(1), secondsToUs(90)] as const;

/**
 * Mounts and unmounts the volumes of pods, each with its own back-off.
 * Source: pkg/kubelet/volumemanager/volume_manager.go; volume/util/operationexecutor; util/goroutinemap/exponentialbackoff.
 * Differs: changed ConfigMaps and Secrets reach their files 1 to 90 s later by an event of their own, where upstream remounts at the pod's periodic sync.
 */
export class VolumeManager {
  private readonly pods = new Map<string, PodMounts>();

  constructor(
    private readonly context: NodeContext,
    private readonly disk: NodeDisk,
    private readonly objects: ObjectCache,
    private readonly allocatable: () => Readonly<Record<string, string>>,
  ) {}

  /** Waits until every volume of the pod is there; the error when that takes more than about two minutes. */
  *waitForMounts(pod: PodObject): Task<Result<undefined, string>> {
    const sources = pod.spec.volumes ?? [];
    if (sources.length === 0) return ok(undefined);
    const mounts = this.begin(pod);
    if (this.isComplete(mounts, sources)) return ok(undefined);
    const startedUs = this.context.clock.now();
    const all = until<undefined>((done) => {
      mounts.waiting = () => done(undefined);
      return () => { mounts.waiting = undefined; };
    });
    const answer = yield* within(this.context.clock, WAIT_LIMIT_US, "kubelet: volumes take too long", all);
    if (answer === undefined) {
      const names = sources.filter(({ name }) => !mounts.mounted.has(name)).map(({ name }) => name);
      return err(`unmounted volumes=[${names.join(" ")}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded`);
    }
    // Upstream looks every 300 ms.
    const waitedUs = this.context.clock.now() - startedUs;
    const restUs = Math.ceil(waitedUs / POLL_US) * POLL_US - waitedUs;
    if (restUs > 0) yield* sleep(this.context.clock, restUs, "kubelet: look at volumes");
    return ok(undefined);
  }

  volume(pod: PodObject, name: string): Volume | undefined {
    return this.disk.pods.get(podUid(pod))?.get(name);
  }

  /** Takes down what a stopped pod had. */
  *unmount(pod: PodObject): Task<undefined> {
    const uid = podUid(pod);
    this.forget(uid);
    const volumes = this.disk.pods.get(uid);
    this.disk.pods.delete(uid);
    if (volumes === undefined || volumes.size === 0) return undefined;
    for (const name of volumes.keys()) writeStep(this.context, pod, "unmount-volume", "begin", { volume: name });
    yield* sleep(this.context.clock, this.context.rng.between(...UNMOUNT_US), "kubelet: unmount volumes");
    for (const name of volumes.keys()) writeStep(this.context, pod, "unmount-volume", "end", { volume: name });
    return undefined;
  }

  /** The pod or something it refers to has changed. */
  sourceChanged(pod: PodObject): void {
    const mounts = this.pods.get(podUid(pod));
    if (mounts === undefined) return;
    mounts.pod = pod;
    mounts.refresh ??= this.context.clock.after(this.context.rng.between(...REFRESH_US), "kubelet: refresh volumes", () => {
      mounts.refresh = undefined;
      this.refresh(mounts);
    });
  }

  stop(): void {
    for (const mounts of this.pods.values()) {
      for (const task of mounts.tasks.values()) task.abandon();
      mounts.refresh?.();
    }
    this.pods.clear();
  }

  /** Starts mounting what is not mounted; a kubelet that comes back finds its old volumes on the disk. */
  private begin(pod: PodObject): PodMounts {
    const uid = podUid(pod);
    const onDisk = this.disk.pods.get(uid) ?? new Map<string, Volume>();
    this.disk.pods.set(uid, onDisk);
    let mounts = this.pods.get(uid);
    if (mounts === undefined) {
      mounts = { pod, tasks: new Map(), mounted: onDisk, waiting: undefined, refresh: undefined };
      this.pods.set(uid, mounts);
    }
    mounts.pod = pod;
    for (const source of pod.spec.volumes ?? []) {
      if (mounts.mounted.has(source.name) || mounts.tasks.has(source.name)) continue;
      const own = mounts;
      mounts.tasks.set(source.name, runTask(this.mount(own, source), () => own.tasks.delete(source.name)));
    }
    return mounts;
  }

  private *mount(mounts: PodMounts, source: VolumeSource): Task<undefined> {
    const { clock, rng } = this.context;
    const detail = { volume: source.name };
    writeStep(this.context, mounts.pod, "mount-volume", "begin", detail);
    for (let retryUs = FIRST_RETRY_US; ; retryUs = Math.min(retryUs * 2, MAX_RETRY_US)) {
      yield* sleep(clock, rng.between(...MOUNT_US), "kubelet: mount a volume");
      const made = yield* this.setUp(mounts.pod, source);
      if (made.ok) {
        mounts.mounted.set(source.name, made.value);
        break;
      }
      podEvent(this.context, mounts.pod, "Warning", "FailedMount", `MountVolume.SetUp failed for volume ${JSON.stringify(source.name)} : ${made.error}`);
      writeStep(this.context, mounts.pod, "mount-volume", "progress", { ...detail, error: made.error });
      yield* sleep(clock, retryUs, "kubelet: mount back-off");
    }
    writeStep(this.context, mounts.pod, "mount-volume", "end", detail);
    if (this.isComplete(mounts, mounts.pod.spec.volumes ?? [])) mounts.waiting?.();
    return undefined;
  }

  private *setUp(pod: PodObject, source: VolumeSource): Task<Result<Volume, string>> {
    if (source.emptyDir !== undefined) return ok<Volume>({ name: source.name, files: new Map() });
    if (source.hostPath !== undefined) return this.disk.host.open(source.name, source.hostPath);
    if (!isApiVolume(source)) {
      const sort = Object.keys(source).find((key) => key !== "name") ?? "empty";
      return err(`volumes of type ${sort} are not simulated`);
    }
    const payload = yield* collectPayload({ context: this.context, objects: this.objects, pod, allocatable: this.allocatable() }, source);
    if (!payload.ok) return payload;
    const nowUs = this.context.clock.now();
    return ok(new LazyVolume(source.name, () => filesOf(payload.value, nowUs)));
  }

  /** New content for volumes from the API. One that cannot be made any more keeps what it has. */
  private refresh(mounts: PodMounts): void {
    for (const source of mounts.pod.spec.volumes ?? []) {
      const volume = mounts.mounted.get(source.name);
      if (!(volume instanceof LazyVolume) || mounts.tasks.has(source.name)) continue;
      const input = { context: this.context, objects: this.objects, pod: mounts.pod, allocatable: this.allocatable() };
      let isOver = false;
      const task = runTask(collectPayload(input, source), (payload) => {
        isOver = true;
        mounts.tasks.delete(source.name);
        if (typeof payload === "symbol") return;
        if (!payload.ok) {
          podEvent(this.context, mounts.pod, "Warning", "FailedMount", `MountVolume.SetUp failed for volume ${JSON.stringify(source.name)} : ${payload.error}`);
          return;
        }
        const nowUs = this.context.clock.now();
        volume.replace(() => filesOf(payload.value, nowUs));
        writeStep(this.context, mounts.pod, "mount-volume", "instant", { volume: source.name, refresh: true });
      });
      if (!isOver) mounts.tasks.set(source.name, task);
    }
  }

  private isComplete(mounts: PodMounts, sources: readonly VolumeSource[]): boolean {
    return sources.every(({ name }) => mounts.mounted.has(name));
  }

  private forget(uid: string): void {
    const mounts = this.pods.get(uid);
    if (mounts === undefined) return;
    for (const task of mounts.tasks.values()) task.cancel();
    mounts.refresh?.();
    this.pods.delete(uid);
  }
}
