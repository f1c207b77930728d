import { secondsToUs } from "../../kernel/time.ts";
import type { HttpResponse } from "../../network/contracts.ts";
import { reasonPhrase } from "../../network/http/message.ts";
import { errnoText } from "../fs/errno.ts";
import { basename } from "../fs/path.ts";
import { headerCase, http, type HttpOutcome, KERNEL_TIMEOUT_US, reasonText } from "../net/client.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import { openFile } from "../process/open.ts";
import type { Sys } from "../process/wait.ts";

const MAX_REDIRECTS = 5;
/** Letters in capitals that wget does not have stand for long options without a letter. */
const LONG: Readonly<Record<string, string>> = {
  spider: "Z", quiet: "q", "output-document": "O", "output-file": "o", timeout: "T", "no-check-certificate": "N", header: "H", "post-data": "D", "user-agent": "U", "server-response": "S", tries: "t", continue: "c", "directory-prefix": "P",
};

/** Source: busybox networking/wget.c. */
export const wget: CommandSpec = {
  name: "wget",
  *run(call) {
    const { values, lists, rest, problem } = parseOptions(call.args, "cqSZNO:o:P:Y:U:T:t:H:D:", LONG);
    if (problem !== undefined) return yield* call.usage(problem, "[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR] [--post-data STR] [-Y on/off] [--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...");
    if (rest.length === 0) return yield* call.usage("", "[-cqS] [--spider] [-O FILE] [-T SEC] URL...");
    let code = 0;
    for (const operand of rest) code = Math.max(code, yield* fetchOne(call, operand, values, lists.get("H") ?? []));
    return code;
  },
};

interface Target {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

function parseTarget(text: string): Target | string {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") return `not an http or ftp url: ${text}`;
  const url = scheme === undefined ? `http://${text}` : text;
  const match = /^https?:\/\/(?:[^@/]*@)?([^/:?#]+)(?::(\d+))?/i.exec(url);
  if (match === null) return `bad address '${text.replace(/^https?:\/\//, "")}'`;
  return { url, host: match[1] ?? "", port: Number(match[2] ?? (scheme === "https" ? 443 : 80)) };
}

function* fetchOne(call: Invocation, operand: string, values: ReadonlyMap<string, string>, headerLines: readonly string[]): Sys<number> {
  const quiet = values.has("q");
  const limit = values.has("T") ? secondsToUs(Number(values.get("T")) || 900) : undefined;
  const headers: Record<string, string> = { "User-Agent": values.get("U") ?? "Wget", Connection: "close" };
  for (const line of headerLines) headers[line.slice(0, line.indexOf(":"))] = line.slice(line.indexOf(":") + 1).trim();
  const body = values.get("D");
  if (body !== undefined) headers["Content-Type"] = "application/x-www-form-urlencoded";
  let target = parseTarget(operand);
  for (let redirects = 0; typeof target !== "string"; redirects++) {
    const { url, host, port } = target;
    const outcome: HttpOutcome = yield* http(call.process, { method: values.has("Z") ? "HEAD" : body === undefined ? "GET" : "POST", url, headers, ...(body === undefined ? {} : { body }) }, limit ?? KERNEL_TIMEOUT_US);
    const { ip, result } = outcome;
    if (ip === undefined) return yield* call.fail(`bad address '${/:\d+$/.test(url.replace(/^https?:\/\/([^/]*).*$/, "$1")) ? `${host}:${port}` : host}'`);
    if (!quiet) yield* call.process.errOut(`Connecting to ${/:\d+/.test(url.slice(8)) ? `${host}:${port}` : host} (${ip}:${port})\n`);
    if (!result.ok) {
      if (result.error.code === "ETIMEDOUT" && limit !== undefined) return yield* call.fail("download timed out");
      if (result.error.message.startsWith("NotImplemented")) return yield* call.fail(result.error.message);
      if (result.error.code === "EPIPE" || result.error.code === "ECONNRESET") return yield* call.fail("error getting response: Connection reset by peer");
      return yield* call.fail(`can't connect to remote host (${ip}): ${reasonText(call.process, result.error.code)}`);
    }
    const response = result.value;
    if (values.has("S")) yield* call.process.errOut(`  HTTP/1.1 ${response.status} ${reasonPhrase(response.status)}\n${Object.entries(response.headers).map(([name, value]) => `  ${headerCase(name)}: ${value}\n`).join("")}`);
    const location = response.headers["location"];
    if (response.status >= 300 && response.status < 400 && location !== undefined) {
      if (redirects >= MAX_REDIRECTS) return yield* call.fail("too many redirections");
      target = parseTarget(location.startsWith("/") ? url.replace(/^(https?:\/\/[^/]+).*$/, `$1${location}`) : location);
      continue;
    }
    if (response.status < 200 || response.status > 299) return yield* call.fail(`server returned error: HTTP/1.1 ${response.status} ${reasonPhrase(response.status)}`.trimEnd());
    if (!values.has("Z")) return yield* save(call, url, response, values);
    if (!quiet) yield* call.process.errOut("remote file exists\n");
    return 0;
  }
  return yield* call.fail(target);
}

function* save(call: Invocation, url: string, response: HttpResponse, values: ReadonlyMap<string, string>): Sys<number> {
  const path = url.replace(/^https?:\/\/[^/]*/, "").replace(/[?#].*$/, "");
  const name = values.get("O") ?? `${values.has("P") ? `${values.get("P")}/` : ""}${path === "" || path.endsWith("/") ? "index.html" : basename(path)}`;
  const quiet = values.has("q");
  const bar = `${(name === "-" ? "-" : basename(name)).slice(0, 20).padEnd(20)} 100% |********************************| ${String(response.body.length).padStart(5)}  0:00:00 ETA\n`;
  if (name === "-") {
    if (!quiet) yield* call.process.errOut("writing to stdout\n");
    yield* call.out(response.body);
    if (!quiet) yield* call.process.errOut(`${bar}written to stdout\n`);
    return 0;
  }
  if (!values.has("O") && call.stat(name).ok) return yield* call.fail(`can't open '${name}': File exists`);
  const file = openFile(call.process, name, "write");
  if (!file.ok) return yield* call.fail(`can't open '${name}': ${errnoText(file.error)}`);
  if (!quiet) yield* call.process.errOut(`saving to '${name}'\n`);
  file.value.write(response.body);
  if (!quiet) yield* call.process.errOut(`${bar}'${name}' saved\n`);
  return 0;
}
