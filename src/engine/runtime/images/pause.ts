import { EXIT_ON_TERM } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import { scratchFiles } from "./bases/distroless.ts";
import type { ImageDefinition } from "./image-definition.ts";

/** Sleeps for ever; no shell. Source: build/pause/linux/pause.c: ends with 0 on SIGINT and SIGTERM. */
const pauseProgram: Program = {
  name: "pause",
  memoryBytes: 200 << 10,
  *run(process) {
    process.handleSignals(EXIT_ON_TERM);
    for (;;) yield* process.pause();
  },
};

export const pause: ImageDefinition = {
  repositories: ["registry.k8s.io/pause", "k8s.gcr.io/pause", "gcr.io/google_containers/pause", "gcr.io/google_containers/pause-amd64", "docker.io/kubernetes/pause", "docker.io/rancher/mirrored-pause", "mcr.microsoft.com/oss/kubernetes/pause"],
  variant: (tag) => (/^(latest|go|3(\.\d{1,2}){0,2})$/.test(tag) ? { version: tag, layers: [{ name: `pause:${tag}`, bytes: 320_368 }], entrypoint: ["/pause"], user: "65535:65535", files: () => scratchFiles().binary("pause", "pause").build() } : undefined),
  programs: [pauseProgram],
};
