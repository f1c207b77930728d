import type { JournalEntry } from "../engine/kernel/journal.ts";
import type { PodRow } from "./rows/rows.ts";

/** Above this many objects nobody sees single heartbeats, and they would wake every pod every few seconds. */
const OBJECTS_MAX = 3_000;

/** The newest probe per pod, from the kubelets' journal. */
export class ProbeCollector {
  private readonly newest = new Map<string, NonNullable<PodRow["probe"]>>();

  /** Gives the uid of the pod that was probed. */
  note(entry: JournalEntry, objectCount: number): string | undefined {
    if (entry.step !== "probe" || entry.uid === undefined || objectCount > OBJECTS_MAX) return undefined;
    const { container = "", type = "", result = "" } = entry.detail ?? {};
    this.newest.set(entry.uid, { container: String(container), type: String(type), ok: result === "Success", atUs: entry.atUs });
    return entry.uid;
  }

  of(uid: string): PodRow["probe"] {
    return this.newest.get(uid);
  }

  forget(uid: string): void {
    this.newest.delete(uid);
  }
}
