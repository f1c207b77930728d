import { StringDecoder } from "node:string_decoder";
import type { SocketError, TcpConnection } from "../../../engine/network/contracts.ts";
import type { Result } from "../../../engine/kernel/result.ts";
import type { BridgeHost } from "../host.ts";
import type { SpdyStream } from "../spdy/connection.ts";
import type { RemoteTarget } from "./target.ts";

/** Source: staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/constants.go. */
export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";
/** What kubectl ≥ 1.31 asks for as a WebSocket: its messages are the bytes of a SPDY connection. */
export const PORT_FORWARD_TUNNEL = "SPDY/3.1+portforward.k8s.io";

const CONNECT_TIMEOUT_US = 30_000_000;
/** Simulated connections cannot be half closed: after the client's end they stay this many wall-clock ms without data, for an answer under way. */
const LINGER_MS = 1_000;

/** One forwarded connection's side of the client. */
export interface ForwardedClient {
  data(bytes: Buffer): void;
  /** The pod's side has closed; `error` is empty when all went well. */
  end(error: string): void;
}

/** What comes from the client. */
export interface ForwardedConnection {
  data(bytes: Buffer): void;
  dataEnd(): void;
}

/**
 * Opens a connection into the pod and pumps both ways.
 * Differs: it goes from the node to the pod's address instead of from inside the pod's network namespace to localhost, so a server that listens on the pod's
 * loopback only is not reached; and it carries text, as all simulated connections do.
 */
export function forwardConnection(host: BridgeHost, target: RemoteTarget, port: number, client: ForwardedClient): ForwardedConnection {
  const decoder = new StringDecoder("utf8");
  const before: string[] = [];
  let connection: TcpConnection | undefined;
  let ended = false;
  let linger: NodeJS.Timeout | undefined;
  const end = (error: string): void => {
    if (ended) return;
    ended = true;
    clearTimeout(linger);
    client.end(error);
  };
  const podIp = target.object.status?.podIP;
  const connected = (result: Result<TcpConnection, SocketError>): void => {
    if (!result.ok) return end(forwardError(target, port, result.error.message));
    if (ended) return result.value.close();
    connection = result.value;
    connection.onData((text) => {
      linger?.refresh();
      if (!ended) client.data(Buffer.from(text));
    });
    connection.onClose((error) => end(error === undefined ? "" : forwardError(target, port, error.message)));
    for (const text of before.splice(0)) connection.send(text);
  };
  if (podIp === undefined || podIp === "") queueMicrotask(() => end(forwardError(target, port, "the pod has no address")));
  else host.input(() => host.cluster.node(target.object.spec.nodeName ?? "").host.connectTcp({ ip: podIp, port }, { timeoutUs: CONNECT_TIMEOUT_US }, connected));
  return {
    data: (bytes) => {
      const text = decoder.write(bytes);
      if (text === "" || ended) return;
      if (connection === undefined) before.push(text);
      else host.input(() => connection?.send(text));
    },
    dataEnd: () => {
      if (ended || linger !== undefined) return;
      linger = setTimeout(() => {
        end("");
        host.input(() => connection?.close());
      }, LINGER_MS);
    },
  };
}

/** Source: containerd's internal/cri/server/sandbox_portforward_linux.go, and the kubelet's httpstream.go around it. */
function forwardError(target: RemoteTarget, port: number, reason: string): string {
  const uid = target.object.metadata.uid ?? "";
  return `error forwarding port ${port} to pod ${target.pod}, uid ${uid}: failed to execute portforward in network namespace: failed to connect to localhost:${port} inside namespace "${target.pod}": ${reason}`;
}

/** Pairs the streams that the client opens, an error and a data stream per connection, and forwards each pair. */
export class SpdyPortForward {
  private readonly pairs = new Map<string, { error?: SpdyStream; data?: SpdyStream }>();
  private readonly connections = new Set<ForwardedConnection>();

  constructor(
    private readonly host: BridgeHost,
    private readonly target: RemoteTarget,
  ) {}

  add(stream: SpdyStream): void {
    const type = stream.headers.get("streamtype");
    const requestId = stream.headers.get("requestid") ?? "";
    const pair = this.pairs.get(requestId) ?? {};
    this.pairs.set(requestId, pair);
    if (type === "error") pair.error = stream;
    else if (type === "data") pair.data = stream;
    if (pair.error === undefined || pair.data === undefined) return;
    this.pairs.delete(requestId);
    this.forward(pair.data, pair.error);
  }

  /** The client has gone: its connections end, too. */
  hangUp(): void {
    for (const connection of this.connections) connection.dataEnd();
  }

  private forward(data: SpdyStream, error: SpdyStream): void {
    const port = Number(data.headers.get("port"));
    let connection: ForwardedConnection | undefined;
    const finish = (message: string): void => {
      if (connection !== undefined) this.connections.delete(connection);
      if (message !== "") error.write(Buffer.from(message));
      data.end();
      error.end();
    };
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return finish(`unable to parse port ${JSON.stringify(data.headers.get("port") ?? "")}`);
    const forwarded = forwardConnection(this.host, this.target, port, { data: (bytes) => data.write(bytes), end: finish });
    connection = forwarded;
    this.connections.add(forwarded);
    data.onData((bytes) => forwarded.data(bytes));
    data.onEnd(() => forwarded.dataEnd());
  }
}
