import type { JournalEntry } from "../engine/kernel/journal.ts";
import type { ApiPulse } from "./delta.ts";

/** Pulses per batch; more than an eye can follow. */
const PULSES_MAX = 40;

/** Picks API calls and watch deliveries out of the journal, a sample of them when there are many. */
export class PulseCollector {
  private pulses: ApiPulse[] = [];
  private skipped = 0;

  note(entry: JournalEntry): void {
    const request = entry.step === "api-request";
    if ((!request && entry.step !== "watch-delivery") || entry.phase === "end") return;
    if (this.pulses.length >= PULSES_MAX) {
      this.skipped += 1;
      return;
    }
    const client = String(entry.detail?.["client"] ?? entry.detail?.["from"] ?? entry.detail?.["to"] ?? (request ? "kubectl" : entry.component));
    const api = "kube-apiserver";
    this.pulses.push({
      atUs: entry.atUs, from: request ? client : api, to: request ? api : client, verb: String(entry.detail?.["verb"] ?? "watch"), subject: entry.subject,
    });
  }

  get hasNews(): boolean {
    return this.pulses.length > 0;
  }

  drain(): { readonly pulses: readonly ApiPulse[]; readonly skippedPulses: number } {
    const drained = { pulses: this.pulses, skippedPulses: this.skipped };
    this.pulses = [];
    this.skipped = 0;
    return drained;
  }
}
