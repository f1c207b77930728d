import type { RowStore } from "../../bridge/session/row-store.ts";
import { elementPlaces, type View } from "./places-in-view.ts";

/** Cards mounted per frame, so that 200 births are no long task. Until its turn comes a pod is drawn as a cell. */
const MOUNTS_PER_FRAME = 4;
/** More newcomers at once than this are a burst: they stay cells until it is over, because most of them may be too many for cards soon. */
const BURST = 8;
const CALM_MS = 160;
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
  private readonly listeners = new Set<() => void>();
  private frame = 0;
  private wantedBefore = 0;
  private calmAtMs = 0;
  private stop: () => void = () => {};
  private readonly rows: RowStore;
  private readonly sources: CardSources;

  constructor(rows: RowStore, sources: CardSources) {
    this.rows = rows;
    this.sources = sources;
  }

  private mounted: ReadonlySet<string> = new Set();

  read = (): readonly string[] => this.ids;

  /** True for pods that are elements now; all others are for the canvas to draw. */
  has(uid: string): boolean {
    return this.mounted.has(uid);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  };

  private start(): void {
    const stops = [this.rows.topics.subscribe("batch", this.soon), this.sources.onChange(this.soon)];
    this.stop = () => {
      for (const stop of stops) stop();
      cancelAnimationFrame(this.frame);
      this.frame = 0;
    };
    this.soon();
  }

  private soon = (): void => {
    if (this.frame === 0) this.frame = requestAnimationFrame(this.look);
  };

  private look = (): void => {
    this.frame = 0;
    const wanted = this.wanted();
    const realMs = performance.now();
    if (wanted.length - this.wantedBefore > BURST) this.calmAtMs = realMs + CALM_MS;
    this.wantedBefore = wanted.length;
    const calm = realMs >= this.calmAtMs;
    const next = approach(this.ids, wanted, calm ? MOUNTS_PER_FRAME : 0);
    if (!calm) this.soon();
    if (next === this.ids) return;
    this.ids = next;
    this.mounted = new Set(next);
    for (const listener of this.listeners) listener();
    if (calm && next.length !== wanted.length) this.soon();
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
export function approach(current: readonly string[], wanted: readonly string[], mounts: number): readonly string[] {
  const want = new Set(wanted);
  const have = new Set(current);
  const kept = current.filter((uid) => want.has(uid));
  const fresh = wanted.filter((uid) => !have.has(uid)).slice(0, mounts);
  return kept.length === current.length && fresh.length === 0 ? current : [...kept, ...fresh];
}
