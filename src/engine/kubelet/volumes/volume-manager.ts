import type { KubeObject } from "../../apimachinery/object.ts";
import type { Cancel } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { msToUs, secondsToUs } from "../../kernel/time.ts";
import type { Volume as VolumeSource } from "../../kinds/generated/types.ts";
import type { Volume } from "../../runtime/contracts.ts";
import { type NodeContext, podEvent, writeStep } from "../node-context.ts";
import { podUid } from "../pod-helpers.ts";
import { CANCELLED, type RunningTask, runTask, sleep, type Task, until, within } from "../task.ts";
import { ApiVolume, type PayloadSettings, type VolumeOwner } from "./api-volume.ts";
import { HostFiles } from "./host-path.ts";
import type { ObjectCache } from "./object-cache.ts";
import { isApiVolume, objectsOfVolume, payloadOf } from "./payload.ts";

/** What a node's disk holds of pods; it outlives the kubelet process. */
export class NodeDisk {
  readonly host = new HostFiles();
  /** Pod uid → its volumes; few enough to search. */
  readonly pods = new Map<string, Volume[]>();
}

/** Work under way for one pod. */
interface Mounting {
  readonly tasks: Map<string, RunningTask>;
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
  private readonly mounting = new Map<string, Mounting>();
  private readonly settings: PayloadSettings;

  constructor(private readonly context: NodeContext, private readonly disk: NodeDisk, private readonly objects: ObjectCache, allocatable: Readonly<Record<string, string>>) {
    this.settings = { allocatable, epochSeconds: context.time.epochSeconds, clusterDomain: context.clusterDomain };
  }

  /** Waits until every volume of the pod is there; the error when that takes more than about two minutes. */
  *waitForMounts(owner: VolumeOwner): Task<Result<undefined, string>> {
    const sources = owner.pod.spec.volumes ?? [];
    if (this.missing(owner, sources).length === 0) return ok(undefined);
    const mounting = this.begin(owner, sources);
    const startedUs = this.context.clock.now();
    const all = until<undefined>((done) => {
      mounting.waiting = () => done(undefined);
      return () => { mounting.waiting = undefined; };
    });
    const answer = yield* within(this.context.clock, WAIT_LIMIT_US, "kubelet: volumes take too long", all);
    if (answer === undefined) {
      return err(`unmounted volumes=[${this.missing(owner, sources).join(" ")}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded`);
    }
    // Upstream looks every 300 ms.
    const waitedUs = this.context.clock.now() - startedUs;
    const restUs = Math.ceil(waitedUs / POLL_US) * POLL_US - waitedUs;
    if (restUs > 0) yield* sleep(this.context.clock, restUs, "kubelet: look at volumes");
    return ok(undefined);
  }

  volume(uid: string, name: string): Volume | undefined {
    return this.disk.pods.get(uid)?.find((volume) => volume.name === name);
  }

  /** Takes down what a stopped pod had. */
  *unmount({ pod }: VolumeOwner): Task<undefined> {
    const uid = podUid(pod);
    this.giveUp(uid);
    const volumes = this.disk.pods.get(uid) ?? [];
    this.disk.pods.delete(uid);
    if (volumes.length === 0) return undefined;
    for (const { name } of volumes) writeStep(this.context, pod, "unmount-volume", "begin", { volume: name });
    yield* sleep(this.context.clock, this.context.rng.between(...UNMOUNT_US), "kubelet: unmount volumes");
    for (const { name } of volumes) writeStep(this.context, pod, "unmount-volume", "end", { volume: name });
    return undefined;
  }

  /** The pod or something it refers to has changed. */
  sourceChanged(owner: VolumeOwner): void {
    const uid = podUid(owner.pod);
    if (!this.disk.pods.get(uid)?.some((volume) => volume instanceof ApiVolume)) return;
    const mounting = this.mountingOf(uid);
    mounting.refresh ??= this.context.clock.after(this.context.rng.between(...REFRESH_US), "kubelet: refresh volumes", () => {
      mounting.refresh = undefined;
      this.refresh(owner, mounting);
      this.forgetIfIdle(uid, mounting);
    });
  }

  stop(): void {
    for (const mounting of this.mounting.values()) {
      for (const task of mounting.tasks.values()) task.abandon();
      mounting.refresh?.();
    }
    this.mounting.clear();
  }

  private missing({ pod }: VolumeOwner, sources: readonly VolumeSource[]): readonly string[] {
    const uid = podUid(pod);
    return sources.filter(({ name }) => this.volume(uid, name) === undefined).map(({ name }) => name);
  }

  /** Starts mounting what is neither there nor under way. */
  private begin(owner: VolumeOwner, sources: readonly VolumeSource[]): Mounting {
    const uid = podUid(owner.pod);
    const mounting = this.mountingOf(uid);
    for (const source of sources) {
      if (this.volume(uid, source.name) !== undefined || mounting.tasks.has(source.name)) continue;
      const task = runTask(this.mount(owner, source, mounting), (outcome) => {
        mounting.tasks.delete(source.name);
        if (outcome !== CANCELLED) this.forgetIfIdle(uid, mounting);
      });
      mounting.tasks.set(source.name, task); // its first wait is never over at once
    }
    return mounting;
  }

  private *mount(owner: VolumeOwner, source: VolumeSource, mounting: Mounting): Task<undefined> {
    const { clock, rng } = this.context;
    const { pod } = owner;
    const detail = { volume: source.name };
    writeStep(this.context, pod, "mount-volume", "begin", detail);
    for (let retryUs = FIRST_RETRY_US; ; retryUs = Math.min(retryUs * 2, MAX_RETRY_US)) {
      yield* sleep(clock, rng.between(...MOUNT_US), "kubelet: mount a volume");
      const made = yield* this.setUp(owner, source);
      if (made.ok) {
        const uid = podUid(pod);
        this.disk.pods.set(uid, [...(this.disk.pods.get(uid) ?? []), made.value]);
        break;
      }
      this.tellFailure(owner, source, made.error);
      writeStep(this.context, pod, "mount-volume", "progress", { ...detail, error: made.error });
      yield* sleep(clock, retryUs, "kubelet: mount back-off");
    }
    writeStep(this.context, pod, "mount-volume", "end", detail);
    if (this.missing(owner, owner.pod.spec.volumes ?? []).length === 0) mounting.waiting?.();
    return undefined;
  }

  private tellFailure({ pod }: VolumeOwner, { name }: VolumeSource, why: string): void {
    podEvent(this.context, pod, "Warning", "FailedMount", `MountVolume.SetUp failed for volume ${JSON.stringify(name)} : ${why}`);
  }

  private *setUp(owner: VolumeOwner, source: VolumeSource): Task<Result<Volume, string>> {
    if (source.emptyDir !== undefined) return ok<Volume>({ name: source.name, files: new Map() });
    if (source.hostPath !== undefined) return this.disk.host.open(source.name, source.hostPath);
    if (!isApiVolume(source)) {
      const sort = Object.keys(source).find((key) => key !== "name") ?? "empty";
      return err(`volumes of type ${sort} are not simulated`);
    }
    const objects = yield* this.load(owner, source);
    return objects.ok ? ok(new ApiVolume(source, owner, this.settings, objects.value, this.context.clock.now())) : objects;
  }

  /** The objects of an API volume, once a payload can be made of them. */
  private *load({ pod }: VolumeOwner, source: VolumeSource): Task<Result<readonly KubeObject[], string>> {
    const objects: KubeObject[] = [];
    for (const reference of objectsOfVolume(source, pod.metadata.namespace ?? "")) {
      const found = yield* this.objects.get(reference);
      if (!found.ok) return found;
      if (found.value !== undefined) objects.push(found.value);
    }
    const payload = payloadOf({ ...this.settings, pod, source, objects, mountedUs: this.context.clock.now() });
    return payload.ok ? ok(objects) : payload;
  }

  /** New content for volumes from the API. One that cannot be made any more keeps what it has. */
  private refresh(owner: VolumeOwner, mounting: Mounting): void {
    const uid = podUid(owner.pod);
    for (const source of owner.pod.spec.volumes ?? []) {
      const volume = this.volume(uid, source.name);
      if (!(volume instanceof ApiVolume) || mounting.tasks.has(source.name)) continue;
      let isOver = false;
      const task = runTask(this.load(owner, source), (objects) => {
        isOver = true;
        mounting.tasks.delete(source.name);
        if (objects === CANCELLED) return;
        if (!objects.ok) return this.tellFailure(owner, source, objects.error);
        volume.refresh(objects.value, this.context.clock.now());
        writeStep(this.context, owner.pod, "mount-volume", "instant", { volume: source.name, refresh: true });
      });
      if (!isOver) mounting.tasks.set(source.name, task);
    }
  }

  private mountingOf(uid: string): Mounting {
    let mounting = this.mounting.get(uid);
    if (mounting === undefined) this.mounting.set(uid, (mounting = { tasks: new Map(), waiting: undefined, refresh: undefined }));
    return mounting;
  }

  private forgetIfIdle(uid: string, mounting: Mounting): void {
    if (mounting.tasks.size === 0 && mounting.refresh === undefined && this.mounting.get(uid) === mounting) this.mounting.delete(uid);
  }

  private giveUp(uid: string): void {
    const mounting = this.mounting.get(uid);
    if (mounting === undefined) return;
    this.mounting.delete(uid);
    for (const task of mounting.tasks.values()) task.cancel();
    mounting.refresh?.();
  }
}
