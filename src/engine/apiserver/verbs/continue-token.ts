import { decodeBase64Url, encodeBase64Url } from "../../apimachinery/base64.ts";
import { isJsonObject } from "../../apimachinery/deep.ts";
import { parseGoJson } from "../../apimachinery/go-json.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

const VERSION = "meta.k8s.io/v1";

/** Where a list goes on: the first key wanted, relative to the list's prefix, and the revision shown; -1 for the latest. */
export interface ContinueToken {
  readonly revision: number;
  readonly start: string;
}

/** Source: apiserver/pkg/storage/continue.go, EncodeContinue. */
export const encodeContinue = ({ revision, start }: ContinueToken): string => encodeBase64Url(JSON.stringify({ v: VERSION, rv: revision, start }));

/** Source: apiserver/pkg/storage/continue.go, DecodeContinue. The error is upstream's text. */
export function decodeContinue(token: string): Result<ContinueToken, string> {
  const decoded = decodeBase64Url(token);
  if ("illegalAt" in decoded) return err(`continue key is not valid: illegal base64 data at input byte ${decoded.illegalAt}`);
  const parsed = parseGoJson(decoded.bytes);
  if (!parsed.ok) return err(`continue key is not valid: ${parsed.error}`);
  const { v, rv, start } = isJsonObject(parsed.value.value) ? parsed.value.value : {};
  if (v !== VERSION) return err(`continue key is not valid: server does not recognize this encoded version ${JSON.stringify(v ?? "")}`);
  if (rv === 0 || rv === undefined) return err(`continue key is not valid: incorrect encoded start resourceVersion (version ${VERSION})`);
  if (typeof rv !== "number" || typeof start !== "string" || start === "") return err(`continue key is not valid: encoded start key empty (version ${VERSION})`);
  const path = start.split("/");
  if (path.includes("..") || path.includes(".")) return err(`continue key is not valid: ${start}`);
  return ok({ revision: rv, start });
}
