import type { ApiResponse, ResponseStream, Status, StreamListener, WatchEvent } from "../../apimachinery/api.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import type { Cancel } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import type { ServerCore } from "../core.ts";
import { listObjects } from "../verbs/list.ts";
import type { Selection } from "../verbs/selection.ts";
import { watchChanges } from "../verbs/watch.ts";
import type { Liveness } from "./liveness.ts";
import type { ListOptions } from "./options.ts";
import type { Presenter } from "./present.ts";

/** Source: apiserver/pkg/endpoints/handlers/get.go, ListResource. Differs: upstream draws between once and twice this. */
const MIN_TIMEOUT_SECONDS = 1_800;
const BOOKMARK_PERIOD_US = secondsToUs(60);
const MAX_UNREAD = 100_000; // events kept for a client that does not read

/** Chunks until somebody listens, then straight on. */
export class Outlet implements ResponseStream {
  private unread: (WatchEvent | string)[] = [];
  private listener: StreamListener | undefined;
  private state: "open" | "ended" | "closed" = "open";

  constructor(private readonly onClose: () => void) {}

  listen(listener: StreamListener): void {
    this.listener = listener;
    const unread = this.unread;
    this.unread = [];
    for (const chunk of unread) listener.chunk(chunk);
    if (this.state === "ended") listener.end();
  }

  close(): void {
    if (this.state === "closed") return;
    const wasOpen = this.state === "open";
    this.state = "closed";
    this.unread = [];
    if (wasOpen) this.onClose();
  }

  push(chunk: WatchEvent | string): void {
    if (this.state !== "open") return;
    if (this.listener !== undefined) this.listener.chunk(chunk);
    else if (this.unread.length < MAX_UNREAD) this.unread.push(chunk);
    else this.end();
  }

  /** The server ends the stream. */
  end(): void {
    if (this.state !== "open") return;
    this.state = "ended";
    this.onClose();
    this.listener?.end();
  }
}

/**
 * Opens a watch. Events reach the listener inside the write that makes them.
 * Source: apiserver/pkg/endpoints/handlers/{get,watch}.go; apiserver/pkg/storage/cacher/cacher.go, Watch.
 */
export function openWatch(core: ServerCore, liveness: Liveness, kind: KindDefinition, selection: Selection, options: ListOptions, presenter: Presenter): ApiResponse {
  const cancels: Cancel[] = [];
  const outlet = new Outlet(() => {
    for (const cancel of cancels.splice(0)) cancel();
  });
  let isFirst = true;
  const push = (type: WatchEvent["type"], object: KubeObject): void => {
    outlet.push({ type, object: presenter.event(kind, object, isFirst) });
    isFirst = false;
  };
  const from = begin(core, kind, selection, options.resourceVersion, push);
  const following = watchChanges(core, kind, selection, from, (change) => push(change.type, change.object));
  if (following.ok) {
    cancels.push(following.value, liveness.onDown(() => outlet.end()));
    const timeoutSeconds = options.timeoutSeconds ?? MIN_TIMEOUT_SECONDS;
    cancels.push(core.outsideTimers.after(secondsToUs(Math.max(0, timeoutSeconds)), "kube-apiserver: watch timeout", () => outlet.end()));
    if (options.allowWatchBookmarks) cancels.push(core.outsideTimers.every(BOOKMARK_PERIOD_US, "kube-apiserver: watch bookmark", () => outlet.push({ type: "BOOKMARK", object: bookmark(core, kind, presenter) })));
  } else failWith(outlet, following.error);
  return { status: 200, headers: { "content-type": "application/json", "cache-control": "no-cache, private" }, body: undefined, stream: outlet };
}

/** Without a version, or with 0, everything that exists comes first as ADDED. Returns the revision after which changes count. */
function begin(core: ServerCore, kind: KindDefinition, selection: Selection, resourceVersion: string, push: (type: "ADDED", object: KubeObject) => void): number {
  if (resourceVersion !== "" && resourceVersion !== "0") return Number(resourceVersion);
  const listed = listObjects(core, kind, selection);
  for (const object of listed.ok ? listed.value.items : []) push("ADDED", object);
  return core.store.revision;
}

/** An object with nothing but a version in it; a table of no rows. */
function bookmark(core: ServerCore, kind: KindDefinition, { wanted }: Presenter): WatchEvent["object"] {
  const resourceVersion = String(core.store.revision);
  if (wanted.as === "table") return { kind: "Table", apiVersion: `meta.k8s.io/${wanted.version}`, metadata: { resourceVersion }, columnDefinitions: null, rows: [] };
  const type = wanted.as === "partial" ? { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${wanted.version}` } : { kind: kind.kind, apiVersion: groupVersion(kind) };
  return { ...type, metadata: { resourceVersion, creationTimestamp: null } };
}

/** Too late to answer with a code: the error is the stream's only event. The Status of a stream has no details. */
function failWith(outlet: Outlet, status: Status): void {
  outlet.push({ type: "ERROR", object: status });
  outlet.end();
}
