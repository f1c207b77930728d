import type { TcpConnection } from "../contracts.ts";
import { formatResponse, type ReceivedRequest, RequestReader } from "./message.ts";

export interface ServerResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Hands in the answer to one request, now or later. Calls after the first do nothing. */
export type Respond = (response: ServerResponse) => void;

/**
 * Serves HTTP/1.1 on an accepted connection: requests one after the other, keep-alive unless either side says close.
 * Malformed requests get 400 and the connection is closed.
 */
export function serveHttp(connection: TcpConnection, handle: (request: ReceivedRequest, respond: Respond, connection: TcpConnection) => void): void {
  const reader = new RequestReader();
  let busy = false;
  const answer = (response: ServerResponse, isHead: boolean, close: boolean): void => {
    const text = formatResponse(response.status, { ...response.headers, ...(close ? { Connection: "close" } : {}) }, response.body ?? "");
    connection.send(isHead ? text.slice(0, text.indexOf("\r\n\r\n") + 4) : text);
    if (close) connection.close();
  };
  const work = (): void => {
    while (!busy) {
      const parsed = reader.next();
      if (parsed.type === "more") return;
      if (parsed.type === "bad") {
        answer({ status: 400, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "400 Bad Request" }, false, true);
        return;
      }
      busy = true;
      const { message } = parsed;
      let answered = false;
      handle(message, (response) => {
        if (answered) return;
        answered = true;
        busy = false;
        answer(response, message.method === "HEAD", message.headers["connection"]?.toLowerCase() === "close");
        work();
      }, connection);
    }
  };
  connection.onData((text) => {
    reader.push(text);
    work();
  });
  connection.onClose(() => connection.close());
}
