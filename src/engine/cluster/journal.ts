import type { Clock } from "../kernel/clock.ts";
import type { Journal, JournalEntry } from "../kernel/journal.ts";

/** Hands steps to whoever listens; with nobody listening a write costs one comparison. */
export class ClusterJournal implements Journal {
  private readonly listeners = new Set<(entry: JournalEntry) => void>();

  constructor(private readonly clock: Pick<Clock, "now" | "causeId">) {}

  get enabled(): boolean {
    return this.listeners.size > 0;
  }

  write(entry: Omit<JournalEntry, "atUs" | "causeId">): void {
    if (this.listeners.size === 0) return;
    const stamped: JournalEntry = { atUs: this.clock.now(), causeId: this.clock.causeId(), ...entry };
    for (const listener of this.listeners) listener(stamped);
  }

  listen(listener: (entry: JournalEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
