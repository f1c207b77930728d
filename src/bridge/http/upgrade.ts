import { type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { ApiRequest, ApiResponse, Status } from "../../engine/apimachinery/api.ts";
import type { BridgeHost } from "./host.ts";
import { refusal } from "./origin-guard.ts";
import { notImplementedYet, refusalOf } from "./remote/command.ts";
import { PORT_FORWARD_PROTOCOL, PORT_FORWARD_TUNNEL, SpdyPortForward } from "./remote/port-forward.ts";
import { servePortForwardChannels } from "./remote/port-forward-channels.ts";
import { SPDY_COMMAND_PROTOCOL, SpdyCommand, STREAM_CREATION_MS } from "./remote/spdy-command.ts";
import { parseRemoteOptions, parseRemotePath, type RemotePath, type RemoteTarget, resolveTarget } from "./remote/target.ts";
import { CHANNEL_PROTOCOLS, serveCommand } from "./remote/websocket-command.ts";
import { serveWatchSocket, STREAM_PROTOCOLS } from "./remote/websocket-stream.ts";
import { requestHead } from "./request.ts";
import { type ByteTransport, SpdyConnection } from "./spdy/connection.ts";
import { socketTransport, webSocketTransport } from "./spdy/transports.ts";
import { failure, isStatus, statusResponse } from "./status.ts";

/** One WebSocket message; a client splits what it types or copies well before. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

type Head = ApiRequest & { readonly search: URLSearchParams };

/** Answers requests that want to leave HTTP: WebSockets (exec, attach, port-forward, watches, logs) and SPDY/3.1 (exec, attach, port-forward). */
export class Upgrades {
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // The choice has been made by then: see `accept`.
    handleProtocols: (offered) => [...offered].find((name) => isKnownProtocol(name)) ?? false,
  });

  private readonly sockets = new Set<Socket>();
  /** Requests for kubectl's port-forward tunnel. Its name has a slash, which `ws` rightly takes for no protocol name; so it is answered past `ws`. */
  private readonly tunnels = new WeakSet<IncomingMessage>();

  constructor(
    private readonly host: BridgeHost,
    private readonly serve: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
  ) {
    this.webSockets.on("headers", (headers, incoming) => {
      if (this.tunnels.has(incoming)) headers.push(`Sec-WebSocket-Protocol: ${PORT_FORWARD_TUNNEL}`);
    });
  }

  /** Ends every connection that left HTTP. */
  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Serves the upgrade, or refuses it with a Status over plain HTTP. */
  handle(incoming: IncomingMessage, duplex: Duplex, firstBytes: Buffer): void {
    const socket = duplex as Socket; // node:http hands out the connection itself
    const wanted = (incoming.headers.upgrade ?? "").toLowerCase();
    if (wanted !== "websocket" && !wanted.startsWith("spdy/")) return this.serveAsHttp(incoming, socket);
    socket.on("error", () => socket.destroy());
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    const why = refusal(incoming.headers);
    if (why !== undefined) return refuse(socket, statusResponse(failure(403, "Forbidden", why)));
    const head = requestHead(incoming);
    if (!head.ok) return refuse(socket, statusResponse(head.error));
    const remote = parseRemotePath(head.value.path);
    if (wanted === "websocket") this.webSocket(incoming, socket, firstBytes, head.value, remote);
    else if (remote === undefined) refuse(socket, statusResponse(failure(400, "BadRequest", "this path does not speak SPDY")));
    else this.spdy(incoming, socket, firstBytes, head.value, remote);
  }

  /** An offer that may be declined: HTTP/2 over plain text, which curl makes. Node has let go of the connection, so the answer is its last. */
  private serveAsHttp(incoming: IncomingMessage, socket: Socket): void {
    const outgoing = new ServerResponse(incoming);
    outgoing.shouldKeepAlive = false;
    outgoing.assignSocket(socket);
    outgoing.on("finish", () => socket.end());
    socket.on("close", () => outgoing.destroy());
    this.serve(incoming, outgoing);
  }

  private webSocket(incoming: IncomingMessage, socket: Socket, firstBytes: Buffer, head: Head, remote: RemotePath | undefined): void {
    const accept = (serve: (webSocket: WebSocket) => void): void => this.webSockets.handleUpgrade(incoming, socket, firstBytes, serve);
    const offered = protocolsOf(incoming.headers["sec-websocket-protocol"]);
    if (remote === undefined) {
      const known = offered.length === 0 || offered.some((name) => STREAM_PROTOCOLS.has(name));
      if (!known) return refuse(socket, unsupported(offered, [...STREAM_PROTOCOLS]));
      const answer = this.host.request({ ...head, method: "GET" });
      const { stream } = answer;
      if (stream === undefined) return refuse(socket, answer.status === 200 ? statusResponse(failure(400, "BadRequest", "only watches and followed logs are streams")) : answer);
      socket.once("close", () => stream.close());
      return accept((webSocket) => serveWatchSocket(webSocket, socket, stream));
    }
    const target = this.target(head, remote);
    if (isStatus(target)) return refuse(socket, statusResponse(target));
    if (remote.action === "portforward") {
      if (offered.includes(PORT_FORWARD_TUNNEL)) {
        delete incoming.headers["sec-websocket-protocol"];
        this.tunnels.add(incoming);
        return accept((webSocket) => this.portForward(webSocketTransport(webSocket, socket), target));
      }
      if (!offered.some((name) => CHANNEL_PROTOCOLS.get(name)?.status)) return refuse(socket, unsupported(offered, [PORT_FORWARD_TUNNEL, "v4.channel.k8s.io"]));
      return accept((webSocket) => servePortForwardChannels(this.host, webSocket, socket, target, head.search));
    }
    const options = parseRemoteOptions(head.search);
    if (!options.ok) return refuse(socket, statusResponse(options.error));
    const missing = notImplementedYet(this.host, target, options.value);
    if (missing !== undefined) return refuse(socket, statusResponse(missing));
    if (offered.length > 0 && !offered.some((name) => CHANNEL_PROTOCOLS.has(name))) return refuse(socket, unsupported(offered, [...CHANNEL_PROTOCOLS.keys()]));
    accept((webSocket) => serveCommand(this.host, webSocket, socket, target, options.value));
  }

  private spdy(incoming: IncomingMessage, socket: Socket, firstBytes: Buffer, head: Head, remote: RemotePath): void {
    const target = this.target(head, remote);
    if (isStatus(target)) return refuse(socket, statusResponse(target));
    const wanted = remote.action === "portforward" ? PORT_FORWARD_PROTOCOL : SPDY_COMMAND_PROTOCOL;
    const offered = protocolsOf(incoming.headers["x-stream-protocol-version"]);
    if (!offered.includes(wanted)) {
      // Source: staging/src/k8s.io/apimachinery/pkg/util/httpstream/httpstream.go, Handshake.
      return refuse(socket, statusResponse(failure(403, "Forbidden", `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(" ")}], server accepts [${wanted}]`)));
    }
    if (remote.action === "portforward") {
      switchToSpdy(socket, wanted);
      return this.portForward(socketTransport(socket, firstBytes), target);
    }
    const options = parseRemoteOptions(head.search);
    if (!options.ok) return refuse(socket, statusResponse(options.error));
    const missing = notImplementedYet(this.host, target, options.value);
    if (missing !== undefined) return refuse(socket, statusResponse(missing));
    const refused = refusalOf(target);
    // The kubelet's own answer, passed on: plain text.
    if (refused !== undefined) return refuse(socket, { status: 500, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${refused}\n` });
    switchToSpdy(socket, wanted);
    const late = setTimeout(() => connection.close(), STREAM_CREATION_MS);
    // What was written has to reach the client before the connection ends; the client hangs up first.
    const command = new SpdyCommand(this.host, target, options.value, () => setTimeout(() => connection.close(), STREAM_CREATION_MS).unref());
    const connection = new SpdyConnection(
      socketTransport(socket, firstBytes),
      (stream) => {
        command.add(stream);
        if (command.started) clearTimeout(late);
      },
      () => {
        clearTimeout(late);
        command.hangUp();
      },
    );
  }

  private portForward(transport: ByteTransport, target: RemoteTarget): void {
    const forward = new SpdyPortForward(this.host, target);
    // oxlint-disable-next-line no-new -- it lives through its transport's listeners
    new SpdyConnection(transport, (stream) => forward.add(stream), () => forward.hangUp());
  }

  private target(head: Head, remote: RemotePath): RemoteTarget | Status {
    const resolved = resolveTarget((request) => this.host.request(request), head, remote);
    return resolved.ok ? resolved.value : resolved.error;
  }
}

function isKnownProtocol(name: string): boolean {
  return CHANNEL_PROTOCOLS.has(name) || STREAM_PROTOCOLS.has(name);
}

function protocolsOf(header: string | string[] | undefined): string[] {
  return [header ?? []].flat().flatMap((value) => value.split(",")).map((name) => name.trim()).filter((name) => name !== "");
}

/** Source: staging/src/k8s.io/apimachinery/pkg/util/httpstream/wsstream/conn.go, handshake. */
function unsupported(offered: readonly string[], known: readonly string[]): ApiResponse {
  return statusResponse(failure(400, "BadRequest", `requested protocol(s) are not supported: [${offered.join(" ")}]; supports [${known.join(" ")}]`));
}

function switchToSpdy(socket: Socket, protocol: string): void {
  socket.setNoDelay(true);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`);
}

/** Answers without upgrading, and ends the connection: what follows on it may be meant for the other protocol. */
function refuse(socket: Socket, response: ApiResponse): void {
  const body = typeof response.body === "string" ? response.body : `${JSON.stringify(response.body)}\n`;
  const headers = { "content-type": "application/json", ...response.headers, "content-length": String(Buffer.byteLength(body)), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, " ")}\r\n`);
  socket.end(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}\r\n${lines.join("")}\r\n${body}`);
}
