import { EXIT_ON_TERM } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import { queryValue, serveWeb } from "../net/web-server.ts";
import { debianFiles, debianLayer, RELEASES } from "./bases/debian.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { knownPorts } from "./known-ports.ts";

/**
 * An image that nobody wrote a behaviour for: a server that runs for ever and answers on its known ports.
 * Differs: what the real image does is not known here; its log says so.
 */
const genericServer: Program = {
  name: "generic-server",
  memoryBytes: 24 << 20,
  *run(process) {
    const { image, pod } = process.world;
    const name = image.repository.slice(image.repository.lastIndexOf("/") + 1);
    const wanted = process.env.get("PORT");
    const ports = wanted !== undefined && /^\d{2,5}$/.test(wanted) ? [Number(wanted)] : image.exposedPorts;
    yield* process.out(`Kubarium: a stand-in runs in place of ${image.repository}${image.tag === "" ? "" : `:${image.tag}`}\n`);
    for (const port of ports) {
      const listener = serveWeb(process, { port }, (request) => {
        if (request.path === "/favicon.ico") return { status: 404, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "404 page not found\n" };
        const body = request.method === "HEAD" ? "" : `${name} on ${pod.hostname}: ${request.method} ${request.path}${queryValue(request.query, "x") ?? ""}\n`;
        return { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body };
      });
      if (!listener.ok) {
        yield* process.errOut(`listen tcp :${port}: ${listener.error.message}\n`);
        return 1;
      }
      yield* process.out(`listening on :${port}\n`);
    }
    process.handleSignals(EXIT_ON_TERM);
    for (;;) yield* process.pause();
  },
};

export const genericImage: ImageDefinition = {
  repositories: [],
  programs: [genericServer],
  variant: (tag, repository) => {
    const name = repository.slice(repository.lastIndexOf("/") + 1);
    return {
      version: tag,
      layers: [debianLayer(RELEASES.bookworm), { name: `${repository}:${tag}`, bytes: 20_000_000 + ([...repository].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 60_000_000, 7)) }],
      entrypoint: [`/usr/local/bin/${name}`],
      exposedPorts: knownPorts(repository),
      files: () => debianFiles(RELEASES.bookworm).binary(`usr/local/bin/${name}`, "generic-server", "plain", tag).build(),
    };
  },
};
