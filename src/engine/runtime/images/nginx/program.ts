import { KERNEL_RELEASE } from "../../process/proc-tree.ts";
import { noticing, type Process } from "../../process/process.ts";
import { execProgram } from "../../process/process-table.ts";
import type { Program } from "../../process/program.ts";
import type { Sys } from "../../process/wait.ts";
import type { LogLine } from "../../contracts.ts";
import { usOf } from "../../../kernel/time.ts";
import { calendarAt } from "../../commands/now.ts";
import { addressOf } from "../../net/client.ts";
import { serveWeb } from "../../net/web-server.ts";
import { strftime } from "../../text/calendar.ts";
import { type Directive, parseNginxConfig } from "./config.ts";
import { answerRequest, type NginxState } from "./serve.ts";
import { readSite, type Site } from "./site.ts";

const CONFIG = "/etc/nginx/nginx.conf";
const BIND_TRIES = 5;
const FIRST_WORKER = 29;

/** /docker-entrypoint.sh: says what it does and becomes nginx. Differs: a program, not a script; only templates are worked on. */
export const nginxEntrypoint: Program = {
  name: "nginx-entrypoint",
  memoryBytes: 1 << 20,
  *run(process) {
    const [command = "", ...args] = process.argv.slice(1);
    const isNginx = command === "nginx" || command === "nginx-debug";
    if (isNginx && hasEntrypointScripts(process)) {
      const ipv6 = ipv6Lines(process);
      printLazily(process, () => entrypointLines(ipv6), "stdout");
    }
    fillInTemplates(process);
    if (!isNginx) {
      const path = process.table.lookup(command, process.env.get("PATH"), process.cwd, process.credentials);
      const loaded = path.ok ? process.table.load(path.value, [command, ...args], process.credentials) : undefined;
      if (loaded?.ok !== true) {
        yield* process.errOut(`/docker-entrypoint.sh: ${command === "" ? "exec: : not found" : `exec: line 47: ${command}: not found`}\n`);
        return 127;
      }
      yield { type: "cpu", us: 15_000 };
      return yield* execProgram(process, loaded.value);
    }
    process.argv = [command, ...args];
    process.binary = { ...process.binary, program: "nginx" };
    yield { type: "cpu", us: 25_000 };
    yield { type: "exec", start: () => runNginx(process) };
    return 0;
  },
};

const atLeast = (version: string, major: number, minor: number): boolean => { const [a = 0, b = 0] = version.split(".").map(Number); return a > major || (a === major && b >= minor); };
const hasEntrypointScripts = (process: Process): boolean => atLeast(process.world.image.version, 1, 19);

function ipv6Lines(process: Process): readonly string[] {
  const config = process.world.fs.readText("/etc/nginx/conf.d/default.conf", process.credentials);
  const writable = process.world.fs.access("/etc/nginx/conf.d/default.conf", 2, process.credentials);
  return !config.ok ? NO_CONFIG : writable ? LISTEN_ON_IPV6 : READ_ONLY_CONFIG;
}

/** Source: docker-nginx 10-listen-on-ipv6-by-default.sh. */
const IPV6_SCRIPT = "10-listen-on-ipv6-by-default.sh: info: ";
const NO_CONFIG = [`${IPV6_SCRIPT}/etc/nginx/conf.d/default.conf is not a file or does not exist`];
const READ_ONLY_CONFIG = [`${IPV6_SCRIPT}can not modify /etc/nginx/conf.d/default.conf (read-only file system?)`];
const LISTEN_ON_IPV6 = [`${IPV6_SCRIPT}Getting the checksum of /etc/nginx/conf.d/default.conf`, `${IPV6_SCRIPT}Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf`];

function entrypointLines(ipv6: readonly string[]): readonly string[] {
  const launch = "/docker-entrypoint.sh: Launching /docker-entrypoint.d/";
  return [
    "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration", "/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/", `${launch}10-listen-on-ipv6-by-default.sh`,
    ...ipv6, "/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh", `${launch}20-envsubst-on-templates.sh`, `${launch}30-tune-worker-processes.sh`, "/docker-entrypoint.sh: Configuration complete; ready for start up",
  ];
}

/** Thousands of servers print the same lines: those of the container's log are made when somebody reads them. */
function printLazily(process: Process, make: (atUs: number) => readonly string[], stream: "stdout" | "stderr"): void {
  const { world } = process;
  const straight = process.pid === 1 && process.files[stream === "stdout" ? 1 : 2]?.name === `pipe:[${stream}]`;
  if (straight) world.log.writeLazily(world.clock.now(), (atUs) => make(atUs).map((text): LogLine => ({ atUs: usOf(atUs), stream, text })));
  else process.files[stream === "stdout" ? 1 : 2]?.write(make(world.clock.now()).map((line) => `${line}\n`).join(""));
}

/** Source: docker-nginx 20-envsubst-on-templates.sh. */
function fillInTemplates(process: Process): void {
  const { fs } = process.world;
  const names = fs.list("/etc/nginx/templates", process.credentials);
  if (!names.ok) return;
  for (const name of names.value.filter((file) => file.endsWith(".template"))) {
    const text = fs.readText(`/etc/nginx/templates/${name}`, process.credentials);
    if (text.ok) fs.writeText(`/etc/nginx/conf.d/${name.slice(0, -".template".length)}`, text.value.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, a?: string, b?: string) => process.env.get(a ?? b ?? "") ?? whole), process.credentials);
  }
}

export const nginxProgram: Program = { name: "nginx", memoryBytes: 3 << 20, run: runNginx };

function* runNginx(process: Process): Sys<number> {
  const { version } = process.world.image;
  const args = process.argv.slice(1);
  let config = CONFIG;
  let signal: string | undefined;
  const globals: Directive[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "-c") config = args[++i] ?? config;
    else if (arg === "-s") signal = args[++i];
    else if (arg === "-g") {
      const parsed = parseNginxConfig(args[++i] ?? "", "command line");
      if (!parsed.ok) return yield* emergency(process, parsed.error);
      globals.push(...parsed.value);
    } else if (arg === "-v" || arg === "-V") {
      yield* process.errOut(`nginx version: nginx/${version}\n`);
      return 0;
    } else if (arg === "-t" || arg === "-T") return yield* testConfig(process, config, arg === "-T");
    else if (arg !== "-q" && arg !== "-p" && arg !== "-e") {
      yield* process.errOut(`nginx: invalid option: "${arg.replace(/^-/, "")}"\n`);
      return 1;
    }
  }
  if (signal !== undefined) return yield* sendSignal(process, signal);
  const site = readSite(process.world.fs, config);
  if (!site.ok) return yield* emergency(process, site.error);
  if (!(yield* findHosts(process, site.value))) return 1;
  const foreground = globals.some((directive) => directive.name === "daemon" && directive.args[0] === "off") || daemonIsOff(process, config);
  if (!foreground && process.pid === 1) {
    // A daemon leaves its parent: the container ends with it.
    return 0;
  }
  yield { type: "exec", start: () => serve(process, config, site.value) };
  return 0;
}

function daemonIsOff(process: Process, config: string): boolean {
  const text = process.world.fs.readText(config, process.credentials);
  return text.ok && /^\s*daemon\s+off\s*;/m.test(text.value);
}

const stamp = (process: Process, atUs: number = process.world.clock.now()): string => strftime("%Y/%m/%d %H:%M:%S", calendarAt(process, atUs));

function* emergency(process: Process, problem: string): Sys<number> {
  yield* process.errOut(`${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${problem}\nnginx: [emerg] ${problem}\n`);
  return 1;
}

function* findHosts(process: Process, site: Site): Sys<boolean> {
  for (const { host, where } of site.hosts) {
    const address = yield* addressOf(process, host);
    if (address.ok) continue;
    yield* emergency(process, `host not found in upstream "${host}" in ${where}`);
    return false;
  }
  return true;
}

function* testConfig(process: Process, config: string, dump: boolean): Sys<number> {
  const site = readSite(process.world.fs, config);
  if (!site.ok) {
    yield* emergency(process, site.error);
    yield* process.errOut(`nginx: configuration file ${config} test failed\n`);
    return 1;
  }
  yield* process.errOut(`nginx: the configuration file ${config} syntax is ok\nnginx: configuration file ${config} test is successful\n`);
  if (!dump) return 0;
  const { fs } = process.world;
  const names = fs.list("/etc/nginx/conf.d", process.credentials);
  for (const path of [config, "/etc/nginx/mime.types", ...(names.ok ? names.value.filter((name) => name.endsWith(".conf")).map((name) => `/etc/nginx/conf.d/${name}`) : [])]) {
    const text = fs.readText(path, process.credentials);
    if (text.ok) yield* process.out(`# configuration file ${path}:\n${text.value}\n`);
  }
  return 0;
}

function* sendSignal(process: Process, name: string): Sys<number> {
  const known = ({ stop: "TERM", quit: "QUIT", reload: "HUP", reopen: "USR1" } as const)[name as "stop" | "quit" | "reload" | "reopen"];
  if (known === undefined) {
    yield* process.errOut(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  const main = process.table.all().find((other) => other !== process && other.title?.startsWith("nginx: master process") === true);
  if (main === undefined) return yield* emergency(process, 'invalid PID number "" in "/run/nginx.pid"');
  yield* process.errOut(`${stamp(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`);
  main.signal(known);
  return 0;
}

function* serve(process: Process, config: string, site: Site): Sys<number> {
  const { version } = process.world.image;
  const cpus = Math.max(1, Math.floor(process.world.nodeCpuMilli / 1000));
  const workers = site.worker.processes === "auto" ? cpus : Math.min(64, Math.max(1, Number(site.worker.processes) || 1));
  const state: NginxState = { site, requests: 0, version, workerPid: FIRST_WORKER, quietLog: false };
  process.title = `nginx: master process ${process.argv.join(" ")}`;
  if (!(yield* mayWrite(process))) return 1;
  let close = yield* openPorts(process, state);
  if (close === undefined) return 1;
  const uid = process.credentials.uid === 0 ? 101 : process.credentials.uid;
  process.table.skipPids(FIRST_WORKER + workers - 1);
  process.helpers = workersOf(workers, uid);
  process.setMemory((3 << 20) + workers * (1 << 20));
  process.handleSignals(SIGNALS);
  const notices = atLeast(version, 1, 21);
  if (notices) printLazily(process, (atUs) => startNotices(process, atUs, workers), "stderr");
  for (;;) {
    const signal = yield* process.pause();
    if (signal === "HUP") {
      yield* note(process, notices, ["signal 1 (SIGHUP) received, reconfiguring", "reconfiguring"]);
      const next = readSite(process.world.fs, config);
      if (!next.ok) {
        yield* process.errOut(`${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${next.error}\n`);
        continue;
      }
      close();
      state.site = next.value;
      close = (yield* openPorts(process, state)) ?? (() => {});
      yield* note(process, notices, ["using the \"epoll\" event method", "start worker processes", ...Array.from({ length: workers }, (_, index) => `start worker process ${FIRST_WORKER + workers + index}`)]);
      continue;
    }
    if (signal === "QUIT" || signal === "TERM" || signal === "INT") {
      const graceful = signal === "QUIT";
      yield* note(process, notices, [graceful ? "signal 3 (SIGQUIT) received, shutting down" : `signal ${signal === "TERM" ? 15 : 2} (SIG${signal}) received, exiting`]);
      close();
      yield* process.sleep(graceful ? 20_000 : 5_000);
      const lines: string[] = [];
      for (let index = 0; index < workers; index++) {
        const pid = FIRST_WORKER + index;
        lines.push(...(graceful ? [`${pid}#${pid}: gracefully shutting down`] : []), `${pid}#${pid}: exiting`, `${pid}#${pid}: exit`);
      }
      if (notices) yield* process.errOut(lines.map((line) => `${stamp(process)} [notice] ${line}\n`).join(""));
      yield* note(process, notices, [`signal 17 (SIGCHLD) received from ${FIRST_WORKER}`, ...Array.from({ length: workers }, (_, index) => `worker process ${FIRST_WORKER + index} exited with code 0`), "exit"]);
      return 0;
    }
  }
}

const SIGNALS = noticing("TERM", "QUIT", "INT", "HUP", "USR1", "WINCH");

/** What `ps` shows beside the master; it is looked at, so it need not be kept. */
const workersOf = (workers: number, uid: number): NonNullable<Process["helpers"]> => () => Array.from({ length: workers }, (_, index) => ({ pid: FIRST_WORKER + index, uid, title: "nginx: worker process", memoryBytes: 2 << 20 }));

function* note(process: Process, notices: boolean, lines: readonly string[]): Sys<void> {
  if (notices) yield* process.errOut(lines.map((line) => `${stamp(process)} [notice] ${process.pid}#${process.pid}: ${line}\n`).join(""));
}

function startNotices(process: Process, atUs: number, workers: number): readonly string[] {
  const { version } = process.world.image;
  const built = process.world.image.resolver === "musl" ? "built by gcc 14.2.0 (Alpine 14.2.0) " : "built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ";
  return ['using the "epoll" event method', `nginx/${version}`, built, `OS: Linux ${KERNEL_RELEASE}`, "getrlimit(RLIMIT_NOFILE): 1048576:1048576", "start worker processes", ...Array.from({ length: workers }, (_, index) => `start worker process ${FIRST_WORKER + index}`)].map(
    (line) => `${stamp(process, atUs)} [notice] 1#1: ${line}`,
  );
}

/** A user that is not root, or a read-only file system, cannot make nginx' directories: the commonest surprise with securityContext. */
function* mayWrite(process: Process): Sys<boolean> {
  const { fs } = process.world;
  const path = "/var/cache/nginx/client_temp";
  const exists = fs.stat("/var/cache/nginx", process.credentials);
  if (!exists.ok || fs.stat(path, process.credentials).ok) return true;
  // Differs: whether it could, and no directory: 150,000 servers would each get a writable layer for it.
  const errno = fs.mayCreate(path, process.credentials);
  if (errno === undefined) return true;
  if (process.credentials.uid !== 0) yield* process.errOut(`${stamp(process)} [warn] 1#1: the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/nginx/nginx.conf:2\nnginx: [warn] the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/nginx/nginx.conf:2\n`);
  yield* emergency(process, `mkdir() "${path}" failed (${errno === "EROFS" ? "30: Read-only file system" : "13: Permission denied"})`);
  return false;
}

/** Source: ngx_open_listening_sockets: five tries, half a second apart. */
function* openPorts(process: Process, state: NginxState): Sys<(() => void) | undefined> {
  const wanted = new Map<string, { readonly port: number; readonly ip: string }>();
  for (const server of state.site.servers) for (const { port, ip } of server.ports) wanted.set(`${ip}:${port}`, { port, ip });
  const closers: (() => void)[] = [];
  for (let attempt = 1; ; attempt++) {
    let failed = false;
    for (const [key, { port, ip }] of wanted) {
      const listener = listenOn(process, state, port, ip);
      if (listener.ok) {
        closers.push(listener.value);
        wanted.delete(key);
        continue;
      }
      failed = true;
      const problem = `bind() to ${ip}:${port} failed (${listener.error.code === "EADDRINUSE" ? "98: Address already in use" : "99: Cannot assign requested address"})`;
      if (listener.error.code !== "EADDRINUSE") return yield* giveUp(process, closers, problem, true);
      yield* process.errOut(`${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${problem}\nnginx: [emerg] ${problem}\n`);
    }
    if (!failed) return closeAll(closers);
    if (attempt === BIND_TRIES) return yield* giveUp(process, closers, "still could not bind()", false);
    yield* process.errOut(`${stamp(process)} [notice] ${process.pid}#${process.pid}: try again to bind() after 500ms\n`);
    yield* process.sleep(500_000);
  }
}

function listenOn(process: Process, state: NginxState, port: number, ip: string): ReturnType<typeof serveWeb> {
  return serveWeb(process, { port, ip }, (request, answer) => {
    answerRequest(process, state, request, answer);
    return undefined;
  });
}

const closeAll = ([only, ...others]: readonly (() => void)[]): (() => void) => (only !== undefined && others.length === 0 ? only : () => [only, ...others].forEach((close) => close?.()));

function* giveUp(process: Process, closers: readonly (() => void)[], problem: string, both: boolean): Sys<undefined> {
  for (const close of closers) close();
  if (both) yield* emergency(process, problem);
  else yield* process.errOut(`${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${problem}\nnginx: [emerg] ${problem}\n`);
}

