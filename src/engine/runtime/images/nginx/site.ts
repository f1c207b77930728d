import { err, ok, type Result } from "../../../kernel/result.ts";
import type { FileSystem } from "../../fs/file-system.ts";
import { compilePattern, matchesPattern } from "../../shell/pattern.ts";
import { compileRegex, type Regex } from "../../text/regex.ts";
import { type Directive, parseNginxConfig } from "./config.ts";

/** One `server { }`. */
export interface Server {
  readonly ports: readonly { readonly port: number; readonly ip: string; readonly isDefault: boolean; readonly tls: boolean }[];
  readonly names: readonly string[];
  readonly directives: readonly Directive[];
  readonly locations: readonly Location[];
}

export interface Location {
  readonly kind: "exact" | "prefix" | "prefix-first" | "regex";
  readonly path: string;
  readonly regex: Regex | undefined;
  readonly directives: readonly Directive[];
  readonly inner: readonly Location[];
}

export interface Site {
  readonly servers: readonly Server[];
  /** http { } itself: inherited by every server. */
  readonly http: readonly Directive[];
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
  /** Hosts that must be found at start, with where they are named. */
  readonly hosts: readonly { readonly host: string; readonly where: string }[];
  readonly worker: { readonly processes: string; readonly connections: string };
}

const ROOT = { uid: 0, gid: 0, groups: [] };
const MAX_INCLUDES = 100;

/** What was read to make a site. */
interface Reading {
  readonly path: string;
  readonly texts: { readonly path: string; readonly text: string }[];
  readonly globs: { readonly pattern: string; readonly paths: readonly string[] }[];
  site: Result<Site, string>;
}

const KEPT_READINGS = 16;
let readings: readonly Reading[] = [];

/** Reads the whole configuration of a container. The error is nginx' text after "[emerg] ". Servers with the same files share one site. */
export function readSite(fs: FileSystem, path: string): Result<Site, string> {
  const known = readings.find((reading) => reading.path === path && isSame(reading, fs));
  if (known !== undefined) return known.site;
  const reading: Reading = { path, texts: [], globs: [], site: err("") };
  const all = load(new Loader(fs, reading), path, undefined);
  reading.site = all.ok ? makeSite(all.value) : all;
  if (all.ok) readings = [reading, ...readings.slice(0, KEPT_READINGS - 1)];
  return reading.site;
}

function isSame(reading: Reading, fs: FileSystem): boolean {
  const same = ({ path, text }: { path: string; text: string }): boolean => {
    const now = fs.readText(path, ROOT);
    return now.ok && now.value === text;
  };
  return reading.texts.every(same) && reading.globs.every(({ pattern, paths }) => { const now = includedFiles(fs, pattern); return now.length === paths.length && now.every((path, index) => path === paths[index]); });
}

/** A configuration while it is read. */
class Loader {
  left = MAX_INCLUDES;
  private readonly fs: FileSystem;
  private readonly reading: Reading;

  constructor(fs: FileSystem, reading: Reading) {
    this.fs = fs;
    this.reading = reading;
  }

  text(path: string): string | undefined {
    const text = this.fs.readText(path, ROOT);
    if (!text.ok) return undefined;
    this.reading.texts.push({ path, text: text.value });
    return text.value;
  }

  included(pattern: string): readonly string[] {
    const paths = includedFiles(this.fs, pattern);
    this.reading.globs.push({ pattern, paths });
    return paths;
  }
}

function makeSite(all: readonly Directive[]): Result<Site, string> {
  const http = all.find((directive) => directive.name === "http")?.block ?? [];
  if (!all.some((directive) => directive.name === "events")) return err(`no "events" section in configuration`);
  const hosts: { host: string; where: string }[] = [];
  const upstreams = new Map<string, readonly string[]>();
  for (const upstream of http.filter((directive) => directive.name === "upstream")) {
    const members = (upstream.block ?? []).filter((directive) => directive.name === "server");
    if (members.length === 0) return err(`no servers are inside upstream in ${upstream.file}:${upstream.line + 1}`);
    upstreams.set(upstream.args[0] ?? "", members.map((member) => member.args[0] ?? ""));
    for (const member of members) addHost(hosts, member.args[0] ?? "", member);
  }
  const servers: Server[] = [];
  for (const directive of http.filter((entry) => entry.name === "server")) {
    const server = readServer(directive, upstreams, hosts);
    if (!server.ok) return server;
    servers.push(server.value);
  }
  const workerProcesses = all.find((directive) => directive.name === "worker_processes")?.args[0] ?? "1";
  const connections = all.find((directive) => directive.name === "events")?.block?.find((directive) => directive.name === "worker_connections")?.args[0] ?? "512";
  return ok({ servers, http, upstreams, hosts, worker: { processes: workerProcesses, connections } });
}

function load(loader: Loader, path: string, from: Directive | undefined): Result<readonly Directive[], string> {
  if (loader.left-- <= 0) return err(`too many included files in ${path}`);
  const text = loader.text(path);
  if (text === undefined) return err(`open() "${path}" failed (2: No such file or directory)${from === undefined ? "" : ` in ${from.file}:${from.line}`}`);
  const parsed = parseNginxConfig(text, path);
  return parsed.ok ? expandIncludes(loader, parsed.value) : parsed;
}

function expandIncludes(loader: Loader, directives: readonly Directive[]): Result<readonly Directive[], string> {
  const result: Directive[] = [];
  for (const directive of directives) {
    if (directive.name === "include") {
      for (const path of loader.included(directive.args[0] ?? "")) {
        const inner = load(loader, path, directive);
        if (!inner.ok) return inner;
        result.push(...inner.value);
      }
    } else if (directive.block === undefined || directive.name === "types") result.push(directive);
    else {
      const block = expandIncludes(loader, directive.block);
      if (!block.ok) return block;
      result.push({ ...directive, block: block.value });
    }
  }
  return ok(result);
}

function includedFiles(fs: FileSystem, argument: string): readonly string[] {
  const path = argument.startsWith("/") ? argument : `/etc/nginx/${argument}`;
  if (!/[*?[]/.test(path)) return [path];
  const slash = path.lastIndexOf("/");
  const names = fs.list(path.slice(0, slash) || "/", ROOT);
  const pattern = compilePattern(path.slice(slash + 1));
  return names.ok ? names.value.filter((name) => !name.startsWith(".") && matchesPattern(pattern, name)).map((name) => `${path.slice(0, slash)}/${name}`) : [];
}

function readServer(directive: Directive, upstreams: ReadonlyMap<string, readonly string[]>, hosts: { host: string; where: string }[]): Result<Server, string> {
  const body = directive.block ?? [];
  const ports: Server["ports"][number][] = [];
  for (const listen of body.filter((entry) => entry.name === "listen")) {
    const [where = "80", ...flags] = listen.args;
    if (where.startsWith("[") || where.startsWith("unix:")) continue; // IPv6 and sockets of the file system are not simulated
    const match = /^(?:([^:]+):)?(\d+)$/.exec(where) ?? (/^[\d.]+$|^localhost$/.test(where) ? [where, where, "80"] : null);
    const port = Number(match?.[2]);
    if (match === null || !(port > 0 && port < 65_536)) return err(`invalid ${/:/.test(where) ? "port" : "host"} in "${where}" of the "listen" directive in ${listen.file}:${listen.line}`);
    ports.push({ port, ip: match[1] === undefined || match[1] === "*" ? "0.0.0.0" : match[1] === "localhost" ? "127.0.0.1" : match[1], isDefault: flags.includes("default_server") || flags.includes("default"), tls: flags.includes("ssl") });
  }
  if (!body.some((entry) => entry.name === "listen")) ports.push({ port: 80, ip: "0.0.0.0", isDefault: false, tls: false });
  const locations = readLocations(body, upstreams, hosts);
  if (!locations.ok) return locations;
  return ok({ ports, names: body.filter((entry) => entry.name === "server_name").flatMap((entry) => entry.args), directives: body, locations: locations.value });
}

function readLocations(body: readonly Directive[], upstreams: ReadonlyMap<string, readonly string[]>, hosts: { host: string; where: string }[]): Result<readonly Location[], string> {
  const locations: Location[] = [];
  for (const entry of body.filter((directive) => directive.name === "location")) {
    const [first = "/", second] = entry.args;
    const kind = first === "=" ? "exact" : first === "^~" ? "prefix-first" : first === "~" || first === "~*" ? "regex" : "prefix";
    const path = second ?? first;
    const regex = kind === "regex" ? compileRegex(path.replaceAll("\\d", "[0-9]").replaceAll("(?:", "("), "extended", first === "~*") : undefined;
    if (regex?.ok === false) return err(`pcre2_compile() failed: ${regex.error} in "${path}" in ${entry.file}:${entry.line}`);
    const inner = readLocations(entry.block ?? [], upstreams, hosts);
    if (!inner.ok) return inner;
    for (const proxy of (entry.block ?? []).filter((directive) => directive.name === "proxy_pass")) {
      const target = proxy.args[0] ?? "";
      if (!/^https?:\/\//.test(target) && !target.startsWith("$")) return err(`invalid URL prefix in ${proxy.file}:${proxy.line}`);
      const host = /^https?:\/\/([^/]+)/.exec(target)?.[1] ?? "";
      if (!target.includes("$") && !upstreams.has(host)) addHost(hosts, host, proxy);
    }
    locations.push({ kind, path, regex: regex?.ok === true ? regex.value : undefined, directives: entry.block ?? [], inner: inner.value });
  }
  return ok(locations);
}

function addHost(hosts: { host: string; where: string }[], address: string, directive: Directive): void {
  const host = address.replace(/:\d+$/, "");
  if (!/^[\d.]+$/.test(host) && host !== "localhost" && host !== "" && !address.startsWith("unix:")) hosts.push({ host, where: `${directive.file}:${directive.line}` });
}

/** The server for a connection's port and the Host header: exact name, "*.", "~" are tried, then the default of the port. */
export function chooseServer(site: Site, port: number, host: string): Server | undefined {
  const candidates = site.servers.filter((server) => server.ports.some((listen) => listen.port === port));
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return candidates.find((server) => server.names.includes(name))
    ?? candidates.find((server) => server.names.some((pattern) => (pattern.startsWith("*.") && name.endsWith(pattern.slice(1))) || (pattern.startsWith(".") && `.${name}`.endsWith(pattern))))
    ?? candidates.find((server) => server.ports.some((listen) => listen.port === port && listen.isDefault)) ?? candidates[0];
}

/** Source: ngx_http_core_module: exact, then the longest prefix (^~ stops there), then regular expressions in order, then the prefix. */
export function chooseLocation(locations: readonly Location[], path: string): Location | undefined {
  const exact = locations.find((location) => location.kind === "exact" && location.path === path);
  if (exact !== undefined) return exact;
  let prefix: Location | undefined;
  for (const location of locations) if ((location.kind === "prefix" || location.kind === "prefix-first") && path.startsWith(location.path) && location.path.length >= (prefix?.path.length ?? -1)) prefix = location;
  const inner = prefix === undefined ? undefined : chooseLocation(prefix.inner, path);
  if (inner !== undefined) return inner;
  if (prefix?.kind === "prefix-first") return prefix;
  return locations.find((location) => location.regex?.test(path) === true) ?? prefix;
}
