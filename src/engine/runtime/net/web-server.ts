import { ok, type Result } from "../../kernel/result.ts";
import type { Ip, SocketError, TcpConnection } from "../../network/contracts.ts";
import type { ReceivedRequest } from "../../network/http/message.ts";
import { serveHttp, type ServerResponse } from "../../network/http/serve.ts";
import type { Process } from "../process/process.ts";
import { type CalendarTime, strftime } from "../text/calendar.ts";

/** A request with what a handler wants to know of it. */
export interface WebRequest extends ReceivedRequest {
  /** Decoded, without the query. */
  readonly path: string;
  /** Raw, without "?". */
  readonly query: string;
  readonly remoteIp: Ip;
  readonly remotePort: number;
  readonly localIp: Ip;
  readonly localPort: number;
  /** Pass it on to requests that this one sets off. */
  readonly connection: TcpConnection;
}

export type WebAnswer = (response: ServerResponse) => void;

export interface WebServerOptions {
  readonly port: number;
  readonly ip?: Ip;
  /** µs of CPU per request; 200. */
  readonly costUs?: number;
}

/** Answers at once, or keeps `answer` for later. */
export type WebHandler = (request: WebRequest, answer: WebAnswer) => ServerResponse | undefined;

/** HTTP on a port of the container; it ends with the process. */
export function serveWeb(process: Process, options: WebServerOptions, handle: WebHandler): Result<() => void, SocketError> {
  const listener = process.world.netns.listenTcp(options.port, options.ip ?? "0.0.0.0", process.owner, (connection) => {
    const letGo = process.hold(() => connection.close());
    connection.onClose(letGo);
    serveHttp(connection, (request, respond) => {
      const us = process.table.throttled(options.costUs ?? 200);
      process.cpuUs += options.costUs ?? 200;
      process.after(us, "answers a request", () => {
        const response = handle(webRequest(request, connection), respond);
        if (response !== undefined) respond(response);
      });
    });
  });
  if (!listener.ok) return listener;
  return ok(process.hold(() => listener.value.close()));
}

function webRequest(request: ReceivedRequest, connection: TcpConnection): WebRequest {
  const target = request.target.replace(/^https?:\/\/[^/]*/i, "") || "/";
  const mark = target.indexOf("?");
  const raw = mark < 0 ? target : target.slice(0, mark);
  return {
    ...request, path: decodePath(raw), query: mark < 0 ? "" : target.slice(mark + 1), connection,
    remoteIp: connection.remote.ip, remotePort: connection.remote.port, localIp: connection.local.ip, localPort: connection.local.port,
  };
}

/** %-escapes of UTF-8 taken out; what is malformed stays. */
export function decodePath(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** One value of a query string, decoded; undefined when it is not there. */
export function queryValue(query: string, name: string): string | undefined {
  for (const part of query.split("&")) {
    const equals = part.indexOf("=");
    if ((equals < 0 ? part : part.slice(0, equals)) === name) return decodePath((equals < 0 ? "" : part.slice(equals + 1)).replaceAll("+", " "));
  }
  return undefined;
}

/** "Thu, 01 Jan 2026 00:00:05 GMT" */
export const httpDate = (time: CalendarTime): string => strftime("%a, %d %b %Y %H:%M:%S GMT", time);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html", htm: "text/html", css: "text/css", js: "application/javascript", json: "application/json", txt: "text/plain", xml: "text/xml", svg: "image/svg+xml", png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", ico: "image/x-icon", pdf: "application/pdf", md: "text/markdown",
};

/** Source: nginx conf/mime.types. */
export const mediaType = (path: string): string | undefined => TYPES[/\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""];
