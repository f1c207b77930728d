import type { JournalEntry } from "../../engine/kernel/journal.ts";
import type { LifecycleStepId } from "./step-ids.ts";

/** Journal step → lifecycle step. What is not named here is no part of a pod's Gantt. */
const STEP_OF: Readonly<Record<string, LifecycleStepId>> = {
  "run-sandbox": "sandbox",
  "cni-add": "cni",
  "mount-volume": "volumes", "mount-volumes": "volumes",
  "pull-image": "pull",
  "create-container": "create",
  "start-container": "start",
  "back-off": "backoff",
  bind: "bind",
};

export const stepOfJournal = (entry: JournalEntry): LifecycleStepId | undefined => STEP_OF[entry.step];

/** What one bar is about when a pod has several of a kind: the container, the volume, or else the image. */
export function journalOf(entry: JournalEntry): string {
  const of = entry.detail?.["container"] ?? entry.detail?.["volume"] ?? entry.detail?.["image"] ?? "";
  return String(of);
}

/** 0…1 from bytes, when both numbers are there. */
export function journalProgress(entry: JournalEntry): number | undefined {
  const bytes = entry.detail?.["bytes"];
  const total = entry.detail?.["totalBytes"] ?? entry.detail?.["total"];
  return typeof bytes === "number" && typeof total === "number" && total > 0 ? Math.min(1, bytes / total) : undefined;
}

const megabytes = (bytes: number): string => (bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e3)} kB`);

/** The facts of an entry in a few words: "10.42.1.7", "nginx:latest · 72 MB", "ErrImagePull". */
export function journalNote(entry: JournalEntry): string {
  const d = entry.detail ?? {};
  const parts: string[] = [];
  for (const key of ["error", "reason", "ip", "node", "image"]) {
    const value = d[key];
    if (value !== undefined && value !== "") parts.push(String(value));
  }
  const total = d["totalBytes"] ?? d["total"];
  if (d["cached"] === true) parts.push("already on the node");
  else if (typeof total === "number" && total > 0) parts.push(megabytes(total));
  return parts.join(" · ");
}

export const journalFailed = (entry: JournalEntry): boolean => entry.detail?.["error"] !== undefined || entry.detail?.["ok"] === false;
