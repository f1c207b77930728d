import type { ApiResponse, Status } from "../../apimachinery/api.ts";

const NO_CACHE = "no-cache, private";

export const jsonAnswer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ApiResponse =>
  ({ status, headers: { "content-type": "application/json", "cache-control": NO_CACHE, ...headers }, body });

export const textAnswer = (status: number, body: string): ApiResponse =>
  ({ status, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": NO_CACHE, "x-content-type-options": "nosniff" }, body });

export function statusAnswer(status: Status): ApiResponse {
  const seconds = status.details?.retryAfterSeconds;
  return jsonAnswer(status.code ?? (status.status === "Success" ? 200 : 500), status, seconds === undefined ? {} : { "retry-after": String(seconds) });
}

/** What Go's server says of a path that leads nowhere. */
export const pageNotFound = (): ApiResponse => textAnswer(404, "404 page not found\n");

/** Several warnings share one header. Source: apimachinery/pkg/util/net/http.go, NewWarningHeader. */
export function warningHeaders(warnings: readonly string[]): Readonly<Record<string, string>> {
  if (warnings.length === 0) return {};
  const quoted = [...new Set(warnings)].map((text) => `299 - "${text.replace(/[\n\r]/g, " ").replace(/[\\"]/g, (c) => `\\${c}`)}"`);
  return { warning: quoted.join(", ") };
}
