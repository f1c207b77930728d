import type { Clock } from "../../kernel/clock.ts";
import type { Rng } from "../../kernel/rng.ts";
import type { TimeText } from "../../apimachinery/time-text.ts";
import type { NetNamespace } from "../../network/contracts.ts";
import type { FileSystem } from "../fs/file-system.ts";
import type { ImageConfig } from "../images/image-definition.ts";
import type { BoundedLog } from "./container-log.ts";
import type { Program } from "./program.ts";

/** What the processes of one container share: its clock, files, network, limits. */
export interface World {
  readonly clock: Clock;
  readonly time: TimeText;
  /** A fork of this container's own. */
  readonly rng: Rng;
  readonly fs: FileSystem;
  readonly netns: NetNamespace;
  readonly log: BoundedLog;
  readonly image: ImageConfig;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string; readonly hostname: string };
  readonly containerName: string;
  readonly containerId: string;
  readonly nodeName: string;
  readonly nodeMemoryBytes: number;
  readonly nodeCpuMilli: number;
  readonly memoryLimitBytes: number | undefined;
  readonly cpuLimitMilli: number | undefined;
  program(name: string): Program | undefined;
}
