import { utf8Length } from "../../network/http/message.ts";
import { calendarAt, wallClock } from "./now.ts";
import { httpDate, mediaType, serveWeb } from "../net/web-server.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  404: ["Not Found", "The requested URL was not found"],
  403: ["Forbidden", "You don't have permission to access this file"],
  501: ["Not Implemented", "The requested method is not recognized"],
};

/** Source: busybox networking/httpd.c. Differs: files only, no CGI, no configuration file; without -f it stays all the same. */
export const httpd: CommandSpec = {
  name: "httpd",
  *run(call) {
    const { values, problem } = parseOptions(call.args, "fvp:h:c:u:r:ime:d:", {});
    if (problem !== undefined) return yield* call.usage(problem, "[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]");
    const { process } = call;
    const port = Number(/(\d+)$/.exec(values.get("p") ?? "80")?.[1] ?? 80);
    const home = call.path(values.get("h") ?? ".").replace(/\/$/, "");
    const failure = (status: number): { status: number; headers: Record<string, string>; body: string } => {
      const [title = "", text = ""] = ERRORS[status] ?? [];
      return { status, headers: { Date: httpDate(wallClock(process)), Connection: "close", "Content-type": "text/html" }, body: `<HTML><HEAD><TITLE>${status} ${title}</TITLE></HEAD>\n<BODY><H1>${status} ${title}</H1>\n${text}\n</BODY></HTML>\n` };
    };
    const listener = serveWeb(process, { port }, (request) => {
      if (request.method !== "GET" && request.method !== "HEAD") return failure(501);
      const path = `${home}${request.path}${request.path.endsWith("/") ? "index.html" : ""}`;
      const node = call.fs.stat(path, call.who);
      const text = call.fs.readText(path, call.who);
      if (values.has("v")) process.files[2]?.write(`[::ffff:${request.remoteIp}]:${request.remotePort}: response:${text.ok ? 200 : 404}\n`);
      if (!node.ok || !text.ok) return failure(!text.ok && text.error === "EACCES" ? 403 : 404);
      const modified = calendarAt(process, node.value.kind === "file" ? node.value.inode.modifiedUs : 0);
      return { status: 200, headers: { Date: httpDate(wallClock(process)), Connection: "close", "Content-type": mediaType(path) ?? "application/octet-stream", "Accept-Ranges": "bytes", "Last-Modified": httpDate(modified), ETag: `"${utf8Length(text.value).toString(16)}"`, "Content-Length": String(utf8Length(text.value)) }, body: text.value };
    });
    if (!listener.ok) return yield* call.fail("bind: Address already in use");
    for (;;) yield* process.pause();
  },
};
