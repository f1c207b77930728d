import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { ResponseStream } from "../../../engine/apimachinery/api.ts";
import { OutflowGuard, outflowOf } from "../outflow.ts";

/** Source: staging/src/k8s.io/apimachinery/pkg/util/httpstream/wsstream/stream.go, NewDefaultReaderProtocols. */
export const STREAM_PROTOCOLS: ReadonlySet<string> = new Set(["binary.k8s.io", "base64.binary.k8s.io"]);

/**
 * A watch or a followed log as WebSocket messages, as dashboards in browsers ask for it: an event is one text message.
 * Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/watch.go, HandleWS.
 */
export function serveWatchSocket(webSocket: WebSocket, connection: Socket, stream: ResponseStream): void {
  const guard = new OutflowGuard(outflowOf(connection, () => webSocket.terminate()));
  webSocket.on("close", () => {
    guard.done();
    stream.close();
  });
  webSocket.on("error", () => webSocket.terminate());
  stream.listen({
    chunk: (chunk) => {
      if (webSocket.readyState !== webSocket.OPEN) return;
      const text = typeof chunk === "string" ? chunk : JSON.stringify(chunk);
      if (webSocket.protocol === "base64.binary.k8s.io") webSocket.send(Buffer.from(text).toString("base64"));
      else webSocket.send(typeof chunk === "string" ? Buffer.from(text) : text);
      guard.afterWrite();
    },
    end: () => webSocket.close(1000),
  });
}
