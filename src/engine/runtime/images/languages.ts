import { secondsToUs } from "../../kernel/time.ts";
import { httpDate, mediaType, serveWeb } from "../net/web-server.ts";
import { wallClock } from "../commands/now.ts";
import { utf8Length } from "../../network/http/message.ts";
import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { strftime } from "../text/calendar.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import { debianFiles, debianLayer, RELEASES } from "./bases/debian.ts";
import type { FileTable } from "./file-table.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { runPython } from "./python/run.ts";
import { splitTag, versionOf } from "./versions.ts";
import { forever } from "./web-app.ts";

/** python3. Differs: a small part of the language (python/); `-m http.server`; anything else says that it is not there. */
const pythonProgram: Program = {
  name: "python3",
  memoryBytes: 9 << 20,
  startUs: 30_000,
  *run(process) {
    const args = process.argv.slice(1);
    const at = args.findIndex((arg) => !/^-[uBEIsSOq]+$/.test(arg));
    const [first, second = "", ...rest] = at < 0 ? [] : args.slice(at);
    if (first === "-V" || first === "--version") {
      yield* process.out(`Python ${process.binary.version}\n`);
      return 0;
    }
    if (first === "-m" && second === "http.server") return yield* httpServer(process, rest);
    if (first === "-c") return yield* runPython(process, second, "<string>");
    if (first === "-m") {
      yield* process.errOut(`/usr/local/bin/python3: No module named ${second.split(".")[0] ?? ""}\n`);
      return 1;
    }
    if (first === undefined || first === "-") return yield* runPython(process, yield* process.readAll(0), "<stdin>");
    const text = process.world.fs.readText(first.startsWith("/") ? first : `${process.cwd}/${first}`, process.credentials);
    if (text.ok) return yield* runPython(process, text.value, first);
    yield* process.errOut(`python3: can't open file '${first.startsWith("/") ? first : `${process.cwd.replace(/\/$/, "")}/${first}`}': [Errno 2] No such file or directory\n`);
    return 2;
  },
};

/** Source: CPython Lib/http/server.py. As the first process of a container it does not notice SIGTERM. */
function* httpServer(process: Process, args: readonly string[]): Sys<number> {
  const port = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 8000);
  const flag = args.findIndex((arg) => arg === "-d" || arg === "--directory");
  const root = flag < 0 ? process.cwd : (args[flag + 1] ?? process.cwd);
  const { fs } = process.world;
  const listener = serveWeb(process, { port }, (request) => {
    const base = root.replace(/\/$/, "") + request.path;
    const answer = (status: number, type: string, body: string): { status: number; headers: Record<string, string>; body: string } => {
      process.files[2]?.write(`${request.remoteIp} - - [${strftime("%d/%b/%Y %H:%M:%S", wallClock(process))}] "${request.method} ${request.target} HTTP/1.1" ${status} -\n`);
      return { status, headers: { Server: `SimpleHTTP/0.6 Python/${process.binary.version}`, Date: httpDate(wallClock(process)), "Content-type": type, "Content-Length": String(utf8Length(body)) }, body };
    };
    const index = fs.readText(`${base.replace(/\/$/, "")}/index.html`, process.credentials);
    if (request.path.endsWith("/") && index.ok) return answer(200, "text/html", index.value);
    const names = fs.list(base, process.credentials);
    if (names.ok) return answer(200, "text/html; charset=utf-8", `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Directory listing for ${request.path}</title>\n</head>\n<body>\n<h1>Directory listing for ${request.path}</h1>\n<hr>\n<ul>\n${names.value.map((name) => `<li><a href="${name}">${name}</a></li>\n`).join("")}</ul>\n<hr>\n</body>\n</html>\n`);
    const text = fs.readText(base, process.credentials);
    if (text.ok) return answer(200, mediaType(base) ?? "application/octet-stream", text.value);
    process.files[2]?.write(`${request.remoteIp} - - [${strftime("%d/%b/%Y %H:%M:%S", wallClock(process))}] code 404, message File not found\n`);
    return answer(404, "text/html;charset=utf-8", '<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <meta charset="utf-8">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n        <p>Error code explanation: 404 - Nothing matches the given URI.</p>\n    </body>\n</html>\n');
  });
  if (!listener.ok) {
    yield* process.errOut("OSError: [Errno 98] Address already in use\n");
    return 1;
  }
  // Python buffers what it prints while nobody is at a terminal.
  if (process.files[1]?.isTty === true || process.env.has("PYTHONUNBUFFERED") || process.argv.includes("-u")) yield* process.out(`Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`);
  return yield* forever(process);
}

/** An interpreter at the end of its input: prints nothing and is done. */
const interpreter = (name: string, versionText: (version: string) => string): Program => ({
  name,
  memoryBytes: 30 << 20,
  startUs: 60_000,
  *run(process) {
    const args = process.argv.slice(1);
    if (/^(-v|-V|--version|version|-version)$/.test(args[0] ?? "")) {
      yield* process.out(`${versionText(process.world.image.version)}\n`);
      return 0;
    }
    if (args.length === 0) {
      yield* process.readAll(0);
      return 0;
    }
    yield* process.errOut(`${name}: NotImplemented: Kubarium's containers do not run ${name} programs\n`);
    yield* process.sleep(secondsToUs(0.1));
    return 1;
  },
});

const language = (repositories: readonly string[], patches: Readonly<Record<string, number>>, latest: string, program: Program, paths: readonly string[], cmd: readonly string[], bytes: number, more: (files: FileTable, version: string) => void = () => {}): ImageDefinition => ({
  repositories,
  programs: [program],
  variant(tag) {
    const distribution = /^(alpine|slim|bookworm|trixie|bullseye|buster|lts|current|apache|fpm|cli|jdk|jre)/;
    const [head, rest] = distribution.test(tag) ? ["latest", tag] : splitTag(tag);
    if (!/^(|(alpine|slim|bookworm|trixie|bullseye|buster|stretch|jessie|noble|jammy|focal|apache|fpm|cli|zts|jdk|jre|lts|current|windowsservercore|nanoserver|ubi\d?|oracle)[\w.-]*)$/.test(rest)) return undefined;
    const version = versionOf(head, patches, { latest, lts: latest, current: latest });
    if (version === undefined) return undefined;
    const alpine = rest.includes("alpine");
    const slim = rest.includes("slim") || rest.includes("jre");
    return {
      version, layers: [alpine ? alpineLayer(ALPINE_LATEST) : debianLayer(RELEASES.bookworm), { name: `${repositories[0] ?? ""}:${version}${alpine ? "-alpine" : slim ? "-slim" : ""}`, bytes: alpine ? bytes / 8 : slim ? bytes / 6 : bytes }],
      cmd, env: [["PATH", "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]], ...(alpine ? { resolver: "musl" as const } : {}),
      files: () => {
        const files = alpine ? alpineFiles(ALPINE_LATEST) : debianFiles(RELEASES.bookworm);
        if (!alpine && !slim) files.binary("usr/bin/curl", "curl", "plain", "7.88.1").binary("usr/bin/git", "not-implemented").binary("usr/bin/ps", "ps", "gnu");
        for (const path of paths) files.binary(path, program.name, "plain", version);
        more(files, version);
        return files.build();
      },
    };
  },
});

export const python = language(["docker.io/library/python", "public.ecr.aws/docker/library/python", "mirror.gcr.io/library/python"], { "2.7": 18, "3.4": 10, "3.5": 10, "3.6": 15, "3.7": 17, "3.8": 20, "3.9": 23, "3.10": 18, "3.11": 13, "3.12": 11, "3.13": 7 }, "3.13", pythonProgram, ["usr/local/bin/python3", "usr/local/bin/python"], ["python3"], 330_000_000, (files) => files.binary("usr/local/bin/pip", "not-implemented").binary("usr/local/bin/pip3", "not-implemented"));
export const node = language(["docker.io/library/node", "public.ecr.aws/docker/library/node"], { "8.17": 0, "10.24": 1, "12.22": 12, "14.21": 3, "16.20": 2, "18.20": 8, "20.19": 5, "22.20": 0, "24.8": 0 }, "24.8", interpreter("node", (version) => `v${version}`), ["usr/local/bin/node"], ["node"], 360_000_000, (files) => files.binary("usr/local/bin/npm", "not-implemented").binary("usr/local/bin/yarn", "not-implemented"));
export const golang = language(["docker.io/library/golang"], { "1.13": 15, "1.14": 15, "1.16": 15, "1.17": 13, "1.18": 10, "1.19": 13, "1.20": 14, "1.21": 13, "1.22": 12, "1.23": 12, "1.24": 7, "1.25": 1 }, "1.25", interpreter("go", (version) => `go version go${version} linux/amd64`), ["usr/local/go/bin/go"], ["bash"], 300_000_000);
export const openjdk = language(["docker.io/library/openjdk", "docker.io/library/eclipse-temurin", "docker.io/library/amazoncorretto"], { "8": 462, "11.0": 28, "17.0": 16, "21.0": 8, "24.0": 2 }, "21.0", interpreter("java", (version) => `openjdk version "${version}" 2025-07-15`), ["usr/local/bin/java", "usr/local/bin/jshell"], ["jshell"], 200_000_000);
export const ruby = language(["docker.io/library/ruby"], { "2.6": 10, "2.7": 8, "3.0": 7, "3.1": 7, "3.2": 9, "3.3": 9, "3.4": 6 }, "3.4", interpreter("ruby", (version) => `ruby ${version} (2025-09-16 revision 0) [x86_64-linux]`), ["usr/local/bin/ruby", "usr/local/bin/irb"], ["irb"], 330_000_000);

/** Perl's own image: /usr/local/bin/perl of the version asked for. */
export const perlImage: ImageDefinition = {
  repositories: ["docker.io/library/perl"],
  variant(tag) {
    const [head, rest] = /^(slim|threaded|stable|bookworm)/.test(tag) ? ["latest", tag] : splitTag(tag);
    const version = versionOf(head, { "5.20": 3, "5.22": 4, "5.24": 4, "5.26": 3, "5.28": 3, "5.30": 3, "5.32": 1, "5.34": 3, "5.36": 3, "5.38": 5, "5.40": 3, "5.42": 0 }, { latest: "5.42", stable: "5.42", devel: "5.42" });
    if (version === undefined || !/^(|(slim|threaded|stable|bookworm|bullseye|buster|stretch|trixie)[\w-]*)$/.test(rest)) return undefined;
    return { version, layers: [debianLayer(RELEASES.bookworm), { name: `perl:${version}`, bytes: rest.startsWith("slim") ? 18_000_000 : 300_000_000 }], cmd: ["perl", "-de0"], workingDir: "/usr/src/app", files: () => debianFiles(RELEASES.bookworm).binary("usr/local/bin/perl", "perl", "plain", version).build() };
  },
};

/** curl as the entrypoint. Source: curl/curl-container. */
export const curlImage: ImageDefinition = {
  repositories: ["docker.io/curlimages/curl", "quay.io/curl/curl", "docker.io/appropriate/curl", "docker.io/badouralix/curl-jq"],
  variant: (tag) => (/^(latest|[78]\.\d{1,2}\.\d|alpine|edge)$/.test(tag) ? { version: /^\d/.test(tag) ? tag : "8.16.0", layers: [alpineLayer(ALPINE_LATEST), { name: `curlimages-curl:${tag}`, bytes: 5_600_000 }], entrypoint: ["/entrypoint.sh"], cmd: ["curl"], user: "curl_user", resolver: "musl", files: () => alpineFiles(ALPINE_LATEST).text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ncurl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin\n").text("etc/group", "root:x:0:root\ncurl_group:x:101:curl_user\n").dir("home/curl_user", 0o755, 100, 101).binary("usr/bin/curl", "curl", "plain", /^\d/.test(tag) ? tag : "8.16.0").text("entrypoint.sh", '#!/bin/sh\nset -e\n\n# if first arg looks like a flag, assume we want to run curl\nif [ "${1#-}" != "$1" ] || [ "${1#*://}" != "$1" ]; then\n    set -- curl "$@"\nfi\n\nexec "$@"\n', 0o755).build() } : undefined),
};
