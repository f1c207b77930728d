import type { LayerSpec } from "../image-definition.ts";
import type { ImageDefinition, ImageVariant } from "../image-definition.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "../bases/alpine.ts";
import { debianFiles, debianLayer, type DebianRelease, RELEASES } from "../bases/debian.ts";
import type { FileTable } from "../file-table.ts";
import { splitTag, versionOf } from "../versions.ts";
import { defaultServer, ERROR_PAGE, mainConfig, MIME_TYPES, welcomePage } from "./files.ts";
import { nginxEntrypoint, nginxProgram } from "./program.ts";

/** Newest patch by minor. Source: nginx.org/en/CHANGES, docker-library/nginx. */
const PATCHES = {
  "1.7": 12, "1.8": 1, "1.9": 15, "1.10": 3, "1.11": 13, "1.12": 2, "1.13": 12, "1.14": 2, "1.15": 12, "1.16": 1, "1.17": 10, "1.18": 0, "1.19": 10, "1.20": 2, "1.21": 6, "1.22": 1, "1.23": 4, "1.24": 0, "1.25": 5, "1.26": 3, "1.27": 5, "1.28": 0, "1.29": 1,
};
const BRANCHES = { latest: "1.29", mainline: "1.29", stable: "1.28" };
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface Flavour {
  readonly port: number;
  readonly unprivileged: boolean;
  readonly page?: string;
  readonly server?: string;
}

const STANDARD: Flavour = { port: 80, unprivileged: false };

const minorOf = (version: string): number => Number(version.split(".")[1] ?? 0);

/** Debian generation of each nginx generation. */
function releaseOf(version: string): DebianRelease {
  const minor = minorOf(version);
  return minor >= 29 ? RELEASES.trixie : minor >= 25 ? RELEASES.bookworm : minor >= 21 ? RELEASES.bullseye : minor >= 17 ? RELEASES.buster : RELEASES.stretch;
}

/** A tag of nginx: "1.27", "1.27.3-alpine", "alpine", "stable-perl", "bookworm". */
function nginxVersion(tag: string): { readonly version: string; readonly alpine: boolean } | undefined {
  const distribution = /^(alpine|alpine-slim|alpine-perl|alpine-otel|perl|otel|bookworm|trixie|bullseye|buster)/;
  const [head, rest] = distribution.test(tag) ? ["latest", tag] : splitTag(tag);
  if (rest !== "" && !/^(alpine[\d.]*|bookworm|trixie|bullseye|buster|perl|otel)(-(slim|perl|otel))?$/.test(rest)) return undefined;
  const version = versionOf(head, PATCHES, BRANCHES);
  return version === undefined ? undefined : { version, alpine: rest.startsWith("alpine") };
}

export function nginxVariant(tag: string, flavour: Flavour = STANDARD, name = "nginx"): ImageVariant | undefined {
  const found = nginxVersion(tag);
  if (found === undefined) return undefined;
  const { version, alpine } = found;
  const base = alpine ? alpineLayer(ALPINE_LATEST) : debianLayer(releaseOf(version));
  const own: LayerSpec[] = [
    { name: `${name}:${version}${alpine ? "-alpine" : ""}:packages`, bytes: alpine ? 15_900_000 : 24_000_000 + minorOf(version) * 200_000 },
    { name: `${name}:${version}:entrypoint`, bytes: 628 }, { name: `${name}:${version}:envsubst`, bytes: 1_396 }, { name: `${name}:${version}:ipv6`, bytes: 955 },
  ];
  return {
    version,
    layers: [base, ...own],
    entrypoint: minorOf(version) >= 19 ? ["/docker-entrypoint.sh"] : [],
    cmd: ["nginx", "-g", "daemon off;"],
    env: [["PATH", PATH], ["NGINX_VERSION", version], ["NJS_VERSION", "0.9.1"], ["PKG_RELEASE", alpine ? "1" : `1~${releaseOf(version).codename}`]],
    stopSignal: minorOf(version) >= 18 ? "SIGQUIT" : "SIGTERM",
    exposedPorts: [flavour.port],
    ...(flavour.unprivileged ? { user: "101" } : {}),
    ...(alpine ? { resolver: "musl" as const } : {}),
    files: () => nginxFiles(alpine ? alpineFiles(ALPINE_LATEST) : debianFiles(releaseOf(version)), version, flavour, alpine).build(),
  };
}

function nginxFiles(base: FileTable, version: string, flavour: Flavour, alpine: boolean): FileTable {
  const owner = flavour.unprivileged ? 101 : 0;
  const passwd = "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nnginx:x:101:101:nginx user:/nonexistent:/bin/false\n";
  base
    .text("etc/passwd", passwd).text("etc/group", "root:x:0:\ndaemon:x:2:\nwww-data:x:33:\nnginx:x:101:\nnogroup:x:65534:\n")
    .text("etc/nginx/nginx.conf", mainConfig(flavour.unprivileged), 0o644, owner, owner).text("etc/nginx/mime.types", MIME_TYPES)
    .text("etc/nginx/conf.d/default.conf", flavour.server ?? defaultServer(flavour.port), 0o644, owner, owner)
    .text("etc/nginx/fastcgi_params", "\nfastcgi_param  QUERY_STRING       $query_string;\n").text("etc/nginx/uwsgi_params", "\n").text("etc/nginx/scgi_params", "\n").link("etc/nginx/modules", "/usr/lib/nginx/modules")
    .text("usr/share/nginx/html/index.html", flavour.page ?? welcomePage(minorOf(version) >= 21), 0o644).text("usr/share/nginx/html/50x.html", ERROR_PAGE)
    .link("var/log/nginx/access.log", "/dev/stdout").link("var/log/nginx/error.log", "/dev/stderr").dir("var/cache/nginx", 0o755, owner, owner).dir("docker-entrypoint.d")
    .binary("usr/sbin/nginx", "nginx", "plain", version).binary("docker-entrypoint.sh", "nginx-entrypoint", "plain", version).binary("usr/bin/envsubst", "not-implemented");
  return base.binary("usr/bin/curl", "curl", "plain", alpine ? "8.14.1" : minorOf(version) >= 29 ? "8.14.1" : "7.88.1");
}

export const nginx: ImageDefinition = {
  repositories: ["docker.io/library/nginx", "registry.k8s.io/nginx", "k8s.gcr.io/nginx", "gcr.io/google_containers/nginx", "public.ecr.aws/nginx/nginx", "public.ecr.aws/docker/library/nginx", "mirror.gcr.io/library/nginx", "docker.io/nginxinc/nginx"],
  variant: (tag) => nginxVariant(tag),
  programs: [nginxProgram, nginxEntrypoint],
};

/** The StatefulSet tutorial's image: 0.24 holds nginx 1.27. */
export const nginxSlim: ImageDefinition = {
  repositories: ["registry.k8s.io/nginx-slim", "k8s.gcr.io/nginx-slim", "gcr.io/google_containers/nginx-slim"],
  variant: (tag) => (/^0\.([1-9]|1\d|2[0-9])$|^latest$/.test(tag) ? nginxVariant(Number(tag.slice(2)) >= 24 ? "1.27.0" : Number(tag.slice(2)) >= 21 ? "1.25.1" : "1.18.0", STANDARD, "nginx-slim") : undefined),
};

export const nginxUnprivileged: ImageDefinition = {
  repositories: ["docker.io/nginxinc/nginx-unprivileged", "quay.io/nginx/nginx-unprivileged", "ghcr.io/nginxinc/nginx-unprivileged", "public.ecr.aws/nginx/nginx-unprivileged"],
  variant: (tag) => nginxVariant(tag, { port: 8080, unprivileged: true }, "nginx-unprivileged"),
};

const coloured = (title: string, colour: string): string => `<!DOCTYPE html>\n<html>\n   <body style="background-color:${colour};">\n      <h1>Welcome to Stack Simplify</h1>\n      <p>Kubernetes Fundamentals Demo</p>\n      <p>Application Version: ${title}</p>\n   </body>\n</html>\n`;

export const kubenginx: ImageDefinition = {
  repositories: ["docker.io/stacksimplify/kubenginx", "docker.io/stacksimplify/kubenginxhelm"],
  variant: (tag) => {
    const version = /^([1-4])\.0\.0$/.exec(tag)?.[1];
    return version === undefined ? undefined : nginxVariant("1.27.5", { ...STANDARD, page: coloured(`V${version}`, ["lightgreen", "yellow", "pink", "lightblue"][Number(version) - 1] ?? "white") }, `kubenginx-${version}`);
  },
};

const HELLO_CONFIG = (port: number): string => `server {\n    listen ${port};\n    location / {\n        default_type text/plain;\n        expires -1;\n        return 200 'Server address: $server_addr:$server_port\\nServer name: $hostname\\nDate: $time_local\\nURI: $request_uri\\nRequest ID: $request_id\\n';\n    }\n}\n`;

/** Answers where it is and what was asked. */
export const nginxHello: ImageDefinition = {
  repositories: ["docker.io/nginxdemos/hello", "docker.io/nginxdemos/nginx-hello"],
  variant: (tag, repository) => {
    const port = repository.endsWith("nginx-hello") ? 8080 : 80;
    return /^(latest|plain-text|plain|0\.\d(-plain-text)?)$/.test(tag) ? nginxVariant("1.27.5-alpine", { port, unprivileged: port === 8080, server: HELLO_CONFIG(port) }, `nginx-hello-${port}`) : undefined;
  },
};

/** Proxies to http://hello, and does not start while that name is unknown. */
export const helloFrontend: ImageDefinition = {
  repositories: ["gcr.io/google-samples/hello-frontend"],
  variant: (tag) => (tag === "1.0" ? nginxVariant("1.21.6", { ...STANDARD, server: "upstream Backend {\n    server hello;\n}\nserver {\nlisten 80;\nlocation / {\n    proxy_pass http://Backend;\n}\n}\n" }, "hello-frontend") : undefined),
};
