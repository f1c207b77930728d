import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { OutflowGuard, outflowOf } from "../outflow.ts";
import { toBuffer } from "../remote/websocket-command.ts";
import type { ByteTransport } from "./connection.ts";

/** A connection after its upgrade. `firstBytes` came together with the request. */
export function socketTransport(socket: Socket, firstBytes: Buffer): ByteTransport {
  const guard = new OutflowGuard(outflowOf(socket, () => socket.destroy()));
  return {
    write: (bytes) => {
      if (!socket.writable) return;
      socket.write(bytes);
      guard.afterWrite();
    },
    end: () => socket.end(),
    onData: (receive) => {
      if (firstBytes.length > 0) receive(firstBytes);
      socket.on("data", receive);
    },
    onClose: (closed) => {
      socket.on("end", () => socket.end());
      socket.on("close", () => {
        guard.done();
        closed();
      });
    },
  };
}

/** The byte stream inside of a WebSocket: where one message ends and the next begins means nothing. */
export function webSocketTransport(webSocket: WebSocket, connection: Socket): ByteTransport {
  const guard = new OutflowGuard(outflowOf(connection, () => webSocket.terminate()));
  webSocket.on("error", () => webSocket.terminate());
  return {
    write: (bytes) => {
      if (webSocket.readyState !== webSocket.OPEN) return;
      webSocket.send(bytes, { binary: true });
      guard.afterWrite();
    },
    end: () => webSocket.close(1000),
    onData: (receive) => webSocket.on("message", (data) => receive(toBuffer(data))),
    onClose: (closed) =>
      webSocket.on("close", () => {
        guard.done();
        closed();
      }),
  };
}
