import type { Backoff } from "../backoff.ts";
import type { ServiceSource } from "../env/service-source.ts";
import type { ImageManager } from "../images/image-manager.ts";
import type { NodeContext } from "../node-context.ts";
import type { Pleg } from "../pleg.ts";
import type { ProbeManager } from "../prober/manager.ts";
import type { StatusManager } from "../status/status-manager.ts";
import type { MirrorPods } from "../static-pods/mirror-pods.ts";
import type { ObjectCache } from "../volumes/object-cache.ts";
import type { VolumeManager } from "../volumes/volume-manager.ts";

/** The managers that a pod's sync works with; one set per running kubelet. */
export interface KubeletParts {
  readonly context: NodeContext;
  readonly statuses: StatusManager;
  readonly probes: ProbeManager;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly objects: ObjectCache;
  readonly services: ServiceSource;
  readonly crashBackoff: Backoff;
  readonly mirrors: MirrorPods;
  readonly pleg: Pleg;
  /** What pods of this node can use, as quantities. */
  allocatable(): Readonly<Record<string, string>>;
  /** Why no pod network can be set up now; undefined when it can. */
  networkError(): string | undefined;
  /** A sandbox was made for this pod. */
  sandboxMade(sandboxId: string, uid: string): void;
  /** It is gone. */
  sandboxGone(sandboxId: string): void;
}
