import { wallClock } from "../commands/now.ts";
import { headerCase, http } from "../net/client.ts";
import { httpDate, serveWeb, type WebAnswer, type WebRequest } from "../net/web-server.ts";
import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { strftime } from "../text/calendar.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { flagValue, forever } from "./web-app.ts";

const json = (body: unknown): { headers: Record<string, string>; body: string } => ({ headers: { "Content-Type": "application/json; charset=utf-8", "X-Content-Type-Options": "nosniff" }, body: `${JSON.stringify(body, undefined, 2)}\n` });

interface Podinfo {
  healthy: boolean;
  ready: boolean;
  requests: number;
}

/** Source: stefanprodan/podinfo, cmd/podinfo and pkg/api/http. Differs: no gRPC, no cache, store or JWT endpoints. */
const podinfoProgram: Program = {
  name: "podinfo",
  memoryBytes: 18 << 20,
  startUs: 60_000,
  *run(process) {
    const args = process.argv.slice(1);
    const port = Number(flagValue(args, "port") ?? process.env.get("PODINFO_PORT") ?? 9898) || 9898;
    const metricsPort = Number(flagValue(args, "port-metrics") ?? 0) || 0;
    const { version } = process.world.image;
    const state: Podinfo = { healthy: !args.includes("--unhealthy"), ready: !args.includes("--unready"), requests: 0 };
    const log = (level: string, message: string, more: Readonly<Record<string, unknown>>): void => void process.files[1]?.write(`${JSON.stringify({ level, ts: strftime("%Y-%m-%dT%H:%M:%S.%3NZ", wallClock(process)), caller: "podinfo/main.go:150", msg: message, ...more })}\n`);
    for (const each of metricsPort > 0 ? [port, metricsPort] : [port]) {
      const listener = serveWeb(process, { port: each }, (request, answer) => (each === port ? route(process, state, request, answer) : metrics(state)));
      if (listener.ok) continue;
      log("fatal", "HTTP server crashed", { error: `listen tcp :${each}: ${listener.error.message}` });
      return 1;
    }
    log("info", "Starting podinfo", { version, revision: "unknown", port: String(port) });
    log("info", "Starting HTTP Server.", { addr: `:${port}` });
    if (args.includes("--random-error")) log("info", "Random errors are not simulated", {});
    const end = (): void => {
      log("info", "Shutting down HTTP/HTTPS server", { timeout: 5 });
      state.healthy = state.ready = false;
      process.after(3_000_000, "ends", () => process.exit(0));
    };
    process.onSignal("TERM", end);
    process.onSignal("INT", end);
    return yield* forever(process);
  },
};

const metrics = (state: Podinfo): { status: number; headers: Record<string, string>; body: string } => ({ status: 200, headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }, body: `# HELP http_requests_total The total number of HTTP requests.\n# TYPE http_requests_total counter\nhttp_requests_total{status="200"} ${state.requests}\n` });

function route(process: Process, state: Podinfo, request: WebRequest, answer: WebAnswer): { status: number; headers: Record<string, string>; body: string } | undefined {
  state.requests += 1;
  const { pod, image } = process.world;
  const base = { Date: httpDate(wallClock(process)) };
  const reply = (status: number, body: unknown): { status: number; headers: Record<string, string>; body: string } => { const value = json(body); return { status, headers: { ...value.headers, ...base }, body: value.body }; };
  const delay = /^\/delay\/(\d+)$/.exec(request.path);
  if (delay !== null) {
    const seconds = Math.min(3_600, Number(delay[1]));
    process.after(seconds * 1e6, "answers after its delay", () => answer(reply(200, { delay: seconds })));
    return undefined;
  }
  const status = /^\/status\/(\d{3})$/.exec(request.path);
  if (status !== null) return reply(Number(status[1]), { status: Number(status[1]) });
  switch (request.path) {
    case "/":
    case "/api/info": return reply(200, { hostname: pod.hostname, version: image.version, revision: "unknown", color: process.env.get("PODINFO_UI_COLOR") ?? "#34577c", logo: "https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif", message: process.env.get("PODINFO_UI_MESSAGE") ?? flagValue(process.argv, "ui-message") ?? `greetings from podinfo v${image.version}`, goos: "linux", goarch: "amd64", runtime: "go1.24.1", num_goroutine: "8", num_cpu: String(Math.max(1, Math.floor(process.world.nodeCpuMilli / 1000))) });
    case "/healthz": return state.healthy ? reply(200, { status: "OK" }) : { status: 503, headers: base, body: "" };
    case "/readyz": return state.ready ? reply(200, { status: "OK" }) : { status: 503, headers: base, body: "" };
    case "/readyz/enable": state.ready = true; return { status: 202, headers: base, body: "" };
    case "/readyz/disable": state.ready = false; return { status: 202, headers: base, body: "" };
    case "/version": return reply(200, { version: image.version, commit: "unknown" });
    case "/env": return reply(200, [...process.env].map(([key, value]) => `${key}=${value}`));
    case "/headers": return reply(200, Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [headerCase(key), [value]])));
    case "/echo":
    case "/api/echo": return { status: 202, headers: { ...base, "Content-Type": "application/json; charset=utf-8" }, body: request.body };
    case "/metrics": return metrics(state);
    case "/panic":
      process.files[2]?.write("panic: simulated by /panic\n");
      process.exit(255);
      return undefined;
    default: return { status: 404, headers: { ...base, "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" }, body: "404 page not found\n" };
  }
}

/** podcli check http|tcp: what podinfo's own probes run. */
const podcliProgram: Program = {
  name: "podcli",
  memoryBytes: 10 << 20,
  *run(process) {
    const args = process.argv.slice(1);
    const [command, kind, address = ""] = args;
    if (command === "version") {
      yield* process.out(`${process.world.image.version}\n`);
      return 0;
    }
    if (command !== "check" || (kind !== "http" && kind !== "tcp")) {
      yield* process.errOut("Error: command is required\n");
      return 1;
    }
    return yield* check(process, kind, address);
  },
};

function* check(process: Process, kind: "http" | "tcp", address: string): Sys<number> {
  const url = /^https?:\/\//.test(address) ? address : `http://${address}`;
  const { result } = yield* http(process, { method: "GET", url }, 2_000_000);
  const stamp = strftime("%Y-%m-%dT%H:%M:%S.%3NZ", wallClock(process));
  if (!result.ok && !(kind === "tcp" && result.error.code === "EPIPE")) {
    yield* process.errOut(`${stamp}\tINFO\tcheck failed\t{"address": "${address}", "error": "${result.error.message}"}\n`);
    return 1;
  }
  if (result.ok && result.value.status >= 400 && kind === "http") {
    yield* process.errOut(`${stamp}\tINFO\tcheck failed\t{"address": "${address}", "status code": ${result.value.status}}\n`);
    return 1;
  }
  return 0;
}

export const podinfo: ImageDefinition = {
  repositories: ["ghcr.io/stefanprodan/podinfo", "docker.io/stefanprodan/podinfo"],
  programs: [podinfoProgram, podcliProgram],
  variant: (tag) =>
    /^(latest|\d+\.\d+\.\d+|[456]\.\d+)$/.test(tag)
      ? {
          version: tag === "latest" ? "6.9.0" : tag, layers: [alpineLayer(ALPINE_LATEST), { name: `podinfo:${tag}`, bytes: 28_000_000 }], cmd: ["./podinfo"], workingDir: "/home/app", user: "app", exposedPorts: [9898, 9797], resolver: "musl",
          files: () => alpineFiles(ALPINE_LATEST).text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:100:101:Linux User,,,:/home/app:/bin/false\n").text("etc/group", "root:x:0:root\napp:x:101:\n").dir("home/app", 0o755, 100, 101)
            .binary("home/app/podinfo", "podinfo", "plain", tag).binary("usr/local/bin/podcli", "podcli", "plain", tag).binary("usr/bin/curl", "curl", "plain", "8.14.1").build(),
        }
      : undefined,
};

