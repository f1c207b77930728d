import type { Status, WatchEvent } from "../../apimachinery/api.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { expired } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { StoreChange } from "../../store/store-change.ts";
import type { ServerCore } from "../core.ts";
import { scopeOf, type Selection, selects } from "./selection.ts";

/** One event of a watch, with the write that made it. */
export interface WatchChange {
  readonly type: Extract<WatchEvent["type"], "ADDED" | "MODIFIED" | "DELETED">;
  readonly key: string;
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
  readonly revision: number;
  readonly causeId: number;
}

/**
 * Follows what is selected, from a revision on. The listener is called inside the write: it queues and returns.
 * Source: apiserver/pkg/storage/cacher/{cacher,watch_cache}.go; storage/cacher/cache_watcher.go, convertToWatchEvent.
 */
export function watchChanges(core: ServerCore, kind: KindDefinition, selection: Selection, from: number, listener: (change: WatchChange) => void): Result<() => void, Status> {
  const follow = (change: StoreChange): void => {
    const event = asSelected(kind, selection, change);
    if (event !== undefined) listener(event);
  };
  const following = core.store.watch(kind.storagePrefix, scopeOf(kind, selection), from, follow);
  return following.ok ? ok(following.value) : err(expired(`too old resource version: ${from} (${following.error})`));
}

/** How a change looks to someone who sees only part: entering the selection is ADDED, leaving it is DELETED. */
function asSelected(kind: KindDefinition, selection: Selection, change: StoreChange): WatchChange | undefined {
  const { key, object, before, revision, causeId } = change;
  if (selection.all && (selection.namespace === "" || object.metadata.namespace === selection.namespace)) return change;
  const is = change.type !== "DELETED" && selects(kind, selection, object);
  const was = before !== undefined && selects(kind, selection, before);
  if (is) return { type: was ? "MODIFIED" : "ADDED", key, object, before, revision, causeId };
  if (!was) return undefined;
  // The object as it was while selected, at the revision of the change that ended it.
  const last = change.type === "DELETED" ? object : { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } };
  return { type: "DELETED", key, object: last, before, revision, causeId };
}
