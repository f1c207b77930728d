import { wallClock } from "../commands/now.ts";
import { httpDate, serveWeb } from "../net/web-server.ts";
import type { Program } from "../process/program.ts";
import { strftime } from "../text/calendar.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { digestOf } from "./digest.ts";
import { flagValue, forever, handleTerm } from "./web-app.ts";

/** Source: kubernetes-up-and-running/kuard, pkg/app and pkg/keygen. Differs: a plain page in place of the React one. */
const kuardProgram: Program = {
  name: "kuard",
  memoryBytes: 12 << 20,
  startUs: 30_000,
  *run(process) {
    const args = process.argv.slice(1);
    const stamp = (): string => strftime("%Y/%m/%d %H:%M:%S", wallClock(process));
    const address = flagValue(args, "address") ?? ":8080";
    const port = Number(/:(\d+)$/.exec(address)?.[1] ?? 8080);
    const version = process.world.image.version;
    const state = { healthFails: 0, readyFails: 0 };
    const text = (body: string, status = 200): { status: number; headers: Record<string, string>; body: string } => ({ status, headers: { Date: httpDate(wallClock(process)), "Content-Type": "text/plain; charset=utf-8" }, body });
    process.files[2]?.write(`${stamp()} Starting kuard version: ${version}\n${stamp()} ${"*".repeat(70)}\n${stamp()} * WARNING: This server may expose sensitive\n${stamp()} * and secret information. Be careful.\n${stamp()} ${"*".repeat(70)}\n`);
    const listener = serveWeb(process, { port }, (request) => {
      process.files[2]?.write(`${stamp()} ${request.remoteIp}:${request.remotePort} ${request.method} ${request.target}\n`);
      const file = /^\/fs\/(.*)$/.exec(request.path);
      if (file !== null) {
        const path = `/${file[1] ?? ""}`;
        const names = process.world.fs.list(path, process.credentials);
        if (names.ok) return { ...text(`<pre>\n${names.value.map((name) => `<a href="${name}">${name}</a>\n`).join("")}</pre>\n`), headers: { "Content-Type": "text/html; charset=utf-8" } };
        const content = process.world.fs.readText(path, process.credentials);
        return content.ok ? text(content.value) : text("404 page not found\n", 404);
      }
      switch (request.path) {
        case "/healthy": return state.healthFails > 0 ? text(`fail, ${state.healthFails--} left`, 500) : text("ok");
        case "/ready": return state.readyFails > 0 ? text(`fail, ${state.readyFails--} left`, 500) : text("ok");
        case "/env/api":
        case "/env": return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ commandLine: process.argv, env: Object.fromEntries(process.env) }) };
        case "/mem/api":
        case "/mem": return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ memStats: { alloc: process.memoryBytes } }) };
        case "/": return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: `<!doctype html>\n\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n  <title>KUAR Demo</title>\n</head>\n<body>\n<h1>KUAR Demo</h1>\n<p>Hostname: ${process.world.pod.hostname}</p>\n<p>Version: ${version}</p>\n</body>\n</html>\n` };
        default: return text("404 page not found\n", 404);
      }
    });
    if (!listener.ok) {
      yield* process.errOut(`${stamp()} listen tcp ${address}: ${listener.error.message}\n`);
      return 1;
    }
    yield* process.errOut(`${stamp()} Serving on HTTP on ${address}\n`);
    handleTerm(process, { exitCode: 2 });
    if (!args.includes("--keygen-enable") && flagValue(args, "keygen-enable") !== "true") return yield* forever(process);
    const count = Number(flagValue(args, "keygen-num-to-gen") ?? 0) || 0;
    const seconds = Number(flagValue(args, "keygen-time-to-run") ?? 0) || 0;
    const id = process.world.rng.below(1_000);
    const started = process.world.clock.now();
    const due = (done: number): boolean => (count > 0 && done >= count) || (seconds > 0 && process.world.clock.now() - started > seconds * 1e6);
    for (let item = 1; !due(item - 1); item++) {
      yield* process.sleep(process.world.rng.between(400_000, 2_500_000));
      yield* process.errOut(`${stamp()} (ID ${id}) Item ${item} done: SHA256:${fingerprint(`${process.world.containerId} ${item}`)}\n`);
    }
    yield* process.errOut(`${stamp()} (ID ${id}) Workload exiting\n`);
    if (args.includes("--keygen-exit-on-complete") || flagValue(args, "keygen-exit-on-complete") === "true") return Number(flagValue(args, "keygen-exit-code") ?? 0) || 0;
    return yield* forever(process);
  },
};

/** Looks like a key's fingerprint; it is one of the item's name. */
function fingerprint(name: string): string {
  const hex = digestOf(name).slice(7);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let text = "";
  for (let i = 0; i + 2 < 64; i += 3) {
    const word = Number.parseInt(hex.slice(i, i + 3), 16);
    text += alphabet.charAt(word >> 6) + alphabet.charAt(word & 63);
  }
  return text;
}

export const kuard: ImageDefinition = {
  repositories: ["gcr.io/kuar-demo/kuard-amd64", "gcr.io/kuar-demo/kuard-arm64"],
  programs: [kuardProgram],
  variant: (tag) => (/^(1|2|3|blue|green|purple|v0\.\d+-\d)$/.test(tag) ? { version: `v0.10.0-${tag}`, layers: [alpineLayer(ALPINE_LATEST), { name: `kuard:${tag}`, bytes: 8_800_000 }], cmd: ["/kuard"], user: "nobody:nobody", exposedPorts: [8080], resolver: "musl", files: () => alpineFiles(ALPINE_LATEST).binary("kuard", "kuard", "plain", tag).build() } : undefined),
};

