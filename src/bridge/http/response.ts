import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { ApiResponse, ResponseStream, WatchEvent } from "../../engine/apimachinery/api.ts";
import { OutflowGuard, outflowOf } from "./outflow.ts";

/** Lists of more elements are written in pieces: one text of all would be too long for a string at 150,000 pods. */
const PIECE_LENGTH = 500;

/** Writes an answer that is complete. Resolves when everything is handed over, or the client has gone. */
export async function writeResponse(outgoing: ServerResponse, response: ApiResponse, request: { readonly method: string; readonly ifNoneMatch: string | undefined }): Promise<void> {
  const headers = safeHeaders(response.headers);
  const etag = headers["etag"];
  if (response.status === 200 && etag !== undefined && matches(etag, request.ifNoneMatch)) {
    delete headers["content-type"];
    outgoing.writeHead(304, headers).end();
    return;
  }
  const body = response.body;
  headers["content-type"] ??= typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  const noBody = response.status === 204 || response.status === 304 || body === undefined;
  const parts = noBody ? [] : bodyParts(body);
  const [only = ""] = parts;
  if (parts.length <= 1 && typeof only !== "function") {
    // Bytes, not text: Node would encode headers and text together, as UTF-8.
    const bytes = typeof only === "string" ? Buffer.from(only) : only;
    if (!noBody || response.status === 200) headers["content-length"] = String(bytes.length);
    outgoing.writeHead(response.status, headers).end(request.method === "HEAD" ? undefined : bytes);
    return;
  }
  outgoing.writeHead(response.status, headers);
  if (request.method !== "HEAD") {
    for (const part of parts) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(typeof part === "function" ? part() : part)) await Promise.race([once(outgoing, "drain"), once(outgoing, "close")]).catch(() => {});
    }
  }
  outgoing.end();
}

/** Bytes, text, or what makes the text when its turn comes. */
type Part = string | Uint8Array | (() => string);

function bodyParts(body: unknown): readonly Part[] {
  if (typeof body === "string" || body instanceof Uint8Array) return [body];
  const list = longListOf(body);
  if (list === undefined) return [`${JSON.stringify(body)}\n`];
  // The list's own key takes its place among the others, as JSON.stringify would have it.
  const { key, elements, object } = list;
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const at = entries.findIndex(([name]) => name === key);
  const text = (some: readonly [string, unknown][]): string[] => some.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const parts: Part[] = [`{${[...text(entries.slice(0, at)), `${JSON.stringify(key)}:[`].join(",")}`];
  for (let from = 0; from < elements.length; from += PIECE_LENGTH) {
    parts.push(() => (from === 0 ? "" : ",") + JSON.stringify(elements.slice(from, from + PIECE_LENGTH)).slice(1, -1));
  }
  parts.push(`${["]", ...text(entries.slice(at + 1))].join(",")}}\n`);
  return parts;
}

function longListOf(body: unknown): { key: string; elements: readonly unknown[]; object: object } | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  for (const key of ["items", "rows"]) {
    const elements: unknown = (body as Record<string, unknown>)[key];
    if (Array.isArray(elements) && elements.length > PIECE_LENGTH) return { key, elements, object: body };
  }
  return undefined;
}

/** Writes a watch (a JSON object per line) or a followed log (text as it is) until either side ends it. */
export function writeStream(outgoing: ServerResponse, response: ApiResponse, stream: ResponseStream): void {
  outgoing.writeHead(response.status, { "content-type": "application/json", ...safeHeaders(response.headers) });
  outgoing.flushHeaders(); // clients wait for the headers before they count a watch as begun, and its first event may be hours away
  const socket = outgoing.socket;
  if (socket === null) return stream.close(); // the client has gone already
  socket.setNoDelay(true);
  const guard = new OutflowGuard(outflowOf(socket, () => outgoing.destroy()));
  outgoing.on("close", () => {
    guard.done();
    stream.close();
  });
  let corked = false;
  stream.listen({
    chunk: (chunk) => {
      if (outgoing.destroyed || outgoing.writableEnded) return;
      if (!corked) {
        // What one engine event causes leaves in one packet.
        corked = true;
        outgoing.cork();
        process.nextTick(() => {
          corked = false;
          outgoing.uncork();
        });
      }
      outgoing.write(chunkText(chunk));
      guard.afterWrite();
    },
    end: () => outgoing.end(),
  });
}

/** A chunk of a stream as it goes over the wire. */
export const chunkText = (chunk: WatchEvent | string): string => (typeof chunk === "string" ? chunk : `${JSON.stringify(chunk)}\n`);

/**
 * Headers that Node accepts: field values are bytes, so text beyond Latin-1 (a warning that quotes a user's label) goes out as the bytes of its UTF-8,
 * and control characters, which would end the field, as spaces.
 */
function safeHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const safe: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    safe[name.toLowerCase()] = Buffer.from(value.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, " "), "utf8").toString("latin1");
  }
  return safe;
}

function matches(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}
