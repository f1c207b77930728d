import type { Clock } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import { TokenBucket } from "../token-bucket.ts";

/** Source: k8s.io/client-go/tools/record/events_cache.go, defaults. */
const MAX_SIMILAR = 10;
const SIMILAR_WINDOW_US = secondsToUs(600);
const SPAM_BURST = 25;
const SPAM_PER_SECOND = 1 / 300;
const CACHE_LIMIT = 4_096; // entries

/** What makes two events alike. */
export interface EventIdentity {
  /** The object, in short. */
  readonly object: string;
  readonly fieldPath: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

export interface Correlated {
  /** What it is counted under. */
  readonly key: string;
  readonly message: string;
  /** Times seen, this one included. */
  readonly count: number;
  /** Name and first time of the stored event, when it is not the first. */
  readonly first: { readonly name: string; readonly atUs: number } | undefined;
}

/** A map that forgets what was used longest ago. */
class RecentMap<V> {
  private readonly map = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.map.get(key);
    if (value !== undefined) {
      this.map.delete(key);
      this.map.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.map.delete(key);
    this.map.set(key, value);
    if (this.map.size > CACHE_LIMIT) this.map.delete(this.map.keys().next().value as string);
  }
}

/**
 * Turns repeated events into counts, many similar ones into one, and drops spam.
 * Source: k8s.io/client-go/tools/record/events_cache.go, EventCorrelator.EventCorrelate.
 */
export class EventCorrelator {
  private readonly similar = new RecentMap<{ readonly messages: Set<string>; readonly atUs: number }>();
  private readonly seen = new RecentMap<{ readonly count: number; readonly name: string; readonly atUs: number }>();
  private readonly buckets = new RecentMap<TokenBucket>();

  constructor(private readonly clock: Clock, private readonly source: string) {}

  /** undefined: spam, say nothing. `newName` is used when the event turns out to be the first of its kind. */
  correlate(event: EventIdentity, newName: () => string): Correlated | undefined {
    const { key, message } = this.aggregate(event);
    const now = this.clock.now();
    const last = this.seen.get(key);
    const count = (last?.count ?? 0) + 1;
    const first = last === undefined ? { name: newName(), atUs: now } : { name: last.name, atUs: last.atUs };
    this.seen.set(key, { count, ...first });
    const spamKey = `${this.source} ${event.object}`;
    let bucket = this.buckets.get(spamKey);
    if (bucket === undefined) this.buckets.set(spamKey, (bucket = new TokenBucket(this.clock, SPAM_PER_SECOND, SPAM_BURST)));
    return bucket.tryTake() ? { key, message, count, first: { ...first } } : undefined;
  }

  /** Source: EventAggregator.EventAggregate. */
  private aggregate({ object, fieldPath, type, reason, message }: EventIdentity): { key: string; message: string } {
    const group = [this.source, object, type, reason].join("\0");
    const now = this.clock.now();
    const known = this.similar.get(group);
    const messages = known === undefined || now - known.atUs > SIMILAR_WINDOW_US ? new Set<string>() : known.messages;
    messages.add(message);
    this.similar.set(group, { messages, atUs: now });
    if (messages.size < MAX_SIMILAR) return { key: [group, fieldPath, message].join("\0"), message };
    messages.delete(messages.values().next().value as string);
    return { key: group, message: `(combined from similar events): ${message}` };
  }
}
