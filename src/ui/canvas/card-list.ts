import type { RowStore } from "../../bridge/session/row-store.ts";
import { elementPlaces, type View } from "./places-in-view.ts";

/** Cards mounted per frame, so that 200 births are no long task. */
const MOUNTS_PER_FRAME = 10;
const NONE: readonly string[] = [];

/** What the list looks at besides rows. */
export interface CardSources {
  view(): View;
  hiddenNamespaces(): ReadonlySet<string>;
  /** Tells of camera moves and filter changes. */
  onChange(listener: () => void): () => void;
}

/** The uids of the pods that are elements now; changes a few at a time, once a frame at most. For `useSyncExternalStore`. */
export class CardList {
  private ids: readonly string[] = NONE;
  private readonly rows: RowStore;
  private readonly sources: CardSources;

  constructor(rows: RowStore, sources: CardSources) {
    this.rows = rows;
    this.sources = sources;
  }

  read = (): readonly string[] => this.ids;

  subscribe = (listener: () => void): (() => void) => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const wanted = this.wanted();
      const next = approach(this.ids, wanted);
      if (next === this.ids) return;
      this.ids = next;
      listener();
      if (next.length !== wanted.length) soon();
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    soon();
    const stops = [this.rows.topics.subscribe("batch", soon), this.sources.onChange(soon)];
    return () => {
      for (const stop of stops) stop();
      cancelAnimationFrame(frame);
    };
  };

  private wanted(): readonly string[] {
    const ids: string[] = [];
    const hidden = this.sources.hiddenNamespaces();
    for (const place of elementPlaces(this.rows, this.sources.view())) {
      for (const uid of this.rows.podIdsOn(place)) {
        const pod = this.rows.pod(uid);
        if (pod !== undefined && pod.organ === undefined && !hidden.has(pod.namespace)) ids.push(uid);
      }
    }
    return ids;
  }
}

/** Towards the wanted list: removals at once, additions a few at a time. The same array when nothing changes. */
export function approach(current: readonly string[], wanted: readonly string[]): readonly string[] {
  const want = new Set(wanted);
  const have = new Set(current);
  const kept = current.filter((uid) => want.has(uid));
  const fresh = wanted.filter((uid) => !have.has(uid)).slice(0, MOUNTS_PER_FRAME);
  return kept.length === current.length && fresh.length === 0 ? current : [...kept, ...fresh];
}
