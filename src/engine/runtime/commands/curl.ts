import { secondsToUs } from "../../kernel/time.ts";
import type { HttpResponse, SocketError } from "../../network/contracts.ts";
import { reasonPhrase, utf8Length } from "../../network/http/message.ts";
import { basename } from "../fs/path.ts";
import { headerCase, http, KERNEL_TIMEOUT_US } from "../net/client.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import { openFile } from "../process/open.ts";
import type { Sys } from "../process/wait.ts";
import { readEscapes } from "./echo.ts";

/** Digits stand for long options that have no letter. */
const LONG: Readonly<Record<string, string>> = {
  silent: "s", "show-error": "S", include: "i", head: "I", verbose: "v", output: "o", "write-out": "w", "max-time": "m", request: "X", header: "H", data: "d", "data-raw": "d", "data-binary": "d", "data-urlencode": "d", json: "0",
  location: "L", fail: "f", "fail-with-body": "f", insecure: "k", "user-agent": "A", user: "u", "connect-timeout": "1", retry: "2", "retry-delay": "3", "retry-connrefused": "4", "remote-name": "O", "no-progress-meter": "5", "http1.1": "6",
  http2: "6", compressed: "6", resolve: "7", version: "V", referer: "e", cookie: "b", get: "G", globoff: "g", "no-buffer": "N", "retry-max-time": "3", "retry-all-errors": "4", cacert: "7", cert: "7", key: "7", url: "8", help: "h", "progress-bar": "5", form: "F", proxy: "7", noproxy: "7", "ipv4": "6",
};
const SPEC = "sSiIvo:w:m:X:H:d:0:LfkA:u:1:2:3:4O567:V8:e:b:GgNh4F:#Jn6";

const MAX_REDIRECTS = 50;

/** Source: curl src/tool_operate.c, lib/curl_easy strings; the texts of curl 8. */
export const curl: CommandSpec = {
  name: "curl",
  memoryBytes: 6 << 20,
  *run(call) {
    const { values, lists, rest, problem } = parseOptions(call.args, SPEC, LONG);
    if (problem !== undefined) {
      const option = /'(.*)'/.exec(problem)?.[1] ?? "";
      yield* call.process.errOut(`curl: option ${option.length === 1 ? `-${option}` : option}: ${problem.includes("requires") ? "requires parameter" : "is unknown"}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`);
      return 2;
    }
    if (values.has("V")) {
      yield* call.out(`curl ${call.process.binary.version || "8.14.1"} (x86_64-pc-linux-gnu) libcurl/${call.process.binary.version || "8.14.1"}\nProtocols: http\nFeatures: alt-svc IPv6 Largefile UnixSockets\n`);
      return 0;
    }
    const urls = [...rest, ...(lists.get("8") ?? [])];
    if (urls.length === 0) {
      yield* call.process.errOut("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
      return 2;
    }
    let code = 0;
    for (const url of urls) {
      const transfer = new Transfer(call, values, lists);
      const retries = Number(values.get("2") ?? 0) || 0;
      for (let attempt = 0; ; attempt++) {
        code = yield* transfer.run(url, attempt < retries);
        if (!transfer.retryable || attempt >= retries) break;
        const wait = Number(values.get("3") ?? 2 ** attempt) || 1;
        if (!values.has("s")) yield* call.process.errOut(`Warning: Problem: ${code === 28 ? "timeout" : code === 7 ? "connection refused" : "HTTP error"}. Will retry in ${wait} second${wait === 1 ? "" : "s"}. ${retries - attempt} ${retries - attempt === 1 ? "retry" : "retries"} left.\n`);
        yield* call.process.sleep(secondsToUs(wait));
      }
    }
    return code;
  },
};

class Transfer {
  retryable = false;
  private readonly call: Invocation;
  private readonly values: ReadonlyMap<string, string>;
  private readonly lists: ReadonlyMap<string, readonly string[]>;

  constructor(call: Invocation, values: ReadonlyMap<string, string>, lists: ReadonlyMap<string, readonly string[]>) {
    this.call = call;
    this.values = values;
    this.lists = lists;
  }

  *run(operand: string, mayRetry: boolean): Sys<number> {
    const { call, values } = this;
    this.retryable = false;
    const start = call.process.world.clock.now();
    const elapsedMs = (): number => Math.round((call.process.world.clock.now() - start) / 1_000);
    let url = /^[a-z][a-z0-9+.-]*:\/\//i.test(operand) ? operand : `http://${operand}`;
    const scheme = url.slice(0, url.indexOf(":")).toLowerCase();
    if (scheme !== "http" && scheme !== "https") return yield* this.error(1, `Protocol "${scheme}" not supported`);
    const maxUs = values.has("m") ? secondsToUs(Number(values.get("m")) || 0) : undefined;
    const connectUs = values.has("1") ? secondsToUs(Number(values.get("1")) || 0) : undefined;
    const timeoutUs = Math.min(maxUs || KERNEL_TIMEOUT_US, connectUs || KERNEL_TIMEOUT_US);
    let method = values.get("X") ?? (values.has("I") ? "HEAD" : values.has("d") || values.has("0") || values.has("F") ? (values.has("G") ? "GET" : "POST") : "GET");
    let body = yield* this.body();
    const headers = this.headers(body);
    for (let redirects = 0; ; redirects++) {
      const authority = /^https?:\/\/(?:[^@/]*@)?([^/?#]*)/i.exec(url)?.[1] ?? "";
      const host = authority.replace(/:\d*$/, "");
      const port = Number(/:(\d+)$/.exec(authority)?.[1] ?? (url.startsWith("https") ? 443 : 80));
      if (host === "" || !/^[A-Za-z0-9._-]+$/.test(host) || port > 65_535 || port < 1) return yield* this.error(3, port > 65_535 ? "URL rejected: Port number was not a decimal number between 0 and 65535" : host === "" ? "URL rejected: No host part in the URL" : "URL rejected: Malformed input to a URL function");
      const { result, ip } = yield* http(call.process, { method, url, headers, ...(body === undefined ? {} : { body }) }, timeoutUs);
      if (ip === undefined) return yield* this.error(6, `Could not resolve host: ${host}`);
      if (values.has("v")) yield* this.verboseConnect(host, ip, port, result.ok || (!result.ok && result.error.code === "ECONNRESET"));
      if (!result.ok) return yield* this.failed(result.error, host, port, elapsedMs(), mayRetry, connectUs !== undefined || maxUs !== undefined);
      const response = result.value;
      if (values.has("v")) yield* this.verboseExchange(method, url, authority, headers, response);
      const location = response.headers["location"];
      if (values.has("L") && response.status >= 300 && response.status < 400 && location !== undefined) {
        if (values.has("i") || values.has("I")) yield* call.out(headText(response));
        if (redirects >= MAX_REDIRECTS) return yield* this.error(47, `Maximum (${MAX_REDIRECTS}) redirects followed`);
        url = location.startsWith("/") ? url.replace(/^(https?:\/\/[^/]+).*$/, `$1${location}`) : location;
        if (response.status === 303 || ((response.status === 301 || response.status === 302) && method === "POST")) {
          method = "GET";
          body = undefined;
        }
        continue;
      }
      return yield* this.deliver(response, url, ip, port, elapsedMs(), mayRetry);
    }
  }

  private headers(body: string | undefined): Record<string, string> {
    const headers: Record<string, string> = { "User-Agent": this.values.get("A") ?? `curl/${this.call.process.binary.version || "8.14.1"}`, Accept: "*/*" };
    if (this.values.has("0")) headers["Content-Type"] = "application/json";
    else if (body !== undefined && !this.values.has("G")) headers["Content-Type"] = "application/x-www-form-urlencoded";
    const user = this.values.get("u");
    if (user !== undefined) headers["Authorization"] = `Basic ${asBase64(user)}`;
    if (this.values.has("b")) headers["Cookie"] = this.values.get("b") ?? "";
    for (const line of this.lists.get("H") ?? []) {
      const colon = line.indexOf(":");
      const name = colon < 0 ? line : line.slice(0, colon);
      for (const known of Object.keys(headers)) if (known.toLowerCase() === name.toLowerCase()) delete headers[known];
      if (colon > 0 && line.slice(colon + 1).trim() !== "") headers[name] = line.slice(colon + 1).trim();
    }
    return headers;
  }

  private *body(): Sys<string | undefined> {
    const pieces: string[] = [];
    for (const text of [...(this.lists.get("d") ?? []), ...(this.lists.get("0") ?? []), ...(this.lists.get("F") ?? [])]) {
      if (!text.startsWith("@")) pieces.push(text);
      else {
        const content = yield* this.call.readFile(text.slice(1));
        pieces.push(content.ok ? content.value.replace(/[\r\n]+$/, "") : "");
      }
    }
    return pieces.length === 0 || this.values.has("G") ? undefined : pieces.join("&");
  }

  private *error(code: number, text: string): Sys<number> {
    if (!this.values.has("s") || this.values.has("S")) yield* this.call.process.errOut(`curl: (${code}) ${text}\n`);
    yield* this.writeOut(undefined, "", "", 0, 0);
    return code;
  }

  private *failed(error: SocketError, host: string, port: number, ms: number, mayRetry: boolean, limited: boolean): Sys<number> {
    this.retryable = error.code === "ETIMEDOUT" || (error.code === "ECONNREFUSED" && this.values.has("4"));
    if (this.retryable && mayRetry) return error.code === "ETIMEDOUT" ? 28 : 7;
    if (error.message.startsWith("NotImplemented")) return yield* this.error(35, error.message);
    switch (error.code) {
      case "ETIMEDOUT":
        return yield* this.error(28, limited ? `Connection timed out after ${ms} milliseconds` : `Failed to connect to ${host} port ${port} after ${ms} ms: Could not connect to server`);
      case "ECONNRESET":
        return yield* this.error(56, "Recv failure: Connection reset by peer");
      case "EPIPE":
        return yield* this.error(52, "Empty reply from server");
      case "ENXDOMAIN":
      case "EAI_AGAIN":
        return yield* this.error(6, `Could not resolve host: ${host}`);
      default:
        return yield* this.error(7, `Failed to connect to ${host} port ${port} after ${ms} ms: Could not connect to server`);
    }
  }

  private *verboseConnect(host: string, ip: string, port: number, connected: boolean): Sys<void> {
    const resolved = host === ip ? "" : `* Host ${host}:${port} was resolved.\n* IPv6: (none)\n* IPv4: ${ip}\n`;
    yield* this.call.process.errOut(`${resolved}*   Trying ${ip}:${port}...\n${connected ? `* Connected to ${host} (${ip}) port ${port}\n* using HTTP/1.x\n` : `* connect to ${ip} port ${port} failed: Connection refused\n* closing connection #0\n`}`);
  }

  private *verboseExchange(method: string, url: string, authority: string, headers: Readonly<Record<string, string>>, response: HttpResponse): Sys<void> {
    const path = url.replace(/^https?:\/\/[^/?#]*/i, "") || "/";
    const asked = [`${method} ${path} HTTP/1.1`, ...("Host" in headers ? [] : [`Host: ${authority}`]), ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].map((line) => `> ${line}\n`).join("");
    const got = headText(response).replace(/\r\n$/, "").split("\r\n").map((line) => `< ${line}\n`).join("");
    yield* this.call.process.errOut(`${asked}> \n* Request completely sent off\n${got}`);
  }

  private *deliver(response: HttpResponse, url: string, ip: string, port: number, ms: number, mayRetry: boolean): Sys<number> {
    const { call, values } = this;
    if (values.has("f") && response.status >= 400) {
      this.retryable = [408, 429, 500, 502, 503, 504].includes(response.status);
      if (this.retryable && mayRetry) return 22;
      yield* this.writeOut(response, url, ip, port, ms);
      if (!values.has("s") || values.has("S")) yield* call.process.errOut(`curl: (22) The requested URL returned error: ${response.status}\n`);
      return 22;
    }
    const text = `${values.has("i") || values.has("I") ? headText(response) : ""}${values.has("I") ? "" : response.body}`;
    const name = values.get("o") ?? (values.has("O") ? basename(url.replace(/[?#].*$/, "")) : undefined);
    const meter = !values.has("s") && !values.has("5") && !values.has("I") && (name === undefined ? call.process.files[1]?.isTty !== true : name !== "-");
    if (meter) yield* call.process.errOut(progressMeter(utf8Length(response.body), ms));
    if (name === undefined || name === "-") yield* call.out(text);
    else {
      const file = openFile(call.process, name, "write");
      if (!file.ok) {
        yield* call.process.errOut(`Warning: Failed to open the file ${name}: No such file or directory\ncurl: (23) client returned ERROR on write, ${response.body.length} bytes wanted to be written\n`);
        return 23;
      }
      file.value.write(text);
    }
    if (values.has("v")) yield* call.process.errOut(`* Connection #0 to host ${/^https?:\/\/([^/:?#]+)/i.exec(url)?.[1] ?? ""} left intact\n`);
    yield* this.writeOut(response, url, ip, port, ms);
    return 0;
  }

  private *writeOut(response: HttpResponse | undefined, url: string, ip: string, port: number, ms: number): Sys<void> {
    const format = this.values.get("w");
    if (format === undefined) return;
    const seconds = (ms / 1_000).toFixed(6);
    const known: Readonly<Record<string, string>> = {
      http_code: String(response?.status ?? 0).padStart(3, "0"), response_code: String(response?.status ?? 0).padStart(3, "0"), time_total: seconds, time_connect: seconds, time_starttransfer: seconds, time_namelookup: seconds, time_appconnect: "0.000000",
      size_download: String(utf8Length(response?.body ?? "")), remote_ip: ip, remote_port: String(port), url_effective: url, content_type: response?.headers["content-type"] ?? "", num_redirects: "0", http_version: response === undefined ? "0" : "1.1", exitcode: response === undefined ? "7" : "0", errormsg: "", method: "GET", scheme: "http",
    };
    yield* this.call.out(readEscapes(format.replace(/%\{(\w+)\}/g, (_, name: string) => known[name] ?? ""), false).text);
  }
}

const headText = (response: HttpResponse): string => `HTTP/1.1 ${response.status} ${reasonPhrase(response.status)}\r\n${Object.entries(response.headers).map(([name, value]) => `${headerCase(name)}: ${value}\r\n`).join("")}\r\n`;

/** What curl shows on standard error when its output goes to a pipe or file. */
function progressMeter(bytes: number, ms: number): string {
  const speed = Math.round((bytes * 1_000) / Math.max(1, ms));
  const short = (value: number): string => (value < 100_000 ? String(value) : `${Math.round(value / 1_024)}k`);
  const row = (percent: number, got: number, rate: number): string => `${String(percent).padStart(3)} ${short(got).padStart(5)}  ${String(percent).padStart(3)} ${short(got).padStart(5)}    0     0 ${short(rate).padStart(6)}      0 --:--:-- --:--:-- --:--:-- ${short(rate).padStart(5)}`;
  return `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r${row(0, 0, 0)}\r${row(100, bytes, speed)}\n`;
}

function asBase64(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let result = "";
  for (let i = 0; i < text.length; i += 3) {
    const word = ((text.charCodeAt(i) & 255) << 16) | (((text.charCodeAt(i + 1) || 0) & 255) << 8) | ((text.charCodeAt(i + 2) || 0) & 255);
    for (let k = 0; k < 4; k++) result += i + k > text.length ? "=" : alphabet.charAt((word >> (18 - 6 * k)) & 63);
  }
  return result;
}
