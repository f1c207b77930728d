import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import { commandOf, KERNEL_RELEASE } from "../process/proc-tree.ts";
import type { Process } from "../process/process.ts";
import { parseSignal, type SignalName } from "../process/signals.ts";
import type { Sys } from "../process/wait.ts";
import { strftime } from "../text/calendar.ts";
import { nameTables } from "./file-info.ts";
import { calendarAt, wallClock } from "./now.ts";

export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly title: string;
  readonly memoryBytes: number;
  readonly cpuUs: number;
  readonly startedUs: number;
}

/** The processes of the container, with the helpers that a server keeps (nginx' workers). */
function rows(process: Process): readonly ProcessRow[] {
  return process.table.all().flatMap((one): ProcessRow[] => {
    const row: ProcessRow = { pid: one.pid, ppid: one.ppid, uid: one.credentials.uid, title: one.title || one.argv.join(" "), memoryBytes: one.memoryBytes, cpuUs: one.cpuUs, startedUs: one.startedUs };
    return [row, ...(one.helpers?.() ?? []).map((helper) => ({ ...row, cpuUs: 0, ...helper, ppid: one.pid }))];
  }).sort((a, b) => a.pid - b.pid);
}

const clockText = (us: number): string => { const seconds = Math.floor(us / 1e6); return `${String(Math.floor(seconds / 3600)).padStart(2, "0")}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`; };

/** Source: busybox procps/ps.c (one fixed layout); procps-ng for the others (ps, aux, -ef). */
export const ps: CommandSpec = {
  name: "ps",
  *run(call) {
    const all = rows(call.process);
    const names = nameTables(call.process);
    const flags = call.args.join("");
    if (call.isBusybox) {
      yield* call.out("PID   USER     TIME  COMMAND\n");
      for (const row of all) {
        const minutes = Math.floor(row.cpuUs / 60e6);
        yield* call.out(`${String(row.pid).padStart(5)} ${names.user(row.uid).slice(0, 8).padEnd(8)} ${String(minutes).padStart(2)}:${String(Math.floor(row.cpuUs / 1e6) % 60).padStart(2, "0")} ${row.title}\n`);
      }
      return 0;
    }
    const now = call.process.world.clock.now();
    const tty = call.process.files[0]?.isTty === true ? "pts/0" : "?";
    if (/u/.test(flags) && !flags.startsWith("-u")) {
      yield* call.out("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n");
      for (const row of all) {
        const age = Math.max(1, now - row.startedUs);
        yield* call.out(`${names.user(row.uid).slice(0, 8).padEnd(8)} ${String(row.pid).padStart(7)} ${((row.cpuUs * 100) / age).toFixed(1).padStart(4)} ${((row.memoryBytes * 100) / call.process.world.nodeMemoryBytes).toFixed(1).padStart(4)} ${String(Math.ceil(row.memoryBytes / 512)).padStart(6)} ${String(Math.ceil(row.memoryBytes / 1024)).padStart(5)} ${(row.pid === call.process.pid ? tty : "?").padEnd(8)} ${(row.pid === call.process.pid ? "R+" : "Ss").padEnd(4)} ${strftime("%H:%M", calendarAt(call.process, row.startedUs)).padEnd(5)}   ${Math.floor(row.cpuUs / 60e6)}:${String(Math.floor(row.cpuUs / 1e6) % 60).padStart(2, "0")} ${row.title}\n`);
      }
    } else if (/f/.test(flags)) {
      yield* call.out("UID          PID    PPID  C STIME TTY          TIME CMD\n");
      for (const row of all) yield* call.out(`${names.user(row.uid).padEnd(8)} ${String(row.pid).padStart(7)} ${String(row.ppid).padStart(7)}  0 ${strftime("%H:%M", calendarAt(call.process, row.startedUs))} ${(row.pid === call.process.pid ? tty : "?").padEnd(8)} ${clockText(row.cpuUs)} ${row.title}\n`);
    } else {
      const shown = /[eAax]/.test(flags) ? all : all.filter((row) => row.pid === call.process.pid || row.pid === call.process.ppid);
      const full = /^[ax]+$/.test(flags);
      yield* call.out(full ? "    PID TTY      STAT   TIME COMMAND\n" : "    PID TTY          TIME CMD\n");
      for (const row of shown) yield* call.out(full ? `${String(row.pid).padStart(7)} ${tty.padEnd(8)} ${"Ss".padEnd(4)}   ${Math.floor(row.cpuUs / 60e6)}:${String(Math.floor(row.cpuUs / 1e6) % 60).padStart(2, "0")} ${row.title}\n` : `${String(row.pid).padStart(7)} ${tty.padEnd(8)} ${clockText(row.cpuUs)} ${row.title.split(" ")[0]?.replace(/^.*\//, "") ?? ""}\n`);
    }
    return 0;
  },
};

function* signalAll(call: Invocation, targets: readonly Process[], signal: SignalName | 0): Sys<void> {
  for (const target of targets) if (signal !== 0) target.signal(signal);
  yield* call.process.stopIfDead();
}

const others = (call: Invocation): readonly Process[] => call.process.table.all().filter((process) => process !== call.process);

export const killall: CommandSpec = {
  name: "killall",
  *run(call) {
    const names = call.args.filter((arg) => !arg.startsWith("-"));
    const flag = call.args.find((arg) => /^-./.test(arg) && arg !== "-q")?.slice(1);
    const signal = flag === undefined || flag === "0" ? (flag === "0" ? 0 : "TERM") : (parseSignal(flag) ?? "TERM");
    if (names.length === 0) return yield* call.fail("no process killed");
    let code = 0;
    for (const name of names) {
      const targets = others(call).filter((process) => commandOf(process) === name);
      if (targets.length === 0) code = yield* call.fail(call.isBusybox ? `${name}: no process killed` : `${name}: no process found`);
      yield* signalAll(call, targets, signal);
    }
    return code;
  },
};

const matching = (call: Invocation, values: ReadonlyMap<string, string>, pattern: string): readonly Process[] =>
  others(call).filter((process) => {
    const text = values.has("f") ? process.title || process.argv.join(" ") : commandOf(process);
    return (values.has("x") ? text === pattern : text.includes(pattern)) !== values.has("v");
  });

export const pgrep: CommandSpec = {
  name: "pgrep",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "flxvonaP:", { full: "f", "list-name": "l", "list-full": "a", exact: "x" });
    if (problem !== undefined || rest[0] === undefined) return yield* call.usage(problem ?? "missing operand", "[-flanovx] [-s SID|-P PPID|PATTERN]");
    const found = matching(call, values, rest[0]);
    for (const process of found) yield* call.out(`${process.pid}${values.has("l") ? ` ${commandOf(process)}` : values.has("a") ? ` ${process.argv.join(" ")}` : ""}\n`);
    return found.length > 0 ? 0 : 1;
  },
};

export const pkill: CommandSpec = {
  name: "pkill",
  *run(call) {
    const flag = call.args.find((arg) => /^-([A-Z]+|\d+)$/.test(arg));
    const { values, rest, problem } = parseOptions(call.args.filter((arg) => arg !== flag), "flxvonP:", { full: "f", exact: "x" });
    if (problem !== undefined || rest[0] === undefined) return yield* call.usage(problem ?? "missing operand", "[-l|-SIGNAL] [-fnovx] [-s SID|-P PPID|PATTERN]");
    const found = matching(call, values, rest[0]);
    yield* signalAll(call, found, flag === undefined ? "TERM" : (parseSignal(flag.slice(1)) ?? "TERM"));
    return found.length > 0 ? 0 : 1;
  },
};

export const pidof: CommandSpec = {
  name: "pidof",
  *run(call) {
    const names = call.args.filter((arg) => !arg.startsWith("-"));
    const found = others(call).filter((process) => names.includes(commandOf(process)) || names.includes(process.argv[0] ?? "")).map((process) => process.pid).reverse();
    if (found.length > 0) yield* call.out(`${(call.args.includes("-s") ? found.slice(0, 1) : found).join(" ")}\n`);
    return found.length > 0 ? 0 : 1;
  },
};

/** One picture, then the end, as with -b -n 1. Differs: the real one goes on; here it would never stop printing. */
export const top: CommandSpec = {
  name: "top",
  *run(call) {
    const { world, table } = call.process;
    const all = rows(call.process);
    const total = Math.floor(world.nodeMemoryBytes / 1024);
    const used = Math.floor(table.memoryBytes / 1024);
    yield* call.out(`Mem: ${used}K used, ${total - used}K free, 0K shrd, 0K buff, 0K cached\nCPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\nLoad average: 0.08 0.03 0.01 1/${all.length} ${call.process.pid}\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n`);
    const names = nameTables(call.process);
    for (const row of all) yield* call.out(`${String(row.pid).padStart(5)} ${String(row.ppid).padStart(5)} ${names.user(row.uid).padEnd(8)} S    ${String(Math.ceil(row.memoryBytes / 512)).padStart(5)}   0%   0   0% ${row.title}\n`);
    return 0;
  },
};

export const uptime: CommandSpec = {
  name: "uptime",
  *run(call) {
    const seconds = Math.floor(call.process.world.clock.now() / 1e6);
    const up = seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}` : `${Math.floor(seconds / 60)} min`;
    yield* call.out(` ${strftime("%H:%M:%S", wallClock(call.process))} up ${up},  0 users,  load average: 0.08, 0.03, 0.01\n`);
    return 0;
  },
};

/** Memory of the whole machine: a container's limit does not show here, as on a real node. */
export const free: CommandSpec = {
  name: "free",
  *run(call) {
    const { values } = parseOptions(call.args, "bkmght", { human: "h", mega: "m", giga: "g" });
    const unit = values.has("g") ? 1 << 30 : values.has("m") || values.has("h") ? 1 << 20 : values.has("b") ? 1 : 1 << 10;
    const total = call.process.world.nodeMemoryBytes;
    const used = Math.floor(total / 4);
    const cell = (bytes: number): string => `${Math.floor(bytes / unit)}${values.has("h") ? "Mi" : ""}`.padStart(12);
    yield* call.out(`${" ".repeat(call.isBusybox ? 14 : 15)}total        used        free      shared  buff/cache   available\n`);
    yield* call.out(`Mem:   ${call.isBusybox ? " " : ""}${cell(total)}${cell(used)}${cell(total - used - used)}${cell(0)}${cell(used)}${cell(total - used)}\nSwap:  ${call.isBusybox ? " " : ""}${cell(0)}${cell(0)}${cell(0)}\n`);
    return 0;
  },
};

export const df: CommandSpec = {
  name: "df",
  *run(call) {
    const { values, rest } = parseOptions(call.args, "hkmPTait:x:", { "human-readable": "h" });
    const size = (kib: number): string => (values.has("h") ? (kib >= 1 << 20 ? `${(kib / (1 << 20)).toFixed(1)}G` : `${(kib / 1024).toFixed(1)}M`) : String(kib));
    const table = [{ device: "overlay", path: "/" }, ...call.fs.mounts.filter((mount) => mount.type !== "proc")];
    const wanted = rest.length === 0 ? table : rest.map((name) => table.findLast((mount) => `${call.path(name)}/`.startsWith(mount.path === "/" ? "/" : `${mount.path}/`)) ?? { device: "overlay", path: "/" });
    yield* call.out(`Filesystem           ${values.has("h") ? "     Size" : "1K-blocks"}      Used Available Use% Mounted on\n`);
    for (const mount of wanted) yield* call.out(`${mount.device.padEnd(20)} ${size(83_886_080).padStart(9)} ${size(20_971_520).padStart(9)} ${size(62_914_560).padStart(9)}  25% ${mount.path}\n`);
    return 0;
  },
};

export const nproc: CommandSpec = { name: "nproc", *run(call) { yield* call.out(`${Math.max(1, Math.floor(call.process.world.nodeCpuMilli / 1000))}\n`); return 0; } };
export const sync: CommandSpec = { name: "sync", *run() { return 0; } };
export const clear: CommandSpec = { name: "clear", *run(call) { yield* call.out("\x1b[H\x1b[J"); return 0; } };
export const arch: CommandSpec = { name: "arch", *run(call) { yield* call.out("x86_64\n"); return 0; } };
export const tty: CommandSpec = { name: "tty", *run(call) { const terminal = call.process.files[0]?.isTty === true; yield* call.out(terminal ? "/dev/pts/0\n" : "not a tty\n"); return terminal ? 0 : 1; } };
export const sysctl: CommandSpec = {
  name: "sysctl",
  *run(call) {
    let code = 0;
    for (const arg of call.args.filter((word) => !word.startsWith("-"))) {
      const [key = "", value] = arg.split("=");
      const text = call.fs.readText(`/proc/sys/${key.replaceAll(".", "/")}`, call.who);
      if (value !== undefined) code = yield* call.fail(`error setting key '${key}': Read-only file system`);
      else if (!text.ok) code = yield* call.fail(key === "kernel.osrelease" ? KERNEL_RELEASE : `error: '${key}' is an unknown key`);
      else yield* call.out(`${key} = ${text.value}`);
    }
    return code;
  },
};
