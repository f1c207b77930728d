import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiRequest, ApiResponse } from "../../engine/apimachinery/api.ts";
import type { Cluster } from "../../engine/cluster/contracts.ts";
import type { BridgeHost } from "./host.ts";
import { kindOfPath } from "./kind-of-path.ts";
import { isLocalOrigin, refusal } from "./origin-guard.ts";
import type { Pump } from "./pump.ts";
import { readBody, requestHead, withBody } from "./request.ts";
import { writeResponse, writeStream } from "./response.ts";
import { failure, internalError, statusResponse } from "./status.ts";
import { Upgrades } from "./upgrade.ts";

export interface HttpBridgeOptions {
  readonly cluster: Cluster;
  readonly pump: Pick<Pump, "catchUp" | "noteInput">;
  /** Watches and followed logs that may be open at once; 2,000. */
  readonly maxStreams?: number;
  /** Hears of every request when it has been answered. */
  readonly onRequest?: (request: ApiRequest, status: number) => void;
  /** Hears of bugs: what the engine threw. The client gets a Status InternalError. */
  readonly onBug?: (error: unknown) => void;
}

export interface HttpBridge {
  /** Starts to serve 127.0.0.1; port 0 takes any free one. Rejects with Node's error when the port is taken (EADDRINUSE) or not allowed (EACCES). */
  listen(port: number): Promise<{ readonly port: number; readonly url: string }>;
  /** Ends every connection and stops to serve. */
  close(): Promise<void>;
}

const MAX_STREAMS = 2_000;
/** Longer than clients keep an idle connection: the side that sends the next request should be the side that ends it. */
const KEEP_ALIVE_MS = 120_000;
/** For the last bytes of answers and streams to reach their readers. */
const FAREWELL_MS = 200;
/** Request line and headers; an exec carries its whole command there. Source: Go's net/http, DefaultMaxHeaderBytes. */
const MAX_HEAD_BYTES = 1024 * 1024;
const READ_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Serves a cluster's API over HTTP/1.1 on this machine's loopback, for kubectl and every other client of Kubernetes. */
export function createHttpBridge(options: HttpBridgeOptions): HttpBridge {
  const bridge = new Bridge(options);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEAD_BYTES }, (incoming, outgoing) => void bridge.serve(incoming, outgoing));
  const upgrades = new Upgrades(bridge, (incoming, outgoing) => bridge.serve(incoming, outgoing));
  server.on("upgrade", (incoming, socket, firstBytes) => upgrades.handle(incoming, socket, firstBytes));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return void socket.destroy();
    const line = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
    socket.end(`HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`);
  });
  return {
    listen: (port) => listen(server, port),
    close: () => {
      bridge.endStreams();
      upgrades.close();
      return close(server);
    },
  };
}

class Bridge implements BridgeHost {
  readonly cluster: Cluster;
  private readonly streams = new Set<ServerResponse>();

  constructor(private readonly options: HttpBridgeOptions) {
    this.cluster = options.cluster;
  }

  request(request: ApiRequest): ApiResponse {
    this.options.pump.catchUp();
    let response: ApiResponse;
    try {
      response = this.cluster.request(request);
    } catch (error) {
      this.options.onBug?.(error);
      response = statusResponse(internalError(error instanceof Error ? error.message : String(error)));
    }
    if (!READ_METHODS.has(request.method)) this.options.pump.noteInput();
    this.options.onRequest?.(request, response.status);
    return response;
  }

  input<T>(action: () => T): T {
    this.options.pump.catchUp();
    this.options.pump.noteInput();
    return action();
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const response = await this.respond(incoming, outgoing);
      if (response === undefined) return void outgoing.destroy();
      if (outgoing.destroyed) return response.stream?.close();
      if (response.stream !== undefined) return this.stream(outgoing, response, response.stream);
      const ifNoneMatch = incoming.headers["if-none-match"];
      await writeResponse(outgoing, response, { method: incoming.method ?? "GET", ifNoneMatch });
    } catch (error) {
      this.options.onBug?.(error);
      if (!outgoing.headersSent) await writeResponse(outgoing, statusResponse(internalError(String(error))), { method: "GET", ifNoneMatch: undefined });
      else outgoing.destroy();
    }
  }

  /** Ends watches and followed logs as if they had come to their end. */
  endStreams(): void {
    for (const outgoing of this.streams) outgoing.end();
  }

  /** The answer; undefined when nobody is left to answer. */
  private async respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<ApiResponse | undefined> {
    const why = refusal(incoming.headers);
    if (why !== undefined) return this.refuse(incoming, statusResponse(failure(403, "Forbidden", why)));
    allowOrigin(incoming, outgoing);
    outgoing.setHeader("Audit-Id", randomUUID());
    outgoing.setHeader("Cache-Control", "no-cache, private");
    const head = requestHead(incoming);
    if (!head.ok) return this.refuse(incoming, statusResponse(head.error));
    if (head.value.method === "OPTIONS" && incoming.headers["access-control-request-method"] !== undefined) return preflight(incoming);
    const { search: _, ...request } = head.value;
    const body = await readBody(incoming);
    if (body === undefined) return undefined;
    if (!body.ok) return statusResponse(body.error);
    const complete = withBody(request, body.value, () => kindOfPath(this, request.path));
    return complete.ok ? this.request(complete.value) : statusResponse(complete.error);
  }

  /** A refusal waits for the body as well: a client that is still writing does not read. */
  private async refuse(incoming: IncomingMessage, response: ApiResponse): Promise<ApiResponse | undefined> {
    return (await readBody(incoming)) === undefined ? undefined : response;
  }

  private stream(outgoing: ServerResponse, response: ApiResponse, stream: NonNullable<ApiResponse["stream"]>): void {
    if (this.streams.size >= (this.options.maxStreams ?? MAX_STREAMS)) {
      stream.close();
      const status = failure(429, "TooManyRequests", "Too many requests, please try again later.", { retryAfterSeconds: 1 });
      void writeResponse(outgoing, statusResponse(status, { "retry-after": "1" }), { method: "GET", ifNoneMatch: undefined });
      return;
    }
    this.streams.add(outgoing);
    outgoing.once("close", () => this.streams.delete(outgoing));
    writeStream(outgoing, response, stream);
  }
}

function allowOrigin(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { origin } = incoming.headers;
  if (origin === undefined || !isLocalOrigin(origin)) return;
  outgoing.setHeader("Access-Control-Allow-Origin", origin);
  outgoing.setHeader("Access-Control-Expose-Headers", "Date, ETag, Warning");
  outgoing.setHeader("Vary", "Origin");
}

/** Source: staging/src/k8s.io/apiserver/pkg/server/filters/cors.go, with this machine's pages allowed. */
function preflight(incoming: IncomingMessage): ApiResponse {
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": "POST, GET, OPTIONS, PUT, DELETE, PATCH",
      "access-control-allow-headers": incoming.headers["access-control-request-headers"] ?? "Content-Type, Accept",
      "access-control-max-age": "600",
    },
    body: undefined,
  };
}

function listen(server: Server, port: number): Promise<{ port: number; url: string }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const { port: taken } = server.address() as AddressInfo;
      resolve({ port: taken, url: `http://127.0.0.1:${taken}` });
    });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), FAREWELL_MS);
  await closed;
  clearTimeout(late);
}
