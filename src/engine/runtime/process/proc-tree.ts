import { deviceNode, dirNode, type FileNode, type FileTree, generatedNode, linkNode } from "../fs/node.ts";
import type { ProcessTable } from "./process-table.ts";
import type { Process } from "./process.ts";

/** /proc of one container. Source: Documentation/filesystems/proc.rst. Differs: the files that people look at, not all of them. */
export class ProcTree implements FileTree {
  readonly readOnly = true;
  private readonly table: () => ProcessTable | undefined;

  constructor(table: () => ProcessTable | undefined) {
    this.table = table;
  }

  get(path: string): FileNode | undefined {
    if (path === "") return dirNode(0o555);
    const table = this.table();
    if (table === undefined) return undefined;
    const [first = "", ...rest] = path.split("/");
    if (first === "self" || first === "thread-self") return rest.length === 0 ? linkNode("1") : this.get(["1", ...rest].join("/"));
    const process = /^\d+$/.test(first) ? table.get(Number(first)) : undefined;
    if (process !== undefined) return processFile(process, rest);
    if (rest.length > 0 && !(first === "sys" || first === "net")) return undefined;
    return systemFile(table, path);
  }

  names(path: string): Iterable<string> {
    const table = this.table();
    if (path === "") return [...(table?.all() ?? []).map((process) => String(process.pid)), "self", "cpuinfo", "loadavg", "meminfo", "mounts", "stat", "uptime", "version", "filesystems", "sys"];
    if (/^\d+$/.test(path)) return ["cmdline", "comm", "cwd", "environ", "exe", "fd", "limits", "mounts", "stat", "status", "cgroup"];
    const descriptors = /^(\d+)\/fd$/.exec(path);
    if (descriptors !== null) return (table?.get(Number(descriptors[1]))?.files ?? []).flatMap((file, fd) => (file === undefined ? [] : [String(fd)]));
    if (path === "sys") return ["kernel", "net", "vm"];
    return [];
  }

  writable(): undefined {}
  put(): "EPERM" {
    return "EPERM";
  }
  remove(): void {}
}

const CAPABILITIES = "00000000a80425fb"; // the default set of a container runtime

function processFile(process: Process, rest: readonly string[]): FileNode | undefined {
  const [name, fd] = rest;
  if (name === undefined) return dirNode(0o555, process.credentials.uid, process.credentials.gid);
  if (name === "fd") {
    if (fd === undefined) return dirNode(0o500);
    return process.files[Number(fd)] === undefined ? undefined : deviceNode(`fd:${process.pid}:${Number(fd)}`);
  }
  if (fd !== undefined) return undefined;
  const { world } = process;
  const title = process.title || process.argv.join(" ");
  switch (name) {
    case "cmdline":
      return generatedNode(() => (process.title ? `${process.title}\0` : process.argv.map((arg) => `${arg}\0`).join("")), 0o444);
    case "comm":
      return generatedNode(() => `${commandOf(process)}\n`, 0o444);
    case "environ":
      return generatedNode(() => [...process.env].map(([key, value]) => `${key}=${value}\0`).join(""), 0o400);
    case "cwd":
      return linkNode(process.cwd);
    case "exe":
      return linkNode(process.argv[0] ?? title);
    case "mounts":
      return generatedNode(() => mountTable(process), 0o444);
    case "cgroup":
      return generatedNode(() => "0::/\n", 0o444);
    case "limits":
      return generatedNode(() => "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1048576              1048576              files     \n", 0o444);
    case "stat":
      return generatedNode(() => `${process.pid} (${commandOf(process)}) S ${process.ppid} ${process.pid} ${process.pid} 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 ${Math.floor(process.startedUs / 10_000)} ${process.memoryBytes * 2} ${Math.ceil(process.memoryBytes / 4096)}\n`, 0o444);
    case "status": {
      const { uid, gid, groups } = process.credentials;
      const caps = uid === 0 ? CAPABILITIES : "0000000000000000";
      return generatedNode(() => `Name:\t${commandOf(process)}\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t${process.pid}\nNgid:\t0\nPid:\t${process.pid}\nPPid:\t${process.ppid}\nTracerPid:\t0\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t${gid}\t${gid}\t${gid}\t${gid}\nFDSize:\t64\nGroups:\t${[gid, ...groups].join(" ")} \nVmSize:\t${String(Math.ceil(process.memoryBytes / 512)).padStart(8)} kB\nVmRSS:\t${String(Math.ceil(process.memoryBytes / 1024)).padStart(8)} kB\nThreads:\t1\nCapInh:\t0000000000000000\nCapPrm:\t${caps}\nCapEff:\t${caps}\nCapBnd:\t${CAPABILITIES}\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\nCpus_allowed:\t${((1 << Math.min(31, Math.max(1, Math.floor(world.nodeCpuMilli / 1000)))) - 1).toString(16)}\n`, 0o444);
    }
    default:
      return undefined;
  }
}

/** At most 15 characters, as the kernel keeps. */
export const commandOf = (process: Process): string => (process.argv[0] ?? process.name).replace(/^.*\//, "").slice(0, 15);

export function mountTable(process: Process): string {
  const lines = ["overlay / overlay rw,relatime 0 0"];
  for (const mount of process.world.fs.mounts) lines.push(`${mount.device} ${mount.path} ${mount.type} ${mount.tree.readOnly && mount.type !== "proc" ? "ro" : "rw"},relatime 0 0`);
  return `${lines.join("\n")}\n`;
}

function systemFile(table: ProcessTable, path: string): FileNode | undefined {
  const { world } = table;
  const cpus = Math.max(1, Math.floor(world.nodeCpuMilli / 1000));
  const uptime = (world.clock.now() / 1e6).toFixed(2);
  switch (path) {
    case "mounts":
      return linkNode("self/mounts");
    case "uptime":
      return generatedNode(() => `${uptime} ${uptime}\n`, 0o444);
    case "loadavg":
      return generatedNode(() => `0.08 0.03 0.01 1/${table.all().length} ${table.all().length}\n`, 0o444);
    case "version":
      return generatedNode(() => `Linux version ${KERNEL_RELEASE} (builder@kubarium) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0) ${KERNEL_VERSION}\n`, 0o444);
    case "meminfo":
      return generatedNode(() => `MemTotal:       ${String(Math.floor(world.nodeMemoryBytes / 1024)).padStart(8)} kB\nMemFree:        ${String(Math.floor(world.nodeMemoryBytes / 2048)).padStart(8)} kB\nMemAvailable:   ${String(Math.floor((world.nodeMemoryBytes * 3) / 4096)).padStart(8)} kB\n`, 0o444);
    case "cpuinfo":
      return generatedNode(() => Array.from({ length: cpus }, (_, index) => `processor\t: ${index}\nvendor_id\t: GenuineIntel\nmodel name\t: Simulated CPU @ 2.50GHz\ncpu MHz\t\t: 2500.000\n\n`).join(""), 0o444);
    case "stat":
      return generatedNode(() => `cpu  0 0 0 0 0 0 0 0 0 0\nbtime ${world.time.epochSeconds}\n`, 0o444);
    case "filesystems":
      return generatedNode(() => "nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n\text4\n", 0o444);
    case "sys":
    case "sys/kernel":
    case "sys/net":
    case "sys/vm":
    case "sys/net/core":
      return dirNode(0o555);
    case "sys/kernel/hostname":
      return generatedNode(() => `${world.pod.hostname}\n`, 0o444);
    case "sys/net/core/somaxconn":
      return generatedNode(() => "4096\n", 0o444);
    case "sys/vm/max_map_count":
      return generatedNode(() => "65530\n", 0o444);
    default:
      return undefined;
  }
}

/** What `uname -r` and `uname -v` say on every node: that of Debian 12. */
export const KERNEL_RELEASE = "6.1.0-35-amd64";
export const KERNEL_VERSION = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.137-1 (2025-05-07)";
