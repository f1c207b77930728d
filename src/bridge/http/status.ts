import type { ApiResponse, Status, StatusDetails, StatusReason } from "../../engine/apimachinery/api.ts";

/** Kubernetes' Status for a request that failed before, or beside, the API server's own code. */
export function failure(code: number, reason: StatusReason, message: string, details?: StatusDetails): Status {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, ...(details === undefined ? {} : { details }), code };
}

/** A Status as a whole answer. */
export function statusResponse(status: Status, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  return { status: status.code ?? 200, headers: { "content-type": "application/json", ...headers }, body: status };
}

/** Source: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go, NewRequestEntityTooLargeError. */
export const requestEntityTooLarge = (limitBytes: number): Status => failure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${limitBytes}`);

/** Source: the same file, NewInternalError. */
export const internalError = (message: string): Status =>
  failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });

/** True for a Status of any kind, also one that came from the engine as plain data. */
export function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "Status";
}
