import type { ServerResponse } from "../../../network/http/serve.ts";
import { reasonPhrase, utf8Length } from "../../../network/http/message.ts";
import { calendarAt, wallClock } from "../../commands/now.ts";
import { headerCase, optionsOf, reasonText } from "../../net/client.ts";
import { httpDate, mediaType, type WebAnswer, type WebRequest } from "../../net/web-server.ts";
import type { Process } from "../../process/process.ts";
import { compileRegex } from "../../text/regex.ts";
import { strftime } from "../../text/calendar.ts";
import type { Directive } from "./config.ts";
import { chooseLocation, chooseServer, type Location, type Server, type Site } from "./site.ts";

/** What a request runs against. */
interface Context {
  readonly process: Process;
  readonly site: Site;
  readonly server: Server;
  readonly location: Location | undefined;
  readonly request: WebRequest;
  /** After rewrites and try_files. */
  readonly uri: string;
  readonly variables: Map<string, string>;
  readonly number: number;
}

export interface NginxState {
  site: Site;
  requests: number;
  readonly version: string;
  readonly workerPid: number;
  readonly quietLog: boolean;
}

const MAX_INTERNAL_REDIRECTS = 10;

/** Answers one request by the configuration. */
export function answerRequest(process: Process, state: NginxState, request: WebRequest, answer: WebAnswer): void {
  state.requests += 1;
  const server = chooseServer(state.site, request.localPort, request.headers["host"] ?? "");
  const finish = (response: ServerResponse): void => {
    const text = request.method === "HEAD" ? "" : (response.body ?? "");
    logAccess(process, state, request, response.status, utf8Length(text));
    answer(response);
  };
  if (server === undefined) {
    finish(errorPage(process, state, 404));
    return;
  }
  const tls = server.ports.find((listen) => listen.port === request.localPort)?.tls === true;
  if (tls) {
    finish(plain(process, state, 400, "text/html", errorHtml("400 The plain HTTP request was sent to HTTPS port", state.version)));
    return;
  }
  route({ process, site: state.site, server, location: undefined, request, uri: request.path, variables: new Map(), number: state.requests }, state, 0, finish);
}

function route(context: Context, state: NginxState, depth: number, answer: WebAnswer): void {
  const { server, process, request } = context;
  const early = runRewrites({ ...context, location: undefined }, server.directives, state);
  if (early !== undefined) {
    answer(early);
    return;
  }
  const location = chooseLocation(server.locations, context.uri);
  const here: Context = { ...context, location };
  const inner = location === undefined ? undefined : runRewrites(here, location.directives, state);
  if (inner !== undefined) {
    answer(withAddedHeaders(here, inner));
    return;
  }
  const again = (uri: string): void => {
    if (depth >= MAX_INTERNAL_REDIRECTS) {
      logError(process, state, request, `rewrite or internal redirection cycle while internally redirecting to "${uri}"`, server);
      answer(errorPage(process, state, 500));
    } else route({ ...context, uri }, state, depth + 1, answer);
  };
  const rewritten = rewrite(here);
  if (rewritten !== undefined && rewritten !== context.uri) {
    again(rewritten);
    return;
  }
  const denied = find(here, "deny")?.args[0];
  if (denied === "all") {
    logError(process, state, request, "access forbidden by rule", server);
    answer(errorPage(process, state, 403));
    return;
  }
  if (location?.directives.some((directive) => directive.name === "stub_status") === true) {
    answer(plain(process, state, 200, "text/plain", `Active connections: 1 \nserver accepts handled requests\n ${state.requests} ${state.requests} ${state.requests} \nReading: 0 Writing: 1 Waiting: 0 \n`));
    return;
  }
  const proxy = location?.directives.find((directive) => directive.name === "proxy_pass");
  if (proxy !== undefined) {
    proxyPass(here, state, proxy, answer);
    return;
  }
  const response = serveFile(here, state, again);
  if (response !== undefined) answer(withAddedHeaders(here, response));
}

/** `return` and `if (…) { return }`. */
function runRewrites(context: Context, directives: readonly Directive[], state: NginxState): ServerResponse | undefined {
  for (const directive of directives) {
    if (directive.name === "set") context.variables.set((directive.args[0] ?? "").replace(/^\$/, ""), expand(context, directive.args[1] ?? ""));
    if (directive.name === "return") return returned(context, directive, state);
    if (directive.name === "if" && directive.block !== undefined && holds(context, directive.args.join(" "))) {
      const inner = runRewrites(context, directive.block, state);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function returned(context: Context, directive: Directive, state: NginxState): ServerResponse {
  const [first = "", second] = directive.args;
  const { process, request } = context;
  if (!/^\d{3}$/.test(first)) return { ...plain(process, state, 302, "text/html", errorHtml("302 Found", state.version)), headers: { ...baseHeaders(process, state), "Content-Type": "text/html", Location: absoluteUrl(request, expand(context, first)) } };
  const status = Number(first);
  if (second === undefined) return errorPage(process, state, status);
  const text = expand(context, second);
  if (status === 301 || status === 302 || status === 303 || status === 307 || status === 308) {
    return { status, headers: { ...baseHeaders(process, state), "Content-Type": "text/html", Location: absoluteUrl(request, text) }, body: errorHtml(`${status} ${reasonPhrase(status)}`, state.version) };
  }
  return plain(process, state, status, find(context, "default_type")?.args[0] ?? "text/plain", text);
}

const absoluteUrl = (request: WebRequest, target: string): string => (target.startsWith("/") ? `http://${request.headers["host"] ?? request.localIp}${target}` : target);

function holds(context: Context, condition: string): boolean {
  const match = /^\(\s*(\$\w+)\s*(=|!=|~\*|~|!~\*|!~)?\s*"?([^")]*)"?\s*\)$/.exec(condition);
  if (match === null) return false;
  const value = expand(context, match[1] ?? "");
  const wanted = expand(context, match[3] ?? "");
  switch (match[2]) {
    case undefined: return value !== "" && value !== "0";
    case "=": return value === wanted;
    case "!=": return value !== wanted;
    default: {
      const regex = compileRegex(wanted, "extended", (match[2] ?? "").endsWith("*"));
      return (regex.ok && regex.value.test(value)) !== (match[2] ?? "").startsWith("!");
    }
  }
}

/** Differs: no flags but "last" and "break"; both go on with the new path. */
function rewrite(context: Context): string | undefined {
  for (const directive of [...context.server.directives, ...(context.location?.directives ?? [])]) {
    if (directive.name !== "rewrite") continue;
    const regex = compileRegex((directive.args[0] ?? "").replaceAll("(?:", "("), "extended");
    const match = regex.ok ? regex.value.match(context.uri, 0) : undefined;
    if (match !== undefined) return expand(context, directive.args[1] ?? "").replace(/\$(\d)/g, (_, digit: string) => match.groups[Number(digit)] ?? "");
  }
  return undefined;
}

function find(context: Context, name: string): Directive | undefined {
  const own = context.location?.directives.findLast((directive) => directive.name === name);
  return own ?? context.server.directives.findLast((directive) => directive.name === name) ?? context.site.http.findLast((directive) => directive.name === name);
}

function withAddedHeaders(context: Context, response: ServerResponse): ServerResponse {
  if (response.status >= 400) return response;
  const own = context.location?.directives.filter((directive) => directive.name === "add_header") ?? [];
  const added = own.length > 0 ? own : context.server.directives.filter((directive) => directive.name === "add_header");
  const headers: Record<string, string> = { ...response.headers };
  for (const directive of added) headers[directive.args[0] ?? ""] = expand(context, directive.args[1] ?? "");
  return { ...response, headers };
}

/** Undefined when the request went on elsewhere (try_files, error_page). */
function serveFile(context: Context, state: NginxState, again: (uri: string) => void): ServerResponse | undefined {
  const { process, request, uri } = context;
  if (request.method !== "GET" && request.method !== "HEAD") return errorPage(process, state, 405);
  const path = filePath(context, uri);
  const tries = find(context, "try_files")?.args;
  if (tries !== undefined) {
    for (const [index, attempt] of tries.entries()) {
      const target = expand(context, attempt);
      if (index === tries.length - 1) {
        if (/^=\d+$/.test(target)) return errorPage(process, state, Number(target.slice(1)));
        again(target);
        return undefined;
      }
      const node = process.world.fs.stat(filePath(context, target), process.credentials);
      if (node.ok && (target.endsWith("/") ? node.value.kind === "dir" : node.value.kind === "file")) return sendFile(context, state, filePath(context, target), again);
    }
  }
  return sendFile(context, state, path, again);
}

function filePath(context: Context, uri: string): string {
  const alias = context.location?.directives.find((directive) => directive.name === "alias")?.args[0];
  if (alias !== undefined && context.location !== undefined) return expand(context, alias) + uri.slice(context.location.path.length);
  const root = find(context, "root")?.args[0] ?? "html";
  const expanded = expand(context, root);
  return `${expanded.startsWith("/") ? expanded : `/etc/nginx/${expanded}`}${uri}`;
}

function sendFile(context: Context, state: NginxState, path: string, again: (uri: string) => void): ServerResponse | undefined {
  const { process, request, uri, server } = context;
  const { fs } = process.world;
  const who = { uid: process.credentials.uid === 0 ? 101 : process.credentials.uid, gid: 101, groups: process.credentials.groups };
  const node = fs.stat(path, who);
  if (!node.ok) {
    const reason = node.error === "EACCES" ? '(13: Permission denied)' : node.error === "ENOTDIR" ? "(20: Not a directory)" : "(2: No such file or directory)";
    logError(process, state, request, `open() "${path}" failed ${reason}`, server);
    return failedWith(context, state, node.error === "EACCES" ? 403 : 404, again);
  }
  if (node.value.kind === "dir") {
    if (!uri.endsWith("/")) return { status: 301, headers: { ...baseHeaders(process, state), "Content-Type": "text/html", Location: `http://${request.headers["host"] ?? request.localIp}${uri}/` }, body: errorHtml("301 Moved Permanently", state.version) };
    for (const name of find(context, "index")?.args ?? ["index.html"]) {
      const index = fs.stat(path + name, who);
      if (index.ok && index.value.kind !== "dir") return sendFile({ ...context, uri: uri + name }, state, path + name, again);
    }
    if (find(context, "autoindex")?.args[0] === "on") return listing(context, state, path);
    logError(process, state, request, `directory index of "${path}" is forbidden`, server);
    return failedWith(context, state, 403, again);
  }
  const content = fs.readText(path, who);
  if (!content.ok) {
    logError(process, state, request, `open() "${path}" failed (13: Permission denied)`, server);
    return failedWith(context, state, 403, again);
  }
  const modified = calendarAt(process, node.value.kind === "file" ? node.value.inode.modifiedUs : 0);
  const size = utf8Length(content.value);
  const etag = `"${modified.unix.toString(16)}-${size.toString(16)}"`;
  const type = mediaType(path) ?? find(context, "default_type")?.args[0] ?? "text/plain";
  const common = { ...baseHeaders(process, state), "Content-Type": type, "Content-Length": String(size), "Last-Modified": httpDate(modified), Connection: "keep-alive", ETag: etag, "Accept-Ranges": "bytes" };
  if (request.headers["if-none-match"] === etag) return { status: 304, headers: { ...baseHeaders(process, state), "Last-Modified": httpDate(modified), Connection: "keep-alive", ETag: etag } };
  return { status: 200, headers: common, body: content.value };
}

function failedWith(context: Context, state: NginxState, status: number, again: (uri: string) => void): ServerResponse | undefined {
  const page = [...(context.location?.directives ?? []), ...context.server.directives].find((directive) => directive.name === "error_page" && directive.args.slice(0, -1).includes(String(status)));
  const target = page?.args.at(-1);
  if (target === undefined || !target.startsWith("/") || target === context.uri) return errorPage(context.process, state, status);
  const change = page?.args.find((arg) => /^=\d*$/.test(arg));
  const path = filePath({ ...context, location: chooseLocation(context.server.locations, target) }, target);
  const content = context.process.world.fs.readText(path, { uid: 101, gid: 101, groups: [] });
  if (!content.ok) {
    if (change !== undefined) {
      again(target);
      return undefined;
    }
    return errorPage(context.process, state, status);
  }
  return { ...plain(context.process, state, change === undefined ? status : Number(change.slice(1) || 200), "text/html", content.value) };
}

function listing(context: Context, state: NginxState, path: string): ServerResponse {
  const { process, uri } = context;
  const names = process.world.fs.list(path, process.credentials);
  const rows = (names.ok ? names.value : []).filter((name) => !name.startsWith(".")).map((name) => {
    const node = process.world.fs.stat(path + name, process.credentials);
    const directory = node.ok && node.value.kind === "dir";
    const time = calendarAt(process, node.ok && node.value.kind === "file" ? node.value.inode.modifiedUs : 0);
    const size = directory ? "-" : String(node.ok && node.value.kind === "file" ? utf8Length(node.value.inode.content) : 0);
    const shown = `${name}${directory ? "/" : ""}`;
    return { directory, text: `<a href="${shown}">${shown}</a>${" ".repeat(Math.max(1, 51 - shown.length))}${strftime("%d-%b-%Y %H:%M", time)}${size.padStart(20)}\r\n` };
  });
  const body = [...rows.filter((row) => row.directory), ...rows.filter((row) => !row.directory)].map((row) => row.text).join("");
  return plain(process, state, 200, "text/html", `<html>\r\n<head><title>Index of ${uri}</title></head>\r\n<body>\r\n<h1>Index of ${uri}</h1><hr><pre><a href="../">../</a>\r\n${body}</pre><hr></body>\r\n</html>\r\n`);
}

/** Differs: of an upstream group the first member is asked, the next one when it cannot be reached. */
function proxyPass(context: Context, state: NginxState, directive: Directive, answer: WebAnswer): void {
  const { process, request, site } = context;
  const target = expand(context, directive.args[0] ?? "");
  const match = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(target);
  const group = site.upstreams.get(match?.[2] ?? "");
  const members = group === undefined ? [match?.[2] ?? ""] : [...group.slice(state.requests % group.length), ...group.slice(0, state.requests % group.length)];
  const rest = match?.[3];
  const query = request.query === "" ? "" : `?${request.query}`;
  const path = rest === undefined ? context.uri + query : (directive.args[0] ?? "").includes("$") ? rest : rest + context.uri.slice(context.location?.path.length ?? 0) + query;
  const headers: Record<string, string> = { Host: match?.[2] ?? "", Connection: "close" };
  for (const [name, value] of Object.entries(request.headers)) if (!["host", "connection", "content-length"].includes(name)) headers[headerCase(name)] = value;
  for (const set of [...context.server.directives, ...(context.location?.directives ?? [])].filter((entry) => entry.name === "proxy_set_header")) headers[set.args[0] ?? ""] = expand(context, set.args[1] ?? "");
  const attempt = (index: number): void => {
    const member = members[index] ?? "";
    const { trace } = request.connection;
    process.world.netns.http({ method: request.method, url: `${match?.[1] ?? "http"}://${member}${path}`, headers, body: request.body }, { ...optionsOf(process, 60_000_000), ...(trace === undefined ? {} : { trace }) }, (result) => {
      if (process.state === "exited") return;
      if (result.ok) {
        const passed: Record<string, string> = { ...baseHeaders(process, state) };
        for (const [name, value] of Object.entries(result.value.headers)) if (!["server", "date", "connection", "content-length", "transfer-encoding"].includes(name)) passed[headerCase(name)] = value;
        answer(withAddedHeaders(context, { status: result.value.status, headers: { ...passed, Connection: "keep-alive" }, body: result.value.body }));
        return;
      }
      if (result.error.code === "ECONNREFUSED" && index + 1 < members.length) {
        attempt(index + 1);
        return;
      }
      const number = { ECONNREFUSED: 111, ETIMEDOUT: 110, EHOSTUNREACH: 113, ENETUNREACH: 101, ECONNRESET: 104 }[result.error.code as string];
      logError(process, state, request, number === undefined ? `${member} could not be resolved (3: Host not found)` : `connect() failed (${number}: ${reasonText(process, result.error.code)}) while connecting to upstream`, context.server, `, upstream: "${match?.[1] ?? "http"}://${member}${path}"`);
      answer(errorPage(process, state, result.error.code === "ETIMEDOUT" ? 504 : 502));
    });
  };
  attempt(0);
}

/** $host, $uri, $arg_x and the other variables that people use. */
function expand(context: Context, text: string): string {
  const { request, process } = context;
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? "";
    const own = context.variables.get(name);
    if (own !== undefined) return own;
    if (/^\d$/.test(name)) return whole;
    if (name.startsWith("http_")) return request.headers[name.slice(5).replaceAll("_", "-")] ?? "";
    if (name.startsWith("arg_")) return new RegExp(`(?:^|&)${name.slice(4)}=([^&]*)`).exec(request.query)?.[1] ?? "";
    switch (name) {
      case "host": return (request.headers["host"] ?? request.localIp).replace(/:\d+$/, "");
      case "uri":
      case "document_uri": return context.uri;
      case "request_uri": return request.target;
      case "args":
      case "query_string": return request.query;
      case "is_args": return request.query === "" ? "" : "?";
      case "scheme": return "http";
      case "request_method": return request.method;
      case "request": return `${request.method} ${request.target} HTTP/1.1`;
      case "remote_addr": return request.remoteIp;
      case "remote_port": return String(request.remotePort);
      case "server_addr": return request.localIp;
      case "server_port": return String(request.localPort);
      case "server_name": return context.server.names[0] ?? "";
      case "server_protocol": return "HTTP/1.1";
      case "hostname": return process.world.pod.hostname;
      case "proxy_add_x_forwarded_for": return [request.headers["x-forwarded-for"], request.remoteIp].filter((part) => part !== undefined).join(", ");
      case "proxy_host": return request.headers["host"] ?? "";
      case "time_local": return strftime("%d/%b/%Y:%H:%M:%S %z", wallClock(process));
      case "time_iso8601": return strftime("%Y-%m-%dT%H:%M:%S+00:00", wallClock(process));
      case "request_id": return process.world.rng.hex(32);
      case "nginx_version": return process.world.image.version;
      case "pid": return String(process.pid);
      case "connection": return String(context.number);
      case "document_root": return find(context, "root")?.args[0] ?? "";
      case "request_body": return request.body;
      default: return "";
    }
  });
}

const serverName = (state: NginxState): string => `nginx/${state.version}`;

function baseHeaders(process: Process, state: NginxState): Record<string, string> {
  return { Server: serverName(state), Date: httpDate(wallClock(process)) };
}

const errorHtml = (title: string, version: string): string => `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;

/** Source: ngx_http_special_response.c. */
function errorPage(process: Process, state: NginxState, status: number): ServerResponse {
  const titles: Readonly<Record<number, string>> = { 405: "405 Not Allowed", 503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out", 413: "413 Request Entity Too Large", 429: "429 Too Many Requests" };
  const title = titles[status] ?? `${status} ${reasonPhrase(status)}`;
  return plain(process, state, status, "text/html", status < 300 ? "" : errorHtml(title, state.version));
}

function plain(process: Process, state: NginxState, status: number, type: string, body: string): ServerResponse {
  return { status, headers: { ...baseHeaders(process, state), "Content-Type": type, "Content-Length": String(utf8Length(body)), Connection: "keep-alive" }, body };
}

/** The "main" log format of the image's nginx.conf. */
function logAccess(process: Process, state: NginxState, request: WebRequest, status: number, bytes: number): void {
  if (state.site.http.some((directive) => directive.name === "access_log" && directive.args[0] === "off")) return;
  const header = (name: string): string => request.headers[name] ?? "-";
  process.files[1]?.write(`${request.remoteIp} - - [${strftime("%d/%b/%Y:%H:%M:%S %z", wallClock(process))}] "${request.method} ${request.target} HTTP/1.1" ${status} ${bytes} "${header("referer")}" "${header("user-agent")}" "${header("x-forwarded-for")}"\n`);
}

function logError(process: Process, state: NginxState, request: WebRequest, message: string, server: Server, more = ""): void {
  process.files[2]?.write(`${strftime("%Y/%m/%d %H:%M:%S", wallClock(process))} [error] ${state.workerPid}#${state.workerPid}: *${state.requests} ${message}, client: ${request.remoteIp}, server: ${server.names[0] === "_" ? "_" : (server.names[0] ?? "")}, request: "${request.method} ${request.target} HTTP/1.1"${more}, host: "${request.headers["host"] ?? ""}"\n`);
}
