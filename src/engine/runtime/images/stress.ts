import { secondsToUs } from "../../kernel/time.ts";
import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { debianFiles, RELEASES } from "./bases/debian.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { flagValue, forever, handleTerm } from "./web-app.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };

function bytes(text: string | undefined, fallback: number): number {
  const match = /^(\d+)([bkmg]?)i?b?$/i.exec(text ?? "");
  return match === null ? fallback : Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1);
}

function seconds(text: string | undefined): number | undefined {
  const match = /^(\d+)([smhd]?)$/.exec(text ?? "");
  return match === null ? undefined : Number(match[1]) * ({ "": 1, s: 1, m: 60, h: 3_600, d: 86_400 }[match[2] ?? ""] ?? 1);
}

const MIB_PER_STEP = 32;

/** Takes memory step by step, as a program does that fills what it allocates. */
function* allocate(process: Process, total: number): Sys<void> {
  for (let used = 0; used < total; ) {
    used = Math.min(total, used + (MIB_PER_STEP << 20));
    process.setMemory(used);
    yield* process.stopIfDead();
    yield { type: "cpu", us: 12_000 };
  }
}

/** Source: stress 1.0.4 (Amos Waterland). */
const stressProgram: Program = {
  name: "stress",
  memoryBytes: 700 << 10,
  *run(process) {
    const args = process.argv.slice(1);
    const long = (name: string, letter: string): string | undefined => flagValue(args, name) ?? (args.includes(letter) ? args[args.indexOf(letter) + 1] : undefined);
    const workers = { cpu: Number(long("cpu", "-c") ?? 0) || 0, io: Number(long("io", "-i") ?? 0) || 0, vm: Number(long("vm", "-m") ?? 0) || 0, hdd: Number(long("hdd", "-d") ?? 0) || 0 };
    const size = bytes(flagValue(args, "vm-bytes"), 256 << 20);
    const timeout = seconds(long("timeout", "-t"));
    if (args.length === 0) {
      yield* process.out("'stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n");
      return 0;
    }
    const total = workers.cpu + workers.io + workers.vm + workers.hdd;
    if (total === 0) {
      yield* process.errOut(`stress: FAIL: [${process.pid}] (244) unrecognized option: ${args[0] ?? ""}\n`);
      return 1;
    }
    yield* process.out(`stress: info: [${process.pid}] dispatching hogs: ${workers.cpu} cpu, ${workers.io} io, ${workers.vm} vm, ${workers.hdd} hdd\n`);
    handleTerm(process, { exitCode: 143 });
    if (workers.vm > 0) yield* allocate(process, size * workers.vm);
    const busy = workers.cpu + (flagValue(args, "vm-hang") === undefined ? workers.vm : 0);
    const stop = burn(process, busy);
    if (timeout === undefined) return yield* forever(process);
    yield* process.sleep(secondsToUs(timeout));
    stop();
    yield* process.out(`stress: info: [${process.pid}] successful run completed in ${timeout}s\n`);
    return 0;
  },
};

/** Uses so many cores, as far as the container's limit lets it. Returns its end. */
function burn(process: Process, cores: number): () => void {
  if (cores <= 0) return () => {};
  const limit = process.world.cpuLimitMilli === undefined ? Math.min(cores, process.world.nodeCpuMilli / 1_000) : Math.min(cores, process.world.cpuLimitMilli / 1_000);
  const cancel = process.world.clock.every(1_000_000, `${process.table.label}: uses CPU`, () => (process.cpuUs += Math.round(limit * 1_000_000)));
  return process.hold(cancel);
}

/** Source: vishh/stress, main.go. */
const vishStress: Program = {
  name: "vish-stress",
  memoryBytes: 3 << 20,
  *run(process) {
    const args = process.argv.slice(1);
    const total = bytes(flagValue(args, "mem-total"), 0);
    const step = bytes(flagValue(args, "mem-alloc-size"), 4 << 10);
    const cpus = Number(flagValue(args, "cpus") ?? 0) || 0;
    const stamp = "I0101 00:00:00.000000       1 main.go";
    yield* process.errOut(`${stamp}:26] Allocating "${flagValue(args, "mem-total") ?? "0"}" memory, in "${flagValue(args, "mem-alloc-size") ?? "4Ki"}" chunks, with a 1ms sleep between allocations\n`);
    handleTerm(process, { exitCode: 2 });
    for (let used = 0; used < total; used += Math.max(step, 16 << 20)) {
      process.setMemory(Math.min(total, used + Math.max(step, 16 << 20)) + (3 << 20));
      yield* process.stopIfDead();
      yield* process.sleep(20_000);
    }
    if (total > 0) yield* process.errOut(`${stamp}:29] Allocated "${flagValue(args, "mem-total") ?? "0"}" memory\n`);
    for (let i = 0; i < cpus; i++) yield* process.errOut(`${stamp}:39] Spawning a thread to consume CPU\n`);
    burn(process, cpus);
    return yield* forever(process);
  },
};

export const stress: ImageDefinition = {
  repositories: ["docker.io/polinux/stress", "docker.io/progrium/stress", "docker.io/alexeiled/stress-ng", "docker.io/polinux/stress-ng"],
  programs: [stressProgram],
  variant: (tag) => (/^(latest|1\.\d+(\.\d+)?|0\.\d+\.\d+)$/.test(tag) ? { version: tag, layers: [{ name: `stress:${tag}`, bytes: 4_041_495 }], cmd: ["stress"], files: () => debianFiles(RELEASES.bookworm).binary("usr/local/bin/stress", "stress", "plain", "1.0.4").binary("usr/local/bin/stress-ng", "stress", "plain", "1.0.4").build() } : undefined),
};

export const vish: ImageDefinition = {
  repositories: ["docker.io/vish/stress"],
  programs: [vishStress],
  variant: (tag) => (tag === "latest" ? { version: "1", layers: [{ name: "vish-stress:latest", bytes: 1_558_791 }], entrypoint: ["/stress", "-logtostderr"], files: () => debianFiles(RELEASES.bookworm).binary("stress", "vish-stress").remove("usr/bin/sh").remove("usr/bin/bash").remove("usr/bin/dash").build() } : undefined),
};
