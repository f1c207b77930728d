import type { Status } from "../../apimachinery/api.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { badRequest, expired, tooLargeResourceVersion } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { ServerCore } from "../core.ts";
import { decodeContinue, encodeContinue } from "./continue-token.ts";
import { scopeOf, type Selection, selects } from "./selection.ts";

/** The parts of ListOptions that say which page and which past. */
export interface ListWindow {
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}

export const WHOLE_LIST: ListWindow = { limit: 0, continue: "", resourceVersion: "", resourceVersionMatch: "" };

export interface Listed {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

const TOO_OLD_CONTINUE = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";
const TOO_OLD_LIST = "The resourceVersion for the provided list is too old.";

/**
 * Objects in key order, a page at a time when asked for.
 * Source: apiserver/pkg/storage/etcd3/store.go, GetList; storage/cacher/cacher.go, shouldDelegateList.
 */
export function listObjects(core: ServerCore, kind: KindDefinition, selection: Selection, window: ListWindow = WHOLE_LIST): Result<Listed, Status> {
  const prefix = selection.namespace === "" || kind.scope === "Cluster" ? "" : `${selection.namespace}/`;
  const where = whichPage(core, prefix, window);
  if (!where.ok) return where;
  const scope = scopeOf(kind, selection);
  const { start, revision, limit } = where.value;
  const page = core.store.page(kind.storagePrefix, {
    prefix, start, limit, revision,
    ...(scope.index === undefined ? {} : { index: scope.index }),
    ...(selection.all ? {} : { accept: (object: KubeObject) => selects(kind, selection, object) }),
  });
  if (!page.ok) return err(expired(window.continue === "" ? TOO_OLD_LIST : TOO_OLD_CONTINUE));
  const shown = revision ?? core.store.revision;
  const { objects, next, remaining } = page.value;
  if (next === undefined) return ok({ items: objects, resourceVersion: String(shown) });
  const token = encodeContinue({ revision: shown, start: next.slice(prefix.length) });
  return ok({ items: objects, resourceVersion: String(shown), continue: token, ...(selection.all ? { remainingItemCount: remaining } : {}) });
}

interface Where { readonly start: string; readonly revision: number | undefined; readonly limit: number }

function whichPage(core: ServerCore, prefix: string, window: ListWindow): Result<Where, Status> {
  if (window.continue !== "") {
    if (window.resourceVersion !== "" && window.resourceVersion !== "0") return err(badRequest("specifying resource version is not allowed when using continue"));
    const token = decodeContinue(window.continue);
    if (!token.ok) return err(badRequest(`invalid continue token: ${token.error}`));
    return ok({ start: prefix + token.value.start, revision: token.value.revision < 0 ? undefined : token.value.revision, limit: window.limit });
  }
  const asked = parseVersion(core, window.resourceVersion);
  if (!asked.ok) return asked;
  // resourceVersion=0 is answered from the watch cache, which knows no pages.
  const limit = window.resourceVersion === "0" ? 0 : window.limit;
  const exact = window.resourceVersionMatch === "Exact" || (window.resourceVersionMatch === "" && window.limit > 0);
  return ok({ start: prefix, revision: exact && asked.value > 0 ? asked.value : undefined, limit });
}

/** The revision of a resourceVersion parameter, 0 when there is none; one from the future is refused. */
export function parseVersion(core: ServerCore, text: string): Result<number, Status> {
  if (text === "") return ok(0);
  if (!/^\d+$/.test(text)) return err(badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`));
  const revision = Number(text);
  return revision > core.store.revision ? err(tooLargeResourceVersion(text, String(core.store.revision))) : ok(revision);
}
