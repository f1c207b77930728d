import type { Status } from "../../engine/apimachinery/api.ts";
import { FlagError } from "./flags.ts";
import { KubectlError, StatusError, UsageError } from "./client.ts";

/** What kubectl prints for a failure, newline included. Source: staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go, checkErr and StandardErrorMessage. */
export function errorText(error: unknown, command: string): string {
  if (error instanceof StatusError) return `${statusText(error.status)}\n`;
  if (error instanceof UsageError) return `${error.message}\n`;
  if (error instanceof FlagError) return `error: ${error.message}\nSee '${command} --help' for usage.\n`;
  if (error instanceof KubectlError) return error.message.startsWith("Error") || error.message.startsWith("The ") ? `${error.message}\n` : `error: ${error.message}\n`;
  return `error: ${error instanceof Error ? error.message : String(error)}\n`;
}

/** `doing`: "error when creating \"f.yaml\": " in front of the server's message. */
export function statusText(status: Status, doing = ""): string {
  const message = `${doing}${status.message ?? ""}`;
  if (status.code === 401) return "error: You must be logged in to the server (Unauthorized)";
  const causes = status.details?.causes ?? [];
  if (status.reason === "Invalid" && status.details?.kind !== undefined && causes.length > 0) {
    const lines = causes.map((cause) => (cause.field === undefined || cause.field === "" ? (cause.message ?? "") : `${cause.field}: ${cause.message ?? ""}`));
    const head = `The ${status.details.kind} "${status.details.name ?? ""}" is invalid: `;
    return lines.length === 1 ? `${head}${lines[0]}` : `${head}\n${lines.map((line) => `* ${line}`).join("\n")}`;
  }
  if (status.reason === "Invalid" && causes.length === 0 && status.details?.kind === undefined) return `The request is invalid: ${status.message ?? ""}`;
  return status.reason === undefined ? `Error from server: ${message}` : `Error from server (${status.reason}): ${message}`;
}
