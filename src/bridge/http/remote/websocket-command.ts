import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { BridgeHost } from "../host.ts";
import { OutflowGuard, outflowOf } from "../outflow.ts";
import { failureStatus, refusalOf, type RemoteInput, type RemoteOutput, type RemoteStatus, startRemote } from "./command.ts";
import type { RemoteOptions, RemoteTarget } from "./target.ts";

/** Channel numbers. Source: staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go. */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5 only: the next byte names the channel that ends. */
const CLOSE = 255;

interface ChannelProtocol {
  /** Text messages with the channel as a digit and the rest in base64, for browsers. */
  readonly base64: boolean;
  /** The error channel carries a Status; before v4 it carried plain text, and only for failures. */
  readonly status: boolean;
  /** The client can end its standard input alone. */
  readonly close: boolean;
}

/** By what Sec-WebSocket-Protocol says, best first. Source: the same file and kubelet's remotecommand/websocket.go, createWebSocketStreams. */
export const CHANNEL_PROTOCOLS: ReadonlyMap<string, ChannelProtocol> = new Map([
  ["v5.channel.k8s.io", { base64: false, status: true, close: true }],
  ["v4.channel.k8s.io", { base64: false, status: true, close: false }],
  ["v4.base64.channel.k8s.io", { base64: true, status: true, close: false }],
  ["channel.k8s.io", { base64: false, status: false, close: false }],
  ["base64.channel.k8s.io", { base64: true, status: false, close: false }],
]);

/** Runs a command over an open WebSocket and closes it when the command has ended. */
export function serveCommand(host: BridgeHost, socket: WebSocket, connection: Socket, target: RemoteTarget, options: RemoteOptions): void {
  const protocol = CHANNEL_PROTOCOLS.get(socket.protocol) ?? { base64: false, status: false, close: false };
  const guard = new OutflowGuard(outflowOf(connection, () => socket.terminate()));
  const send = (channel: number, data: Uint8Array): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (protocol.base64) socket.send(`${channel}${Buffer.from(data).toString("base64")}`);
    else socket.send(Buffer.concat([Uint8Array.of(channel), data]), { binary: true });
    guard.afterWrite();
  };
  const output: RemoteOutput = {
    stdout: (text) => send(STDOUT, Buffer.from(text)),
    stderr: (text) => send(STDERR, Buffer.from(text)),
    end: (status) => {
      sendStatus(send, protocol, status);
      socket.close(1000); // kubectl waits for the close, not for the status
    },
  };
  const refused = refusalOf(target);
  if (refused !== undefined) {
    // The API server has upgraded its client's connection by the time that the kubelet refuses. Source: apimachinery/pkg/util/proxy/streamtranslator.go.
    output.end(failureStatus(`unable to upgrade connection: ${refused}`));
    return;
  }
  // The API server, translating to SPDY towards the kubelet, wraps what the kubelet's status says once more.
  const translate = (status: RemoteStatus): RemoteStatus =>
    status.reason === "InternalError" && !/unable to upgrade connection/.test(status.message ?? "") ? failureStatus(status.message ?? "") : status;
  const translated: RemoteOutput = { ...output, end: (status) => output.end(translate(status)) };
  const input = startRemote(host, target, options, translated);
  socket.on("message", (data, isBinary) => receive(input, protocol, toBuffer(data), isBinary));
  socket.on("close", () => {
    guard.done();
    input.hangUp();
  });
  socket.on("error", () => socket.terminate());
}

function sendStatus(send: (channel: number, data: Uint8Array) => void, protocol: ChannelProtocol, status: RemoteStatus): void {
  if (protocol.status) send(ERROR, Buffer.from(JSON.stringify(status)));
  else if (status.status === "Failure") send(ERROR, Buffer.from(status.message ?? ""));
}

function receive(input: RemoteInput, protocol: ChannelProtocol, message: Buffer, isBinary: boolean): void {
  const isText = protocol.base64 && !isBinary;
  const channel = isText ? (message[0] ?? 0x30) - 0x30 : message[0];
  const data = isText ? Buffer.from(message.subarray(1).toString("latin1"), "base64") : message.subarray(1);
  if (channel === STDIN) input.stdin(data);
  else if (channel === CLOSE && protocol.close && data[0] === STDIN) input.stdinEnd();
  else if (channel === RESIZE) return; // Differs: the simulated terminals have no size
}

/** What `ws` hands to a message listener, as one buffer. */
export function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
