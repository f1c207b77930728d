import type { TcpConnection } from "../../../network/contracts.ts";
import { wallClock } from "../../commands/now.ts";
import { addressOf, connect, KERNEL_TIMEOUT_US, reasonText } from "../../net/client.ts";
import { KERNEL_RELEASE } from "../../process/proc-tree.ts";
import { noticing, type Process } from "../../process/process.ts";
import type { Program } from "../../process/program.ts";
import { isInterrupted, type Sys } from "../../process/wait.ts";
import { strftime } from "../../text/calendar.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "../bases/alpine.ts";
import { debianFiles, debianLayer, RELEASES } from "../bases/debian.ts";
import type { ImageDefinition, ImageVariant } from "../image-definition.ts";
import { splitTag, versionOf } from "../versions.ts";
import { CommandReader, encodeCommand, encodeReply, parseReply, showReply, splitWords } from "./protocol.ts";
import { type RedisReply, RedisStore } from "./store.ts";

const PATCHES = { "2.8": 23, "3.0": 7, "3.2": 12, "4.0": 14, "5.0": 14, "6.0": 20, "6.2": 19, "7.0": 15, "7.2": 10, "7.4": 5, "8.0": 3, "8.2": 1 };

const stamp = (process: Process): string => strftime("%d %b %Y %H:%M:%S.%N", wallClock(process)).replace(/(\.\d{3})\d+$/, "$1");

/** redis-server. Source: redis src/server.c (texts of the log). */
const redisServer: Program = {
  name: "redis-server",
  memoryBytes: 8 << 20,
  startUs: 30_000,
  *run(process) {
    const { version } = process.world.image;
    const args = process.argv.slice(1);
    if (args.includes("-v") || args.includes("--version")) {
      yield* process.out(`Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n`);
      return 0;
    }
    const log = (mark: string, text: string): void => void process.files[1]?.write(`${process.pid}:${mark === "o" ? "C" : "M"} ${stamp(process)} ${mark === "o" ? "*" : mark} ${text}\n`);
    const config = readConfig(process, args);
    if (typeof config === "string") {
      yield* process.errOut(config);
      return 1;
    }
    log("o", "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    log("o", `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`);
    if (args.length === 0) process.files[1]?.write(`${process.pid}:C ${stamp(process)} # Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf\n`);
    else log("o", "Configuration loaded");
    const port = Number(config.get("port"));
    const startedUs = process.world.clock.now();
    const store: RedisStore = new RedisStore({
      password: config.get("requirepass") ?? "", config, nowUs: () => process.world.clock.now(),
      info: () => `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\nos:Linux ${KERNEL_RELEASE} x86_64\r\nprocess_id:${process.pid}\r\ntcp_port:${port}\r\nuptime_in_seconds:${Math.floor((process.world.clock.now() - startedUs) / 1e6)}\r\n\r\n# Clients\r\nconnected_clients:1\r\n\r\n# Memory\r\nused_memory:${process.memoryBytes}\r\nused_memory_human:${(process.memoryBytes / (1 << 20)).toFixed(2)}M\r\n\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n${store.size > 0 ? `db0:keys=${store.size},expires=0,avg_ttl=0\r\n` : ""}`,
    });
    const listener = process.world.netns.listenTcp(port, "0.0.0.0", process.owner, (connection) => serveClient(process, store, connection));
    if (!listener.ok) {
      process.files[1]?.write(`${process.pid}:M ${stamp(process)} # Warning: Could not create server TCP listening socket *:${port}: bind: Address already in use\n${process.pid}:M ${stamp(process)} # Failed listening on port ${port} (tcp), aborting.\n`);
      return 1;
    }
    process.hold(() => listener.value.close());
    process.title = `redis-server *:${port}`;
    log("*", "monotonic clock: POSIX clock_gettime");
    log("*", `Running mode=standalone, port=${port}.`);
    log("*", "Server initialized");
    log("*", "Ready to accept connections tcp");
    return yield* untilStopped(process, log);
  },
};

const TERM_AND_INT = noticing("TERM", "INT");

function* untilStopped(process: Process, log: (mark: string, text: string) => void): Sys<number> {
  process.handleSignals(TERM_AND_INT);
  for (;;) {
    const signal = yield* process.pause();
    if (signal !== "TERM" && signal !== "INT") continue;
    process.files[1]?.write(`${process.pid}:signal-handler (${wallClock(process).unix}) Received SIG${signal} scheduling shutdown...\n`);
    yield* process.sleep(100_000);
    log("*", "User requested shutdown...");
    log("*", "Saving the final RDB snapshot before exiting.");
    log("*", "DB saved on disk");
    process.files[1]?.write(`${process.pid}:M ${stamp(process)} # Redis is now ready to exit, bye bye...\n`);
    return 0;
  }
}

/** "redis-server /path/redis.conf --port 6380 --requirepass x". */
function readConfig(process: Process, args: readonly string[]): Map<string, string> | string {
  const config = new Map([["port", "6379"], ["requirepass", ""], ["maxmemory", "0"], ["maxmemory-policy", "noeviction"], ["appendonly", "no"], ["save", "3600 1 300 100 60 10000"], ["dir", "/data"], ["bind", "* -::*"], ["protected-mode", "yes"], ["databases", "16"], ["timeout", "0"], ["loglevel", "notice"]]);
  const lines: string[] = [];
  const [file] = args;
  if (file !== undefined && !file.startsWith("--")) {
    const text = process.world.fs.readText(file.startsWith("/") ? file : `${process.cwd}/${file}`, process.credentials);
    if (!text.ok) return `${process.pid}:C ${stamp(process)} # Fatal error, can't open config file '${file}': No such file or directory\n`;
    lines.push(...text.value.split("\n"));
  }
  lines.push(...args.slice(file?.startsWith("--") === false ? 1 : 0).join(" ").split(/\s*--(?=[a-z])/));
  for (const line of lines) {
    const [name = "", ...values] = splitWords(line.replace(/^\s*#.*$/, "").trim());
    if (name === "" || name === "-") continue;
    if (name.toLowerCase() === "maxmemory") config.set("maxmemory", String(bytesOf(values[0] ?? "0")));
    else config.set(name.toLowerCase(), values.join(" "));
  }
  if (!/^\d{1,5}$/.test(config.get("port") ?? "") || Number(config.get("port")) > 65_535) return `\n*** FATAL CONFIG FILE ERROR (Redis ${process.world.image.version}) ***\nReading the configuration file, at line 2\n>>> 'port "${config.get("port") ?? ""}"'\nargument must be between 0 and 65535 inclusive\n`;
  return config;
}

function bytesOf(text: string): number {
  const match = /^(\d+)(b|kb?|mb?|gb?)?$/i.exec(text);
  const unit = (match?.[2] ?? "").toLowerCase();
  const factor: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1_000, kb: 1 << 10, m: 1_000_000, mb: 1 << 20, g: 1e9, gb: 1 << 30 };
  return Number(match?.[1] ?? 0) * (factor[unit] ?? 1);
}

function serveClient(process: Process, store: RedisStore, connection: TcpConnection): void {
  const letGo = process.hold(() => connection.close());
  const reader = new CommandReader();
  const session = { authenticated: store.password === "" };
  connection.onClose(() => {
    connection.close();
    letGo();
  });
  connection.onData((text) => {
    reader.push(text);
    for (let words = reader.next(); words !== undefined; words = reader.next()) {
      if (words.length === 0) continue;
      process.cpuUs += 20;
      connection.send(encodeReply(store.run(words, session)));
      if (words[0]?.toUpperCase() === "QUIT") connection.close();
      if (words[0]?.toUpperCase() === "SHUTDOWN") process.signal("TERM");
    }
  });
}

/** redis-cli. Source: redis src/redis-cli.c. */
const redisCli: Program = {
  name: "redis-cli",
  memoryBytes: 3 << 20,
  *run(process) {
    const args = process.argv.slice(1);
    let host = "127.0.0.1";
    let port = 6379;
    let password = process.env.get("REDISCLI_AUTH") ?? "";
    let raw = process.files[1]?.isTty !== true;
    let repeat = 1;
    let at = 0;
    for (; at < args.length && (args[at] ?? "").startsWith("-"); at++) {
      const arg = args[at] ?? "";
      if (arg === "-h") host = args[++at] ?? host;
      else if (arg === "-p") port = Number(args[++at]) || port;
      else if (arg === "-a" || arg === "--pass") password = args[++at] ?? "";
      else if (arg === "-r") repeat = Number(args[++at]) || 1;
      else if (arg === "-n" || arg === "-i" || arg === "--user" || arg === "-u") at += 1;
      else if (arg === "--raw") raw = true;
      else if (arg === "--no-raw") raw = false;
      else if (arg === "--version" || arg === "-v") {
        yield* process.out(`redis-cli ${process.world.image.version}\n`);
        return 0;
      }
    }
    const address = yield* addressOf(process, host);
    if (!address.ok) return yield* cannotConnect(process, host, port, "Name or service not known");
    const connection = yield* connect(process, address.value, port, KERNEL_TIMEOUT_US);
    if (!connection.ok) return yield* cannotConnect(process, host, port, reasonText(process, connection.error.code));
    const client = new RedisClient(process, connection.value);
    if (password !== "") {
      const reply = yield* client.ask(["AUTH", password]);
      if (reply !== null && typeof reply === "object" && "error" in reply) yield* process.errOut(`AUTH failed: ${reply.error}\n`);
    }
    const words = args.slice(at);
    if (words.length > 0) {
      let code = 0;
      for (let i = 0; i < Math.min(repeat, 10_000); i++) {
        const reply = yield* client.ask(words);
        if (reply !== null && typeof reply === "object" && "error" in reply) code = 1;
        yield* process.out(`${showReply(reply, raw)}\n`);
      }
      return raw ? 0 : code;
    }
    return yield* converse(process, client, `${host}:${port}`, raw);
  },
};

function* converse(process: Process, client: RedisClient, where: string, raw: boolean): Sys<number> {
  const tty = process.files[0]?.isTty === true;
  for (;;) {
    if (tty) yield* process.out(`${where}> `);
    const line = yield* process.readInterruptibly(0, true);
    if (line === null || isInterrupted(line)) return 0;
    const words = splitWords(line.trim());
    if (words.length === 0) continue;
    if (/^(quit|exit)$/i.test(words[0] ?? "")) return 0;
    yield* process.out(`${showReply(yield* client.ask(words), raw)}\n`);
  }
}

function* cannotConnect(process: Process, host: string, port: number, reason: string): Sys<number> {
  yield* process.errOut(`Could not connect to Redis at ${host}:${port}: ${reason}\n`);
  return 1;
}

class RedisClient {
  private buffer = "";
  private closed = false;
  private wake: (() => void) | undefined;
  private readonly process: Process;
  private readonly connection: TcpConnection;

  constructor(process: Process, connection: TcpConnection) {
    this.process = process;
    this.connection = connection;
    process.hold(() => connection.close());
    connection.onData((text) => {
      this.buffer += text;
      this.wake?.();
    });
    connection.onClose(() => {
      this.closed = true;
      this.wake?.();
    });
  }

  *ask(words: readonly string[]): Sys<RedisReply> {
    this.connection.send(encodeCommand(words));
    for (;;) {
      const parsed = parseReply(this.buffer, 0);
      if (parsed !== undefined && this.buffer !== "") {
        this.buffer = this.buffer.slice(parsed.end);
        return parsed.value;
      }
      if (this.closed) return { error: "Error: Server closed the connection" };
      yield* this.process.call<undefined>("wait for redis", (resume) => {
        this.wake = () => resume(undefined);
        return () => (this.wake = undefined);
      });
    }
  }
}

function redisVariant(tag: string): ImageVariant | undefined {
  const [head, rest] = /^(alpine|bookworm|bullseye)/.test(tag) ? ["latest", tag] : splitTag(tag);
  if (!/^(|alpine[\d.]*|bookworm|bullseye|buster|stretch|32bit)$/.test(rest)) return undefined;
  const version = versionOf(head, PATCHES, { latest: "8.2" });
  if (version === undefined) return undefined;
  const alpine = rest.startsWith("alpine");
  return {
    version,
    layers: [alpine ? alpineLayer(ALPINE_LATEST) : debianLayer(RELEASES.bookworm), { name: `redis:${version}${alpine ? "-alpine" : ""}`, bytes: alpine ? 9_200_000 : 17_000_000 }],
    entrypoint: ["docker-entrypoint.sh"], cmd: ["redis-server"], workingDir: "/data", exposedPorts: [6379], env: [["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], ["REDIS_VERSION", version]],
    ...(alpine ? { resolver: "musl" as const } : {}),
    files: () => (alpine ? alpineFiles(ALPINE_LATEST) : debianFiles(RELEASES.bookworm)).dir("data", 0o755, 999, 999)
      .binary("usr/local/bin/redis-server", "redis-server", "plain", version).binary("usr/local/bin/redis-cli", "redis-cli", "plain", version).binary("usr/local/bin/redis-benchmark", "not-implemented").binary("usr/local/bin/redis-sentinel", "not-implemented")
      .text("usr/local/bin/docker-entrypoint.sh", '#!/bin/sh\nset -e\n\n# first arg is `-f` or `--some-option`\n# or first arg is `something.conf`\nif [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then\n\tset -- redis-server "$@"\nfi\n\nexec "$@"\n', 0o755).build(),
  };
}

export const redis: ImageDefinition = {
  repositories: ["docker.io/library/redis", "public.ecr.aws/docker/library/redis", "mirror.gcr.io/library/redis", "docker.io/bitnami/redis", "docker.io/bitnamilegacy/redis", "mcr.microsoft.com/oss/bitnami/redis", "docker.io/valkey/valkey"],
  programs: [redisServer, redisCli],
  variant: (tag, repository) => redisVariant(repository.includes("library/redis") ? tag : "latest"),
};

/** The old images of the guestbook and of the e2e tests. */
export const oldRedis: ImageDefinition = {
  repositories: ["registry.k8s.io/redis", "k8s.gcr.io/redis", "registry.k8s.io/e2e-test-images/redis", "gcr.io/google_containers/redis", "registry.k8s.io/redis-slave", "gcr.io/google_samples/gb-redisslave", "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower"],
  variant: (tag) => (/^(latest|e2e|v[1-3]|5\.0\.5-alpine)$/.test(tag) ? redisVariant("5.0.14") : undefined),
};
