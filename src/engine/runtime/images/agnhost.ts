import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { isInterrupted } from "../process/wait.ts";
import { wallClock } from "../commands/now.ts";
import { httpDate, queryValue, serveWeb, type WebAnswer, type WebRequest } from "../net/web-server.ts";
import { createPipe } from "../process/pipe.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import { debianFiles, debianLayer, RELEASES } from "./bases/debian.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { flagValue, forever, GO_TERM, handleTerm } from "./web-app.ts";

const TEXT = { "Content-Type": "text/plain; charset=utf-8" };

/** Source: test/images/agnhost. Differs: netexec, serve-hostname, liveness, pause, porter, fake-gitserver and logs-generator; other subcommands say that they are not there. */
const agnhostProgram: Program = {
  name: "agnhost",
  memoryBytes: 12 << 20,
  startUs: 25_000,
  *run(process) {
    const [command = "", ...args] = process.argv.slice(1);
    switch (command) {
      case "pause":
        yield* process.out("Paused\n");
        handleTerm(process, { exitCode: 0 });
        return yield* forever(process);
      case "netexec":
        return yield* netexec(process, args);
      case "serve-hostname":
        return yield* serveHostname(process, args);
      case "liveness":
        return yield* liveness(process);
      case "porter":
        return yield* porter(process);
      case "logs-generator":
        return yield* logsGenerator(process, args);
      case "fake-gitserver":
        return yield* simple(process, 8000, () => "I am a fake git server");
      case "":
      case "help":
      case "--help":
        yield* process.out("Usage:\n  agnhost [command]\n\nAvailable Commands:\n  liveness       Starts a HTTP server on port 8080, which is alive for 10 seconds\n  netexec        Creates HTTP(S), UDP, and (optionally) SCTP servers with various endpoints\n  pause          Pauses the execution\n  serve-hostname Serves the hostname\n");
        return 0;
      default:
        if (KNOWN.has(command)) yield* process.errOut(`agnhost: NotImplemented: Kubarium's agnhost does not have "${command}" yet\n`);
        else yield* process.errOut(`Error: unknown command "${command}" for "app"\nRun 'app --help' for usage.\nunknown command "${command}" for "app"\n`);
        return 1;
    }
  },
};

const KNOWN = new Set("audit-proxy connect crd-conversion-webhook dns-server-list dns-suffix entrypoint-tester etc-hosts grpc-health-checking guestbook inclusterclient mounttest net nettest no-snat-test no-snat-test-proxy openidmetadata port-forward-tester resource-consumer-controller stress tcp-reset test-webserver webhook".split(" "));

/** Go's answer to a port that is taken. */
const fatal = (process: Process, problem: string): Sys<boolean> => process.errOut(`${klog(process, "F")} ${problem}\n`);
const klog = (process: Process, level: "I" | "F"): string => { const time = wallClock(process); const two = (n: number): string => String(n).padStart(2, "0"); return `${level}${two(time.month)}${two(time.day)} ${two(time.hour)}:${two(time.minute)}:${two(time.second)}.${String(Math.floor(time.nanos / 1_000)).padStart(6, "0")}       ${process.pid} main.go:1]`; };

function* simple(process: Process, port: number, body: () => string): Sys<number> {
  const listener = serveWeb(process, { port }, () => ({ status: 200, headers: { Date: httpDate(wallClock(process)), ...TEXT }, body: body() }));
  if (!listener.ok) {
    yield* fatal(process, `listen tcp :${port}: ${listener.error.message}`);
    return 1;
  }
  handleTerm(process, GO_TERM);
  return yield* forever(process);
}

/** Source: test/images/agnhost/serve-hostname: SIGTERM ends it with 0. */
function* serveHostname(process: Process, args: readonly string[]): Sys<number> {
  const port = Number(flagValue(args, "port") ?? 9376) || 9376;
  const listener = serveWeb(process, { port }, () => ({ status: 200, headers: { Date: httpDate(wallClock(process)), ...TEXT }, body: process.world.pod.hostname }));
  if (!listener.ok) {
    yield* fatal(process, `listen tcp :${port}: ${listener.error.message}`);
    return 1;
  }
  yield* process.errOut(`${klog(process, "I")} Serving on port ${port}.\n`);
  handleTerm(process, { exitCode: 0 });
  return yield* forever(process);
}

/** Source: test/images/agnhost/liveness/server.go: healthy for ten seconds, then 500 with how long it runs. */
function* liveness(process: Process): Sys<number> {
  const started = process.world.clock.now();
  const listener = serveWeb(process, { port: 8080 }, (request) => {
    const seconds = (process.world.clock.now() - started) / 1e6;
    if (request.path === "/started") return { status: 200, headers: TEXT, body: `${seconds.toFixed(9).replace(/\.?0+$/, "")}s` };
    if (request.path === "/healthz") return seconds > 10 ? { status: 500, headers: TEXT, body: `error: ${seconds}` } : { status: 200, headers: TEXT, body: "ok" };
    return { status: 404, headers: { ...TEXT, "X-Content-Type-Options": "nosniff" }, body: "404 page not found\n" };
  });
  if (!listener.ok) {
    yield* fatal(process, `listen tcp :8080: ${listener.error.message}`);
    return 1;
  }
  handleTerm(process, GO_TERM);
  return yield* forever(process);
}

/** Source: test/images/agnhost/porter: SERVE_PORT_<n>=<text> serves the text on the port. */
function* porter(process: Process): Sys<number> {
  for (const [name, value] of process.env) {
    const port = /^SERVE_PORT_(\d+)$/.exec(name)?.[1];
    if (port === undefined) continue;
    const listener = serveWeb(process, { port: Number(port) }, () => ({ status: 200, headers: TEXT, body: value }));
    if (listener.ok) continue;
    yield* fatal(process, `listen tcp :${port}: ${listener.error.message}`);
    return 1;
  }
  handleTerm(process, GO_TERM);
  return yield* forever(process);
}

/** Source: test/images/agnhost/logs-generator. */
function* logsGenerator(process: Process, args: readonly string[]): Sys<number> {
  const total = Number(flagValue(args, "log-lines-total") ?? flagValue(args, "t") ?? 0) || 0;
  const duration = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(flagValue(args, "run-duration") ?? flagValue(args, "d") ?? "0s");
  const unit = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 }[duration?.[2] ?? "s"] ?? 1e6;
  const gap = total === 0 ? 0 : (Number(duration?.[1] ?? 0) * unit) / total;
  const { rng } = process.world;
  handleTerm(process, GO_TERM);
  for (let line = 0; line < total; line++) {
    yield* process.errOut(`${klog(process, "I").replace("main.go:1", "logs_generator.go:76")} ${line} ${rng.pick(["GET", "POST", "PUT"])} /api/v1/namespaces/${rng.pick(["kube-system", "ns", "default"])}/pods/${rng.hex(4)} ${rng.between(200, 599)}\n`);
    yield* process.sleep(gap);
  }
  return 0;
}

/** Source: test/images/agnhost/netexec/netexec.go. */
function* netexec(process: Process, args: readonly string[]): Sys<number> {
  const port = Number(flagValue(args, "http-port") ?? 8080) || 8080;
  const udpPort = Number(flagValue(args, "udp-port") ?? 8081);
  const shells: { readonly command: string; readonly answer: WebAnswer }[] = [];
  const state = { ready: true };
  const listener = serveWeb(process, { port }, (request, answer) => {
    process.files[2]?.write(`${klog(process, "I").replace("main.go:1", "log.go:195")} GET ${request.target}\n`);
    if (request.path === "/shell" || request.path === "/shutdown") {
      const command = queryValue(request.query, "shellCommand") ?? queryValue(request.query, "cmd") ?? "";
      shells.push({ command, answer });
      process.signal("USR1");
      return undefined;
    }
    return answerNetexec(process, request, state);
  });
  if (!listener.ok) {
    yield* fatal(process, `listen tcp :${port}: ${listener.error.message}`);
    return 1;
  }
  if (udpPort > 0) {
    const udp = process.world.netns.listenUdp(udpPort, "0.0.0.0", process.owner, (datagram) => {
      const text = datagram.payload.trim();
      if (/^hostname$/i.test(text)) datagram.reply(process.world.pod.hostname);
      else if (/^clientip$/i.test(text)) datagram.reply(`${datagram.from.ip}:${datagram.from.port}`);
      else if (/^echo /i.test(text)) datagram.reply(text.slice(5));
    });
    if (udp.ok) process.hold(() => udp.value.close());
  }
  yield* process.errOut(`${klog(process, "I")} Started HTTP server on port ${port}\n${klog(process, "I")} Started UDP server on port  ${udpPort}\n`);
  process.onSignal("USR1", () => {});
  process.onSignal("TERM", () => process.exit(0));
  for (;;) {
    const job = shells.shift();
    if (job === undefined) yield* process.pause();
    else {
      const { output, code } = yield* runShellCommand(process, job.command);
      job.answer({ status: 200, headers: TEXT, body: code === 0 ? JSON.stringify({ output }) : JSON.stringify({ error: `exit status ${code}`, output }) });
    }
  }
}

function* runShellCommand(process: Process, command: string): Sys<{ readonly output: string; readonly code: number }> {
  const pipe = createPipe("pipe:[shell]");
  pipe.reader.retain();
  const child = process.table.spawn({ argv: ["/bin/sh", "-c", command], env: process.env, cwd: process.cwd, credentials: process.credentials, files: [undefined, pipe.writer, pipe.writer], ppid: process.pid });
  if (!child.ok) return { output: "", code: 127 };
  process.setFile(5, pipe.reader);
  pipe.reader.release();
  const output = yield* process.readAll(5, 1 << 20);
  process.setFile(5, undefined);
  for (;;) {
    const ended = yield* process.waitChild(child.value.pid);
    if (ended === undefined) return { output, code: 0 };
    if (!isInterrupted(ended)) return { output, code: ended.code };
  }
}

function answerNetexec(process: Process, request: WebRequest, state: { ready: boolean }): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const text = (body: string, status = 200): { status: number; headers: Record<string, string>; body: string } => ({ status, headers: { Date: httpDate(wallClock(process)), ...TEXT }, body });
  switch (request.path) {
    case "/hostname":
    case "/hostName": return text(process.world.pod.hostname);
    case "/echo": {
      const code = Number(queryValue(request.query, "code") ?? 200) || 200;
      return text(queryValue(request.query, "msg") ?? "", code);
    }
    case "/clientip": return text(`${request.remoteIp}:${request.remotePort}`);
    case "/header": return text(request.headers[(queryValue(request.query, "key") ?? "").toLowerCase()] ?? "");
    case "/healthz": return text("", state.ready ? 200 : 412);
    case "/readyz": return text("", state.ready ? 200 : 412);
    case "/exit": {
      const code = Number(queryValue(request.query, "code") ?? 0) || 0;
      process.after(10_000, "exits as asked", () => process.exit(code));
      return text("");
    }
    case "/": return text(`NOW: ${wallClock(process).unix}`);
    default: return { status: 404, headers: { ...TEXT, "X-Content-Type-Options": "nosniff" }, body: "404 page not found\n" };
  }
}

export const agnhost: ImageDefinition = {
  repositories: ["registry.k8s.io/e2e-test-images/agnhost", "k8s.gcr.io/e2e-test-images/agnhost", "us.gcr.io/k8s-artifacts-prod/e2e-test-images/agnhost"],
  programs: [agnhostProgram],
  variant: (tag) =>
    /^2\.\d{1,2}(\.\d)?$/.test(tag)
      ? {
          version: tag, layers: [alpineLayer(ALPINE_LATEST), { name: `agnhost:${tag}`, bytes: 49_000_000 }], entrypoint: ["/agnhost"], cmd: ["pause"], resolver: "musl", exposedPorts: [80, 8080, 8081, 9376, 5000],
          files: () => alpineFiles(ALPINE_LATEST).binary("agnhost", "agnhost", "plain", tag).binary("bin/bash", "bash", "bash", "5.2.37").binary("usr/bin/curl", "curl", "plain", "8.11.1").binary("usr/bin/dig", "dig", "gnu").binary("usr/bin/nslookup", "nslookup", "gnu").binary("usr/bin/host", "not-implemented").binary("usr/bin/jq", "not-implemented").binary("usr/bin/iperf", "not-implemented").build(),
        }
      : undefined,
};

/** The images that agnhost took in: one subcommand each. */
const single = (repositories: readonly string[], tags: RegExp, args: readonly string[], port: number): ImageDefinition => ({
  repositories,
  variant: (tag) => (tags.test(tag) ? { version: tag, layers: [{ name: `${repositories[0] ?? ""}:${tag}`, bytes: 4_500_000 }], entrypoint: ["/agnhost", ...args], exposedPorts: [port], resolver: "go", files: () => alpineFiles(ALPINE_LATEST).binary("agnhost", "agnhost", "plain", tag).remove("bin/sh").remove("bin/ash").build() } : undefined),
});

export const serveHostnameImage = single(["registry.k8s.io/serve_hostname", "k8s.gcr.io/serve_hostname", "gcr.io/google_containers/serve_hostname", "registry.k8s.io/e2e-test-images/serve-hostname"], /^(latest|v?1\.\d|1\.4)$/, ["serve-hostname"], 9376);
export const livenessImage = single(["registry.k8s.io/liveness", "k8s.gcr.io/liveness", "registry.k8s.io/e2e-test-images/liveness"], /^(latest|1\.\d)$/, ["liveness"], 8080);

/** Debian with the DNS tools: the DNS debugging tutorial's pod. */
export const dnsutils: ImageDefinition = {
  repositories: ["registry.k8s.io/e2e-test-images/jessie-dnsutils", "gcr.io/kubernetes-e2e-test-images/dnsutils", "registry.k8s.io/e2e-test-images/dnsutils", "docker.io/tutum/dnsutils", "docker.io/nicolaka/netshoot"],
  variant: (tag) =>
    /^(latest|1\.\d+|v0\.\d+)$/.test(tag)
      ? {
          version: tag, layers: [debianLayer(RELEASES.stretch), { name: `dnsutils:${tag}`, bytes: 33_000_000 }], cmd: ["sleep", "infinity"],
          files: () => debianFiles(RELEASES.stretch).binary("usr/bin/dig", "dig", "gnu").binary("usr/bin/nslookup", "nslookup", "gnu").binary("usr/bin/curl", "curl", "plain", "8.14.1").binary("bin/ping", "ping", "busybox").binary("usr/bin/nc", "nc", "busybox").binary("usr/bin/wget", "wget", "busybox").binary("usr/bin/ps", "ps", "gnu").binary("usr/bin/host", "not-implemented").binary("usr/bin/tcpdump", "not-implemented").build(),
        }
      : undefined,
};

const echoProgram: Program = {
  name: "echoserver",
  memoryBytes: 10 << 20,
  *run(process) {
    const { pod, netns, nodeName } = process.world;
    const listener = serveWeb(process, { port: 8080 }, (request) => {
      const headers = Object.entries(request.headers).sort().map(([name, value]) => `\t${name}=${value}  \n`).join("");
      const server = "nginx/1.21.0";
      return { status: 200, headers: { Date: httpDate(wallClock(process)), "Content-Type": "text/plain", Connection: "keep-alive", Server: server }, body: `\n\nHostname: ${pod.hostname}\n\nPod Information:\n\tnode name:\t${process.env.get("NODE_NAME") ?? nodeName}\n\tpod name:\t${process.env.get("POD_NAME") ?? pod.name}\n\tpod namespace:\t${process.env.get("POD_NAMESPACE") ?? pod.namespace}\n\tpod IP:\t${process.env.get("POD_IP") ?? netns.ip ?? ""}\n\nServer values:\n\tserver_version=nginx: 1.21.0 - lua: 10020\n\nRequest Information:\n\tclient_address=${request.remoteIp}\n\tmethod=${request.method}\n\treal path=${request.target}\n\tquery=${request.query}\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=http://${request.headers["host"] ?? ""}${request.target}\n\nRequest Headers:\n${headers}\nRequest Body:\n\t${request.body === "" ? "-no body in request-" : request.body}\n\n` };
    });
    if (!listener.ok) {
      yield* process.errOut(`nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)\n`);
      return 1;
    }
    yield* process.out("Generating self-signed cert\nStarting nginx\n");
    handleTerm(process, { exitCode: 0, afterUs: 20_000 });
    return yield* forever(process);
  },
};

export const echoserver: ImageDefinition = {
  repositories: ["registry.k8s.io/e2e-test-images/echoserver", "registry.k8s.io/echoserver", "k8s.gcr.io/echoserver", "gcr.io/google_containers/echoserver", "gcr.io/google-containers/echoserver", "registry.k8s.io/ingress-nginx/e2e-test-echo", "docker.io/kicbase/echo-server"],
  programs: [echoProgram],
  variant: (tag) => (/^(latest|1\.\d{1,2}|2\.\d|v\d[\d.]*)$/.test(tag) ? { version: tag, layers: [alpineLayer(ALPINE_LATEST), { name: `echoserver:${tag}`, bytes: 40_000_000 }], cmd: ["/usr/local/bin/run.sh"], exposedPorts: [8080], resolver: "musl", files: () => alpineFiles(ALPINE_LATEST).binary("usr/local/bin/run.sh", "echoserver", "plain", tag).build() } : undefined),
};

const fileServer: Program = {
  name: "test-webserver",
  memoryBytes: 6 << 20,
  *run(process) {
    const port = Number(flagValue(process.argv.slice(1), "port") ?? 80) || 80;
    const listener = serveWeb(process, { port }, (request) => {
      const path = request.path;
      const names = process.world.fs.list(path, process.credentials);
      if (names.ok) return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: `<pre>\n${names.value.map((name) => `<a href="${name}">${name}</a>\n`).join("")}</pre>\n` };
      const text = process.world.fs.readText(path, process.credentials);
      return text.ok ? { status: 200, headers: TEXT, body: text.value } : { status: 404, headers: { ...TEXT, "X-Content-Type-Options": "nosniff" }, body: "404 page not found\n" };
    });
    if (!listener.ok) {
      yield* fatal(process, `listen tcp :${port}: ${listener.error.message}`);
      return 1;
    }
    handleTerm(process, GO_TERM);
    return yield* forever(process);
  },
};

/** Serves the files of /. */
export const testWebserver: ImageDefinition = {
  repositories: ["registry.k8s.io/test-webserver", "k8s.gcr.io/test-webserver", "registry.k8s.io/e2e-test-images/test-webserver", "gcr.io/google_containers/test-webserver"],
  programs: [fileServer],
  variant: (tag) => (/^(latest|1\.\d)$/.test(tag) ? { version: tag, layers: [{ name: "test-webserver:latest", bytes: 4_734_000 }], entrypoint: ["/test-webserver"], exposedPorts: [80], resolver: "go", files: () => alpineFiles(ALPINE_LATEST).binary("test-webserver", "test-webserver").remove("bin/sh").remove("bin/ash").build() } : undefined),
};

