import type { IncomingMessage } from "node:http";
import type { ApiRequest, Status } from "../../engine/apimachinery/api.ts";
import type { Result } from "../../engine/kernel/result.ts";
import { decodeProtobuf, PROTOBUF_MEDIA_TYPE, summary } from "./protobuf/decode.ts";
import { failure, requestEntityTooLarge } from "./status.ts";

/** Source: staging/src/k8s.io/apiserver/pkg/server/config.go, MaxRequestBodyBytes. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** A client that sends more than this, although it will be refused, is cut off instead of answered. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

const METHODS: ReadonlySet<string> = new Set<ApiRequest["method"]>(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The request line and headers as the engine knows them; the Status that refuses them otherwise. */
export function requestHead(incoming: IncomingMessage): Result<ApiRequest & { readonly search: URLSearchParams }, Status> {
  const method = incoming.method ?? "GET";
  if (!METHODS.has(method)) return { ok: false, error: failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") };
  const { path: rawPath, search } = splitTarget(incoming.url ?? "/");
  let path: string;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    return { ok: false, error: failure(400, "BadRequest", `invalid URL escape in ${JSON.stringify(rawPath)}`) };
  }
  const query: Record<string, string> = {};
  // Of a repeated parameter the first counts, as in Go's url.Values.Get.
  for (const [name, value] of search) if (!Object.hasOwn(query, name)) query[name] = value;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return { ok: true, value: { method: method as ApiRequest["method"], path, query, headers, search } };
}

/** Takes the absolute form ("GET http://host/path", which proxies send) as well. */
function splitTarget(target: string): { path: string; search: URLSearchParams } {
  const relative = target.replace(/^https?:\/\/[^/?#]*/i, "");
  const [beforeFragment = ""] = relative.split("#", 1);
  const mark = beforeFragment.indexOf("?");
  return {
    path: (mark < 0 ? beforeFragment : beforeFragment.slice(0, mark)) || "/",
    search: new URLSearchParams(mark < 0 ? "" : beforeFragment.slice(mark + 1)),
  };
}

/**
 * All bytes of the body. One that is too large is read to its end and thrown away, so that the client is there to read the 413;
 * undefined when the client went away or would not stop.
 */
export async function readBody(incoming: IncomingMessage): Promise<Result<Buffer, Status> | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MAX_DISCARDED_BYTES) return undefined;
      if (size <= MAX_BODY_BYTES) parts.push(part);
      else parts.length = 0;
    }
  } catch {
    return undefined; // reset by the client: nobody is left to answer
  }
  if (size > MAX_BODY_BYTES) return { ok: false, error: requestEntityTooLarge(MAX_BODY_BYTES) };
  return { ok: true, value: Buffer.concat(parts) };
}

/**
 * Adds the body to a request: JSON and YAML as text, for the engine to parse (it reports duplicate keys); protobuf as the JSON that it means.
 * `kindOf` names the kind that the path takes, if it is one of the API; it is asked only when the body cannot be decoded.
 */
export function withBody(request: ApiRequest, body: Buffer, kindOf: () => string | undefined): Result<ApiRequest, Status> {
  if (body.length === 0) return { ok: true, value: request };
  const contentType = request.headers?.["content-type"] ?? "";
  if (mediaType(contentType) !== PROTOBUF_MEDIA_TYPE) {
    // kubectl's PUT of a scale has no Content-Type at all: it means JSON.
    const headers = contentType === "" ? { ...request.headers, "content-type": "application/json" } : request.headers;
    return { ok: true, value: { ...request, ...(headers === undefined ? {} : { headers }), body: body.toString("utf8") } };
  }
  const decoded = decodeProtobuf(body);
  if (decoded.ok) {
    return { ok: true, value: { ...request, headers: { ...request.headers, "content-type": "application/json" }, body: decoded.value } };
  }
  const { message, apiVersion, kind } = decoded.error;
  const wanted = kindOf();
  if (wanted === undefined) return { ok: true, value: request }; // no such resource: that is the answer, whatever the body
  // Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go, transformDecodeError.
  const text = kind === ""
    ? `the object provided is unrecognized (must be of type ${wanted}): ${message} (${summary(body)})`
    : `${kind} in version "${apiVersion.slice(apiVersion.indexOf("/") + 1)}" cannot be handled as a ${wanted}: ${message}`;
  return { ok: false, error: failure(400, "BadRequest", text) };
}

/** "application/json; charset=utf-8" to "application/json". */
export const mediaType = (contentType: string): string => (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
