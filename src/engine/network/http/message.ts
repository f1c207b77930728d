import type { HttpResponse } from "../contracts.ts";

const MAX_HEAD_BYTES = 65_536;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** A request as it arrives at a server. */
export interface ReceivedRequest {
  readonly method: string;
  /** As sent: "/path?query". */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reason phrases of the status codes in use. Source: RFC 9110 §15. */
const REASONS: Readonly<Record<number, string>> = {
  100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
  400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 413: "Content Too Large", 429: "Too Many Requests",
  500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
};

export const reasonPhrase = (status: number): string => REASONS[status] ?? "";

/** Length in UTF-8: what Content-Length counts. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}

/** The text of a request. Content-Length is added when there is a body, Host when it is missing. */
export function formatRequest(method: string, target: string, host: string, headers: Readonly<Record<string, string>>, body: string): string {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const lines = [`${method} ${target} HTTP/1.1`];
  if (!names.has("host")) lines.push(`Host: ${host}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== "" && !names.has("content-length")) lines.push(`Content-Length: ${utf8Length(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** The text of a response, with Content-Length unless given. */
export function formatResponse(status: number, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = [`HTTP/1.1 ${status} ${reasonPhrase(status)}`.trimEnd()];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (!Object.keys(headers).some((name) => name.toLowerCase() === "content-length")) lines.push(`Content-Length: ${utf8Length(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

interface Head {
  readonly start: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Parsed<T> = { readonly type: "more" } | { readonly type: "bad"; readonly reason: string } | { readonly type: "message"; readonly message: T };

const MORE = { type: "more" } as const;

/** Collects the text of one connection and hands out whole messages. Source: RFC 9112. Differs: no chunked bodies; the servers here send lengths. */
class MessageReader {
  protected buffer = "";

  protected head(): Parsed<Head> & { readonly end?: number } {
    const end = this.buffer.indexOf("\r\n\r\n");
    if (end < 0) return this.buffer.length > MAX_HEAD_BYTES ? { type: "bad", reason: "header too long" } : MORE;
    const [start = "", ...lines] = this.buffer.slice(0, end).split("\r\n");
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      if (colon <= 0 || /\s/.test(line.slice(0, colon))) return { type: "bad", reason: `malformed header line ${JSON.stringify(line.slice(0, 80))}` };
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { type: "message", message: { start, headers }, end: end + 4 };
  }

  /** Takes `length` bytes of body after the head; undefined when they are not there yet. */
  protected takeBody(from: number, length: number): string | undefined {
    let at = from;
    let bytes = 0;
    while (bytes < length && at < this.buffer.length) bytes += utf8Length(this.buffer[at++] ?? "");
    if (bytes < length) return undefined;
    const body = this.buffer.slice(from, at);
    this.buffer = this.buffer.slice(at);
    return body;
  }
}

function contentLength(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers["content-length"];
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) && Number(text) <= MAX_BODY_BYTES ? Number(text) : Number.NaN;
}

/** A server's end. */
export class RequestReader extends MessageReader {
  push(text: string): void {
    this.buffer += text;
  }

  next(): Parsed<ReceivedRequest> {
    if (this.buffer !== "" && !/^[A-Z]/.test(this.buffer)) return { type: "bad", reason: "not an HTTP request" }; // TLS, for example
    const head = this.head();
    if (head.type !== "message") return head;
    const line = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(head.message.start);
    if (line === null) return { type: "bad", reason: "malformed request line" };
    const length = contentLength(head.message.headers) ?? 0;
    if (Number.isNaN(length)) return { type: "bad", reason: "bad Content-Length" };
    const body = this.takeBody(head.end ?? 0, length);
    if (body === undefined) return MORE;
    return { type: "message", message: { method: line[1] ?? "", target: line[2] ?? "", headers: head.message.headers, body } };
  }
}

/** A client's end. A response without a length goes on until the connection is closed. */
export class ResponseReader extends MessageReader {
  private closed = false;

  constructor(private readonly isHead: boolean) {
    super();
  }

  push(text: string): void {
    this.buffer += text;
  }

  close(): void {
    this.closed = true;
  }

  next(): Parsed<HttpResponse> {
    const head = this.head();
    if (head.type !== "message") return head.type === "more" && this.closed ? { type: "bad", reason: "unexpected end of the response" } : head;
    const line = /^HTTP\/1\.[01] (\d{3})( .*)?$/.exec(head.message.start);
    if (line === null) return { type: "bad", reason: "malformed status line" };
    const status = Number(line[1]);
    const { headers } = head.message;
    const from = head.end ?? 0;
    const length = this.isHead || status === 204 || status === 304 ? 0 : contentLength(headers);
    if (length === undefined) return this.closed ? { type: "message", message: { status, headers, body: this.buffer.slice(from) } } : MORE;
    if (Number.isNaN(length)) return { type: "bad", reason: "bad Content-Length" };
    const body = this.takeBody(from, length);
    if (body === undefined) return this.closed ? { type: "bad", reason: "unexpected end of the body" } : MORE;
    return { type: "message", message: { status, headers, body } };
  }
}
