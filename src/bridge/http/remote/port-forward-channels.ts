import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { BridgeHost } from "../host.ts";
import { OutflowGuard, outflowOf } from "../outflow.ts";
import { forwardConnection } from "./port-forward.ts";
import type { RemoteTarget } from "./target.ts";
import { toBuffer } from "./websocket-command.ts";

/**
 * Port-forward over WebSocket channels, as client libraries ask for it (`?ports=80`): per port a data channel 2n and an error channel 2n+1, and
 * the first message on each is the port. Source: staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go.
 */
export function servePortForwardChannels(host: BridgeHost, webSocket: WebSocket, connection: Socket, target: RemoteTarget, search: URLSearchParams): void {
  const guard = new OutflowGuard(outflowOf(connection, () => webSocket.terminate()));
  const base64 = webSocket.protocol.includes("base64");
  const send = (channel: number, data: Uint8Array): void => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    if (base64) webSocket.send(`${channel}${Buffer.from(data).toString("base64")}`);
    else webSocket.send(Buffer.concat([Uint8Array.of(channel), data]), { binary: true });
    guard.afterWrite();
  };
  const ports = search.getAll("ports").flatMap((value) => value.split(",")).map(Number);
  if (ports.length === 0 || ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535)) {
    webSocket.close(1008, "query parameter \"ports\" is required");
    return;
  }
  let open = ports.length;
  const connections = ports.map((port, index) => {
    const portBytes = Uint8Array.of(port & 0xff, port >> 8);
    send(2 * index, portBytes);
    send(2 * index + 1, portBytes);
    return forwardConnection(host, target, port, {
      data: (bytes) => send(2 * index, bytes),
      end: (error) => {
        if (error !== "") send(2 * index + 1, Buffer.from(error));
        open -= 1;
        if (open === 0) webSocket.close(1000);
      },
    });
  });
  webSocket.on("message", (data) => {
    const message = toBuffer(data);
    const channel = base64 ? (message[0] ?? 0) - 0x30 : (message[0] ?? 0);
    const bytes = base64 ? Buffer.from(message.subarray(1).toString("latin1"), "base64") : message.subarray(1);
    if (channel % 2 === 0) connections[channel / 2]?.data(bytes);
  });
  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("close", () => {
    guard.done();
    for (const forwarded of connections) forwarded.dataEnd();
  });
}
