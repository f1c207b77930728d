import type { Status } from "../../engine/apimachinery/api.ts";
import type { ApiTransport } from "../protocol/transport.ts";
import { KubeClient, KubectlError, StatusError } from "./client.ts";
import type { CommandContext } from "./command.ts";
import { apply, applyObject } from "./commands/apply.ts";
import { parseFlags } from "./flags.ts";
import type { KubectlIo } from "./io.ts";
import type { ManifestDocument, Position } from "./manifest.ts";
import { readManifests } from "./manifest-files.ts";
import { statusText } from "./print-error.ts";
import { discover, qualifiedName } from "./resources.ts";

/** One thing to underline: what is wrong, and where it stands in the text. */
export interface Underline extends Position {
  readonly message: string;
}

/** What became of one document. */
export interface ApplyOutcome {
  /** "pod/my-nginx-pod"; "" when the document could not be read that far. */
  readonly subject: string;
  readonly result: "created" | "configured" | "unchanged" | "error";
  /** For errors: exactly what kubectl would print. */
  readonly message: string;
  /** For errors: at least one place. */
  readonly underlines: readonly Underline[];
  readonly warnings: readonly string[];
}

/** `kubectl apply -f` for a text: each document by itself, errors with their places. Rejects only when the server cannot be reached. */
export async function applyText(transport: ApiTransport, text: string, fileName: string, namespace = "default"): Promise<readonly ApplyOutcome[]> {
  let warnings: string[] = [];
  const io: KubectlIo = {
    transport, namespace,
    now: () => 0,
    stdout: () => {},
    stderr: (line) => void warnings.push(line.replace(/^Warning: /, "").trimEnd()),
    readFile: async (path) => (path === fileName ? text : undefined),
    signal: new AbortController().signal,
  };
  const client = new KubeClient(transport, (warning) => void warnings.push(warning));
  const resources = discover(client);
  const context: CommandContext = { io, client, flags: parseFlags([`--filename=${fileName}`], apply.flags), namespace, resources: () => resources };
  const { objects, failures } = await readManifests(context);
  const outcomes: { at: number; outcome: ApplyOutcome }[] = failures.map(({ message, position }) => ({ at: position.line, outcome: { subject: "", result: "error", message, underlines: [{ ...position, message }], warnings: [] } }));
  for (const item of objects) {
    const subject = `${qualifiedName(item.resource)}/${item.object.metadata.name}`;
    warnings = [];
    try {
      const { verb } = await applyObject(context, item);
      outcomes.push({ at: item.document.line, outcome: { subject, result: verb, message: "", underlines: [], warnings } });
    } catch (error) {
      outcomes.push({ at: item.document.line, outcome: { subject, result: "error", ...failureOf(error, item.document), warnings } });
    }
  }
  return outcomes.toSorted((a, b) => a.at - b.at).map(({ outcome }) => outcome);
}

function failureOf(error: unknown, document: ManifestDocument): Pick<ApplyOutcome, "message" | "underlines"> {
  if (error instanceof KubectlError) return { message: `error: ${error.message}`, underlines: [{ ...document.positionOf("metadata.name"), message: error.message }] };
  if (!(error instanceof StatusError)) throw error;
  const fields = fieldsOf(error.status);
  const underlines = fields.map(({ field, message }) => ({ ...document.positionOf(field), message }));
  return { message: statusText(error.status), underlines };
}

/** The fields that a Status is about: its causes, or what a decoding error names. */
function fieldsOf(status: Status): { field: string; message: string }[] {
  const causes = (status.details?.causes ?? []).filter((cause) => (cause.field ?? "") !== "");
  if (causes.length > 0) return causes.map((cause) => ({ field: cause.field ?? "", message: `${cause.field}: ${cause.message ?? ""}` }));
  const message = status.message ?? "";
  const unknown = [...message.matchAll(/(?:unknown|duplicate) field "([^"]+)"/g)].map((match) => ({ field: match[1] ?? "", message: match[0] }));
  if (unknown.length > 0) return unknown;
  const mistyped = /Go struct field \w+\.([^\s]+) of type/.exec(message)?.[1];
  if (mistyped !== undefined) return [{ field: mistyped, message: message.slice(message.indexOf("json:")) }];
  if (status.reason === "AlreadyExists" || status.reason === "Conflict") return [{ field: "metadata.name", message }];
  if (status.details?.kind === "namespaces") return [{ field: "metadata.namespace", message }];
  return [{ field: "kind", message }];
}
