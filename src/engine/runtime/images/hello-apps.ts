import type { Program } from "../process/program.ts";
import { httpDate, queryValue, serveWeb } from "../net/web-server.ts";
import { wallClock } from "../commands/now.ts";
import { headerCase } from "../net/client.ts";
import { strftime } from "../text/calendar.ts";
import { scratchFiles } from "./bases/distroless.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { flagValue, forever, handleTerm, webImage, webProgram } from "./web-app.ts";

const TEXT = { "Content-Type": "text/plain; charset=utf-8" };

/** Source: GoogleCloudPlatform/kubernetes-engine-samples, hello-app/main.go. */
const helloAppProgram = webProgram({
  name: "hello-app",
  serve(process) {
    const port = Number(process.env.get("PORT") ?? 8080) || 8080;
    const version = process.world.image.version.startsWith("1") ? "1.0.0" : "2.0.0";
    return [{
      port,
      handle(request) {
        process.files[2]?.write(`${strftime("%Y/%m/%d %H:%M:%S", wallClock(process))} Serving request: ${request.path}\n`);
        return { status: 200, headers: { Date: httpDate(wallClock(process)), ...TEXT }, body: `Hello, world!\nVersion: ${version}\nHostname: ${process.world.pod.hostname}\n` };
      },
    }];
  },
  ready: (process) => { process.files[2]?.write(`${strftime("%Y/%m/%d %H:%M:%S", wallClock(process))} Server listening on port ${process.env.get("PORT") ?? "8080"}\n`); return ""; },
});

export const helloApp = webImage(
  ["gcr.io/google-samples/hello-app", "us-docker.pkg.dev/google-samples/containers/gke/hello-app", "registry.k8s.io/hello-app"], /^(1\.0|2\.0|latest)$/,
  () => ({ base: "distroless", path: "/hello-app", bytes: 3_200_000, exposedPorts: [8080] }), helloAppProgram,
);

/** Source: hashicorp/http-echo, main.go and handlers.go. */
const httpEchoProgram: Program = {
  name: "http-echo",
  memoryBytes: 8 << 20,
  startUs: 15_000,
  *run(process) {
    const args = process.argv.slice(1);
    const text = flagValue(args, "text") ?? process.env.get("ECHO_TEXT") ?? "";
    const status = Number(flagValue(args, "status-code") ?? 200) || 200;
    const listen = flagValue(args, "listen") ?? ":5678";
    const port = Number(/:(\d+)$/.exec(listen)?.[1] ?? 5678);
    if (args.includes("-version") || args.includes("--version")) {
      yield* process.errOut(`http-echo v${process.world.image.version}\n`);
      return 0;
    }
    if (text === "") {
      yield* process.errOut("Missing -text option!\n");
      return 127;
    }
    const stamp = (): string => strftime("%Y/%m/%d %H:%M:%S", wallClock(process));
    const listener = serveWeb(process, { port }, (request) => {
      const health = request.path === "/health";
      const body = health ? '{"status":"ok"}\n' : `${text}\n`;
      process.files[1]?.write(`${stamp()} ${request.headers["host"] ?? ""} ${request.remoteIp}:${request.remotePort} "${request.method} ${request.target} HTTP/1.1" ${health ? 200 : status} ${body.length} "${request.headers["user-agent"] ?? ""}" 21.152µs\n`);
      return { status: health ? 200 : status, headers: { "X-App-Name": "http-echo", "X-App-Version": process.world.image.version, Date: httpDate(wallClock(process)), "Content-Type": health ? "application/json; charset=utf-8" : "text/plain; charset=utf-8" }, body };
    });
    if (!listener.ok) {
      yield* process.errOut(`${stamp()} [ERR] Error starting server: listen tcp ${listen}: ${listener.error.message}\n`);
      return 1;
    }
    yield* process.out(`${stamp()} [INFO] server is listening on ${listen}\n`);
    handleTerm(process, { exitCode: 0, afterUs: 20_000 });
    return yield* forever(process);
  },
};

export const httpEcho = webImage(["docker.io/hashicorp/http-echo"], /^(latest|0\.2\.[0-4]|alpine|1\.0(\.0)?)$/, (tag) => ({ base: "distroless", path: tag.startsWith("0") ? "/http-echo" : "/http-echo", bytes: 3_300_000, exposedPorts: [5678], ...(tag.startsWith("0") ? {} : { user: "65532:65532" }), version: tag === "latest" ? "1.0.0" : tag }), httpEchoProgram);

/** Source: docker-library/hello-world. */
const HELLO = `
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

`;

const helloWorldProgram: Program = { name: "hello-world", memoryBytes: 200 << 10, *run(process) { yield* process.out(HELLO); return 0; } };

export const helloWorld: ImageDefinition = {
  repositories: ["docker.io/library/hello-world", "public.ecr.aws/docker/library/hello-world", "mirror.gcr.io/library/hello-world"],
  programs: [helloWorldProgram],
  variant: (tag) => (/^(latest|linux|nanoserver.*)$/.test(tag) ? { version: tag, layers: [{ name: "hello-world:latest", bytes: 2_380 }], cmd: ["/hello"], files: () => scratchFiles().binary("hello", "hello-world").build() } : undefined),
};

/** Source: traefik/whoami, app.go. */
const whoamiProgram = webProgram({
  name: "traefik-whoami",
  serve(process) {
    const args = process.argv.slice(1);
    const port = Number(flagValue(args, "port") ?? process.env.get("WHOAMI_PORT_NUMBER") ?? 80) || 80;
    const name = flagValue(args, "name") ?? process.env.get("WHOAMI_NAME");
    return [{
      port,
      handle(request) {
        const { pod, netns } = process.world;
        if (request.path === "/health") return { status: 200, headers: TEXT, body: "" };
        if (request.path === "/api") return { status: 200, headers: { "Content-Type": "application/json" }, body: `${JSON.stringify({ hostname: pod.hostname, ip: ["127.0.0.1", netns.ip ?? ""], headers: Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [headerCase(key), [value]])), url: request.target, host: request.headers["host"] ?? "", method: request.method, ...(name === undefined ? {} : { name }), remoteAddr: `${request.remoteIp}:${request.remotePort}` })}\n` };
        const wait = queryValue(request.query, "wait");
        if (wait !== undefined) process.cpuUs += 10;
        const headers = Object.entries(request.headers).filter(([key]) => key !== "host").map(([key, value]) => `${headerCase(key)}: ${value}\n`).sort().join("");
        return { status: 200, headers: { Date: httpDate(wallClock(process)), ...TEXT }, body: `${name === undefined ? "" : `Name: ${name}\n`}Hostname: ${pod.hostname}\nIP: 127.0.0.1\nIP: ${netns.ip ?? ""}\nRemoteAddr: ${request.remoteIp}:${request.remotePort}\n${request.method} ${request.target} HTTP/1.1\nHost: ${request.headers["host"] ?? ""}\n${headers}\n` };
      },
    }];
  },
  ready: (process) => { process.files[2]?.write(`${strftime("%Y/%m/%d %H:%M:%S", wallClock(process))} Starting up on port ${flagValue(process.argv.slice(1), "port") ?? process.env.get("WHOAMI_PORT_NUMBER") ?? "80"}\n`); return ""; },
});

export const whoami = webImage(["docker.io/traefik/whoami", "docker.io/containous/whoami", "docker.io/jwilder/whoami"], /^(latest|v1(\.\d{1,2}){0,2})$/, () => ({ base: "distroless", path: "/whoami", bytes: 2_600_000, exposedPorts: [80] }), whoamiProgram);

/** Source: jpetazzo/color: the colour is in the name of the namespace or of the deployment. */
const COLOURS: Readonly<Record<string, string>> = { red: "🔴", orange: "🟠", yellow: "🟡", green: "🟢", blue: "🔵", purple: "🟣", brown: "🟤", black: "⚫", white: "⚪" };
const colorProgram = webProgram({
  name: "color",
  serve: (process) => [{
    port: Number(process.env.get("PORT") ?? 80) || 80,
    handle() {
      const { pod } = process.world;
      const colour = Object.keys(COLOURS).find((name) => pod.namespace.includes(name) || pod.name.includes(name));
      return { status: 200, headers: TEXT, body: `${colour === undefined ? "" : (COLOURS[colour] ?? "")}This is pod ${pod.namespace}/${pod.name} on linux/amd64, serving / for ${process.world.netns.ip ?? ""}.\n` };
    },
  }],
});
export const color = webImage(["docker.io/jpetazzo/color"], /^latest$/, () => ({ base: "alpine", path: "/color", bytes: 6_000_000, exposedPorts: [80] }), colorProgram);

/** Source: kodekloudhub/webapp-color, app.py. */
const webappColorProgram = webProgram({
  name: "webapp-color",
  memoryBytes: 28 << 20,
  startUs: 400_000,
  onTerm: "ignored",
  serve(process) {
    const given = flagValue(process.argv.slice(1), "color");
    const colours = ["red", "green", "blue", "blue2", "pink", "darkblue"];
    const colour = given ?? process.env.get("APP_COLOR") ?? colours[process.world.rng.below(colours.length)] ?? "red";
    process.files[1]?.write(`This is a sample web application that displays a colored background. \n A color can be specified in two ways. \n\n 1. As a command line argument with --color as the argument. Accepts one of red,green,blue,blue2,pink,darkblue \n 2. As an Environment variable APP_COLOR. Accepts one of red,green,blue,blue2,pink,darkblue \n 3. If none of the above then a random color is picked from the above list. \n Note: Command line argument precedes over environment variable.\n\n\n${given !== undefined ? `Color from command line argument =${given}` : process.env.has("APP_COLOR") ? `No command line argument. Color from environment variable =${colour}` : `No command line argument or environment variable. Picking a Random Color =${colour}`}\n`);
    if (!colours.includes(colour)) return `Color not supported. Received '${colour}' expected one of red,green,blue,blue2,pink,darkblue\n`;
    return [{ port: 8080, handle: () => ({ status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: `<!doctype html>\n<title>Hello from Flask</title>\n<body style="background: ${colour};"></body>\n<div style="color: #e4e4e4;\n    text-align:  center;\n    height: 90px;\n    vertical-align:  middle;">\n\n  <h1>Hello from ${process.world.pod.hostname}!</h1>\n\n</div>\n` }) }];
  },
  ready: () => " * Serving Flask app \"app\" (lazy loading)\n * Environment: production\n * Debug mode: off\n * Running on http://0.0.0.0:8080/ (Press CTRL+C to quit)\n",
});
export const webappColor = webImage(["docker.io/kodekloud/webapp-color", "docker.io/mmumshad/simple-webapp-color"], /^(latest|v[1-3])$/, () => ({ base: "alpine", path: "/opt/app.py", bytes: 28_000_000, exposedPorts: [8080] }), webappColorProgram);

/** Source: kubernetes/examples hpa-example: a million square roots, then "OK!". */
const hpaProgram = webProgram({
  name: "hpa-example",
  memoryBytes: 16 << 20,
  onTerm: { exitCode: 0, afterUs: 50_000 },
  serve: () => [{ port: 80, costUs: 90_000, handle: () => ({ status: 200, headers: { "Content-Type": "text/html; charset=UTF-8" }, body: "OK!" }) }],
  ready: (process) => { process.files[2]?.write("AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using 127.0.0.1. Set the 'ServerName' directive globally to suppress this message\n"); return ""; },
});
export const hpaExample = webImage(["registry.k8s.io/hpa-example", "k8s.gcr.io/hpa-example"], /^latest$/, () => ({ base: "debian", path: "/usr/local/bin/apache2-foreground", bytes: 120_000_000, exposedPorts: [80] }), hpaProgram);

/** Source: luksa/kubernetes-in-action-2nd-edition, kiada. */
const kiadaProgram = webProgram({
  name: "kiada",
  memoryBytes: 32 << 20,
  startUs: 300_000,
  onTerm: { exitCode: 0, afterUs: 20_000 },
  serve(process) {
    const port = Number(flagValue(process.argv.slice(1), "listen-port") ?? process.env.get("PORT") ?? 8080) || 8080;
    return [{
      port,
      handle(request) {
        const { pod, netns, nodeName } = process.world;
        process.files[1]?.write(`Received request for ${request.path} from ${request.remoteIp}\n`);
        if (request.path === "/healthz/ready" || request.path === "/healthz") return { status: 200, headers: TEXT, body: "ready" };
        const message = process.env.get("INITIAL_STATUS_MESSAGE") ?? "This status message is hard-coded";
        if (/curl|Wget/i.test(request.headers["user-agent"] ?? "")) return { status: 200, headers: TEXT, body: `Kubernetes in Action Demo Application v${process.world.image.version}. Request processed by pod ${process.env.get("POD_NAME") ?? pod.hostname}, running on node ${process.env.get("NODE_NAME") ?? nodeName}. Pod hostname: ${pod.hostname}; Pod IP: ${process.env.get("POD_IP") ?? netns.ip ?? ""}; Node IP: ${process.env.get("NODE_IP") ?? ""}; Client IP: ${request.remoteIp}. ${message}\n` };
        return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: `<!DOCTYPE html>\n<html>\n<head><title>Kubernetes in Action Demo Application</title></head>\n<body>\n<h1>Kiada v${process.world.image.version}</h1>\n<p>Request processed by Kiada ${process.world.image.version} running in pod <b>${process.env.get("POD_NAME") ?? pod.hostname}</b> on node <b>${process.env.get("NODE_NAME") ?? nodeName}</b>.</p>\n<p>${message}</p>\n</body>\n</html>\n` };
      },
    }];
  },
  ready: (process) => `Kiada - Kubernetes in Action Demo Application\n---------------------------------------------\nKiada ${process.world.image.version} starting...\nLocal hostname is ${process.world.pod.hostname}\nLocal IP is ${process.world.netns.ip ?? ""}\nRunning on node ${process.env.get("NODE_NAME") ?? "null"}\nNode IP: ${process.env.get("NODE_IP") ?? "null"}\nStatus message is ${process.env.get("INITIAL_STATUS_MESSAGE") ?? "This status message is hard-coded"}\nListening on port ${flagValue(process.argv.slice(1), "listen-port") ?? "8080"}\n`,
});
export const kiada = webImage(["docker.io/luksa/kiada"], /^(latest|0\.\d(\.\d)?)$/, () => ({ base: "debian", path: "/usr/local/bin/kiada", bytes: 110_000_000, exposedPorts: [8080] }), kiadaProgram);

