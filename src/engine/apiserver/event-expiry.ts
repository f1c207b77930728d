import { secondsToUs } from "../kernel/time.ts";
import type { StoreChange } from "../store/store-change.ts";
import type { ServerCore } from "./core.ts";

const TTL_US = secondsToUs(3_600);
const GRAIN_US = secondsToUs(60); // events that end within a minute of each other go together

/**
 * Events live for an hour after their last write, as etcd's leases let them.
 * Source: pkg/registry/core/event/storage/storage.go (TTL); --event-ttl of kube-apiserver.
 * Differs: they go once a minute instead of to the second.
 */
export function createEventExpiry(core: ServerCore, collection: string): (change: StoreChange) => void {
  const due: { readonly key: string; readonly revision: string; readonly atUs: number }[] = [];
  let first = 0;
  let waiting = false;

  const schedule = (): void => {
    const next = due[first];
    if (waiting || next === undefined) return;
    waiting = true;
    core.context.clock.after(Math.max(0, Math.ceil(next.atUs / GRAIN_US) * GRAIN_US - core.context.clock.now()), "etcd: expire events", expire);
  };
  const expire = (): void => {
    waiting = false;
    const now = core.context.clock.now();
    for (let next = due[first]; next !== undefined && next.atUs <= now; next = due[first]) {
      first += 1;
      // A later write renewed it: that write has its own entry.
      if (core.store.get(collection, next.key)?.metadata.resourceVersion === next.revision) core.store.delete(collection, next.key);
    }
    if (first > 4_096 && first * 2 > due.length) {
      due.splice(0, first);
      first = 0;
    }
    schedule();
  };
  return (change) => {
    if (change.type === "DELETED") return;
    due.push({ key: change.key, revision: String(change.revision), atUs: change.atUs + TTL_US });
    schedule();
  };
}
