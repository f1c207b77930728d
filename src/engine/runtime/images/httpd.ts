import { utf8Length } from "../../network/http/message.ts";
import type { Program } from "../process/program.ts";
import { calendarAt, wallClock } from "../commands/now.ts";
import { httpDate, mediaType, serveWeb } from "../net/web-server.ts";
import { strftime } from "../text/calendar.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import { debianFiles, debianLayer, RELEASES } from "./bases/debian.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { splitTag, versionOf } from "./versions.ts";

const ROOT = "/usr/local/apache2/htdocs";
const PATCHES = { "2.2": 34, "2.4": 65 };
const WORKERS = 3;

const page = (title: string, text: string): string => `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${title}</title>\n</head><body>\n<h1>${title.replace(/^\d+ /, "")}</h1>\n<p>${text}</p>\n</body></html>\n`;

/** Apache httpd as the image configures it. Source: docker-library/httpd; httpd server/core.c, modules/mpm/event. Differs: only the port and the document root of httpd.conf are read. */
const httpdProgram: Program = {
  name: "httpd",
  memoryBytes: 7 << 20,
  startUs: 60_000,
  *run(process) {
    const { image, fs, netns } = process.world;
    const args = process.argv.slice(1);
    if (args.includes("-v")) {
      yield* process.out(`Server version: Apache/${image.version} (Unix)\nServer built:   Jul  7 2025 21:02:29\n`);
      return 0;
    }
    const config = fs.readText("/usr/local/apache2/conf/httpd.conf", process.credentials);
    if (!config.ok) {
      yield* process.errOut("httpd: Could not open configuration file /usr/local/apache2/conf/httpd.conf: No such file or directory\n");
      return 1;
    }
    const port = Number(/^\s*Listen\s+(?:[\d.]+:)?(\d+)/m.exec(config.value)?.[1] ?? 80);
    const root = /^\s*DocumentRoot\s+"?([^"\s]+)"?/m.exec(config.value)?.[1] ?? ROOT;
    if (args.includes("-t")) {
      yield* process.errOut("Syntax OK\n");
      return 0;
    }
    const stamp = (): string => strftime("%a %b %d %H:%M:%S.%N %Y", wallClock(process)).replace(/(\.\d{6})\d{3}/, "$1");
    if (!/^\s*ServerName\s/m.test(config.value)) yield* process.errOut(`AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${netns.ip ?? "127.0.0.1"}. Set the 'ServerName' directive globally to suppress this message\n`.repeat(2));
    const listener = serveWeb(process, { port }, (request) => {
      const answer = (status: number, headers: Readonly<Record<string, string>>, body: string): { status: number; headers: Record<string, string>; body: string } => {
        process.files[1]?.write(`${request.remoteIp} - - [${strftime("%d/%b/%Y:%H:%M:%S %z", wallClock(process))}] "${request.method} ${request.target} HTTP/1.1" ${status} ${utf8Length(body)}\n`);
        return { status, headers: { Date: httpDate(wallClock(process)), Server: `Apache/${image.version} (Unix)`, ...headers }, body };
      };
      const html = { "Content-Type": "text/html; charset=iso-8859-1" };
      if (request.method !== "GET" && request.method !== "HEAD" && request.method !== "POST") return answer(405, { Allow: "GET,POST,OPTIONS,HEAD", ...html }, page("405 Method Not Allowed", `The requested method ${request.method} is not allowed for this URL.`));
      let path = root + request.path;
      let node = fs.stat(path, process.credentials);
      if (node.ok && node.value.kind === "dir") {
        if (!request.path.endsWith("/")) return answer(301, { Location: `http://${request.headers["host"] ?? ""}${request.path}/`, ...html }, page("301 Moved Permanently", "The document has moved."));
        const index = fs.stat(`${path}index.html`, process.credentials);
        if (!index.ok) {
          const names = fs.list(path, process.credentials);
          const items = (names.ok ? names.value : []).map((name) => `<li><a href="${name}"> ${name}</a></li>\n`).join("");
          return answer(200, { "Content-Type": "text/html;charset=ISO-8859-1" }, `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html>\n <head>\n  <title>Index of ${request.path}</title>\n </head>\n <body>\n<h1>Index of ${request.path}</h1>\n<ul>${items}</ul>\n</body></html>\n`);
        }
        path = `${path}index.html`;
        node = index;
      }
      const text = fs.readText(path, process.credentials);
      if (!node.ok || !text.ok) {
        const denied = text.ok ? false : text.error === "EACCES";
        return denied ? answer(403, html, page("403 Forbidden", "You don't have permission to access this resource.")) : answer(404, html, page("404 Not Found", "The requested URL was not found on this server."));
      }
      const modified = calendarAt(process, node.value.kind === "file" ? node.value.inode.modifiedUs : 0);
      return answer(200, { "Last-Modified": httpDate(modified), ETag: `"${utf8Length(text.value).toString(16)}-${modified.unix.toString(16)}"`, "Accept-Ranges": "bytes", "Content-Type": mediaType(path) ?? "text/plain" }, text.value);
    });
    if (!listener.ok) {
      yield* process.errOut(`(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`);
      return 1;
    }
    process.helpers = () => Array.from({ length: WORKERS }, (_, index) => ({ pid: 8 + index, uid: 33, title: "httpd -DFOREGROUND", memoryBytes: 4 << 20 }));
    yield* process.errOut(`[${stamp()}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/${image.version} (Unix) configured -- resuming normal operations\n[${stamp()}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n`);
    let ending = false;
    const end = (graceful: boolean) => (): void => {
      if (ending) return;
      ending = true;
      process.files[2]?.write(`[${stamp()}] [mpm_event:notice] [pid 1:tid 1] ${graceful ? "AH00492: caught SIGWINCH, shutting down gracefully" : "AH00491: caught SIGTERM, shutting down"}\n`);
      listener.value();
      process.after(graceful ? 1_000_000 : 100_000, "ends", () => process.exit(0));
    };
    process.onSignal("WINCH", end(true));
    process.onSignal("TERM", end(false));
    for (;;) yield* process.pause();
  },
};

export const httpd: ImageDefinition = {
  repositories: ["docker.io/library/httpd", "public.ecr.aws/docker/library/httpd", "mirror.gcr.io/library/httpd"],
  programs: [httpdProgram],
  variant(tag) {
    const [head, rest] = /^(alpine|bookworm|trixie)/.test(tag) ? ["latest", tag] : splitTag(tag);
    if (!/^(alpine[\d.]*|bookworm|trixie|bullseye|)$/.test(rest)) return undefined;
    const version = versionOf(head, PATCHES, { latest: "2.4" });
    if (version === undefined) return undefined;
    const isAlpine = rest.startsWith("alpine");
    return {
      version,
      layers: [isAlpine ? alpineLayer(ALPINE_LATEST) : debianLayer(RELEASES.bookworm), { name: `httpd:${version}${isAlpine ? "-alpine" : ""}`, bytes: isAlpine ? 17_000_000 : 8_100_000 }],
      cmd: ["httpd-foreground"], env: [["PATH", "/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], ["HTTPD_PREFIX", "/usr/local/apache2"], ["HTTPD_VERSION", version]],
      workingDir: "/usr/local/apache2", stopSignal: "SIGWINCH", exposedPorts: [80],
      files: () => (isAlpine ? alpineFiles(ALPINE_LATEST) : debianFiles(RELEASES.bookworm))
        .text("usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n")
        .text("usr/local/apache2/conf/httpd.conf", `ServerRoot "/usr/local/apache2"\nListen 80\nLoadModule mpm_event_module modules/mpm_event.so\nUser www-data\nGroup www-data\nDocumentRoot "${ROOT}"\n<Directory "${ROOT}">\n    Options Indexes FollowSymLinks\n    AllowOverride None\n    Require all granted\n</Directory>\nErrorLog /proc/self/fd/2\n`)
        .binary("usr/local/bin/httpd-foreground", "httpd", "plain", version).binary("usr/local/apache2/bin/httpd", "httpd", "plain", version).dir("usr/local/apache2/logs").build(),
    };
  },
};
