import type { Status } from "../../apimachinery/api.ts";
import { notAcceptable } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

export const MEDIA_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"] as const;

/** The shape and the encoding that an answer is wanted in. */
export interface Wanted {
  readonly as: "object" | "table" | "partial";
  /** Of Table and PartialObjectMetadata: "v1" or "v1beta1". */
  readonly version: string;
  readonly yaml: boolean;
}

const PLAIN: Wanted = { as: "object", version: "v1", yaml: false };
const known = new Map<string, Result<Wanted, Status>>();
const CACHE_LIMIT = 256; // Accept headers; clients send a handful

/**
 * Reads an Accept header: the first clause that can be served wins; what is not asked for is JSON.
 * Source: apiserver/pkg/endpoints/handlers/negotiation/negotiate.go. Differs: quality values are not looked at; protobuf is never the answer.
 */
export function negotiate(accept: string): Result<Wanted, Status> {
  if (accept === "" || accept === "application/json") return ok(PLAIN);
  let result = known.get(accept);
  if (result === undefined) {
    if (known.size >= CACHE_LIMIT) known.clear();
    known.set(accept, (result = read(accept)));
  }
  return result;
}

function read(accept: string): Result<Wanted, Status> {
  for (const clause of accept.split(",")) {
    const [media = "", ...parameters] = clause.split(";").map((p) => p.trim());
    const values = new Map(parameters.map((p) => p.split("=") as [string, string]));
    const yaml = media === "application/yaml";
    if (!yaml && media !== "application/json" && media !== "*/*" && media !== "application/*") continue;
    const as = values.get("as");
    if (as === undefined) return ok({ ...PLAIN, yaml });
    if (values.get("g") !== "meta.k8s.io") continue;
    const version = values.get("v") ?? "";
    if (version !== "v1" && version !== "v1beta1") continue;
    if (as === "Table") return ok({ as: "table", version, yaml });
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return ok({ as: "partial", version, yaml });
  }
  return err(notAcceptable(MEDIA_TYPES));
}
