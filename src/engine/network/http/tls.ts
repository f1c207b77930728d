import { err, ok, type Result } from "../../kernel/result.ts";
import type { SocketError, TcpConnection } from "../contracts.ts";

/**
 * TLS as far as it shows on the wire: one round trip of handshake, and an error when only one side speaks it.
 * Differs: certificates are not checked and what follows the handshake is not encrypted, so that a trace can be read.
 */
const CLIENT_HELLO = "\u0016\u0003\u0001ClientHello ";
const SERVER_HELLO = "\u0016\u0003\u0003ServerHello\n";

/** The client's side: shakes hands, then hands over a connection that carries the data. */
export function connectTls(connection: TcpConnection, serverName: string, done: (result: Result<TcpConnection, SocketError>) => void): void {
  const inner = new Passage(connection);
  let over = false;
  const finish = (result: Result<TcpConnection, SocketError>): void => {
    if (over) return;
    over = true;
    done(result);
  };
  connection.onData((data) => {
    if (over) return inner.push(data);
    if (data.startsWith(SERVER_HELLO)) {
      finish(ok(inner));
      if (data.length > SERVER_HELLO.length) inner.push(data.slice(SERVER_HELLO.length));
    } else {
      // Source: go/src/net/http/transport.go: the first record does not look like TLS.
      finish(err({ code: "EPIPE", message: "http: server gave HTTP response to HTTPS client" }));
      connection.close();
    }
  });
  connection.onClose((error) => {
    if (over) inner.closed(error);
    else finish(err(error ?? { code: "EPIPE", message: "EOF" }));
  });
  connection.send(`${CLIENT_HELLO}${serverName}\n`);
}

/** The server's side. Plain HTTP on a TLS port gets the answer that Go's server gives. Source: go/src/net/http/server.go, tlsRecordHeaderLooksLikeHTTP. */
export function acceptTls(connection: TcpConnection, accept: (secure: TcpConnection) => void): void {
  const inner = new Passage(connection);
  let secure = false;
  connection.onData((data) => {
    if (secure) return inner.push(data);
    if (!data.startsWith(CLIENT_HELLO)) {
      connection.send("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
      connection.close();
      return;
    }
    secure = true;
    connection.send(SERVER_HELLO);
    accept(inner);
    const rest = data.slice(data.indexOf("\n") + 1);
    if (rest !== "") inner.push(rest);
  });
  connection.onClose((error) => {
    if (secure) inner.closed(error);
    else connection.close();
  });
}

/** The connection as the layer above sees it. */
class Passage implements TcpConnection {
  private waiting: string[] = [];
  private receive: ((payload: string) => void) | undefined;
  private onEnd: ((error: SocketError | undefined) => void) | undefined;
  private ended: { readonly error: SocketError | undefined } | undefined;

  constructor(private readonly outer: TcpConnection) {}

  get trace(): TcpConnection["trace"] {
    return this.outer.trace;
  }

  get local(): TcpConnection["local"] {
    return this.outer.local;
  }

  get remote(): TcpConnection["remote"] {
    return this.outer.remote;
  }

  send(payload: string): void {
    this.outer.send(payload);
  }

  close(): void {
    this.outer.close();
  }

  onData(receive: (payload: string) => void): void {
    this.receive = receive;
    for (const data of this.waiting.splice(0)) receive(data);
  }

  onClose(closed: (error: SocketError | undefined) => void): void {
    this.onEnd = closed;
    if (this.ended !== undefined) closed(this.ended.error);
  }

  push(data: string): void {
    if (this.receive === undefined) this.waiting.push(data);
    else this.receive(data);
  }

  closed(error: SocketError | undefined): void {
    this.ended = { error };
    this.onEnd?.(error);
  }
}
