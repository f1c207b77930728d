import type { StoreChange } from "../../engine/cluster/contracts.ts";
import type { JournalEntry } from "../../engine/kernel/journal.ts";
import type { PodObject } from "../../engine/kinds/generated/types.ts";
import { journalFailed, journalNote, journalOf, journalProgress, stepOfJournal } from "./journal-steps.ts";
import type { LifecycleStep, LifecycleStepId } from "./step-ids.ts";

/** Bars kept per pod: the first ones (its birth) and the newest (a crash loop goes on for ever). */
const STEPS_MAX = 48;
const BIRTH_STEPS = 16;
/** Requests whose pod has not been seen yet. */
const ADMISSIONS_MAX = 2_000;

type OpenStep = { -readonly [K in keyof LifecycleStep]: LifecycleStep[K] };

/** Turns what happened to each pod into the bars of its Gantt. One per pod and step, opened and closed in simulated time. */
export class LifecycleTracker {
  private readonly steps = new Map<string, OpenStep[]>();
  private readonly uids = new Map<string, string>();
  private readonly admissions = new Map<string, { readonly atUs: number; readonly user: string }>();

  /** Bars of a pod, oldest first. */
  of(uid: string): readonly LifecycleStep[] {
    return this.steps.get(uid) ?? [];
  }

  /** The newest step that goes on now. */
  current(uid: string): LifecycleStep | undefined {
    return this.steps.get(uid)?.findLast((step) => step.endUs === undefined);
  }

  podChanged(change: StoreChange): void {
    const pod = change.object as PodObject;
    const uid = pod.metadata.uid ?? "";
    const subject = `pod/${pod.metadata.namespace ?? ""}/${pod.metadata.name}`;
    if (change.type === "DELETED") {
      this.steps.delete(uid);
      if (this.uids.get(subject) === uid) this.uids.delete(subject);
      return;
    }
    const at = change.atUs;
    if (!this.steps.has(uid)) this.born(uid, subject, pod, at);
    if ((pod.spec.nodeName ?? "") !== "") this.close(uid, "schedule", "", at, pod.spec.nodeName);
    this.followReadiness(uid, pod, at);
    if (pod.metadata.deletionTimestamp !== undefined && !this.has(uid, "stop")) {
      this.closeAll(uid, at);
      this.open(uid, { id: "stop", of: "", startUs: at, component: "", note: `${pod.metadata.deletionGracePeriodSeconds ?? 30} s grace` });
    }
  }

  /** Gives the uid of the pod whose bars changed. */
  journal(entry: JournalEntry): string | undefined {
    if (entry.component === "kube-apiserver") {
      this.noteAdmission(entry);
      return undefined;
    }
    const id = stepOfJournal(entry);
    if (id === undefined) return undefined;
    const uid = entry.uid ?? this.uids.get(entry.subject);
    if (uid === undefined || !this.steps.has(uid)) return undefined;
    const of = journalOf(entry);
    if (entry.phase === "progress") return this.progress(uid, id, of, entry);
    if (entry.phase === "end") return this.close(uid, id, of, entry.atUs, journalNote(entry), journalFailed(entry)) ? uid : undefined;
    this.open(uid, { id, of, startUs: entry.atUs, component: entry.component, note: journalNote(entry) });
    if (entry.phase === "instant") this.close(uid, id, of, entry.atUs);
    return uid;
  }

  private noteAdmission(entry: JournalEntry): void {
    if (entry.step !== "authentication" || entry.detail?.["verb"] !== "create" || entry.detail["subresource"] !== undefined || !entry.subject.startsWith("pod/")) return;
    if (this.admissions.size >= ADMISSIONS_MAX) this.admissions.clear();
    this.admissions.set(entry.subject, { atUs: entry.atUs, user: String(entry.detail["user"] ?? "") });
  }

  private born(uid: string, subject: string, pod: PodObject, at: number): void {
    this.steps.set(uid, []);
    this.uids.set(subject, uid);
    const asked = this.admissions.get(subject);
    this.admissions.delete(subject);
    this.open(uid, { id: "admit", of: "", startUs: asked?.atUs ?? at, component: "kube-apiserver", note: asked === undefined ? "" : `from ${asked.user}` });
    this.close(uid, "admit", "", at);
    if ((pod.spec.nodeName ?? "") === "") this.open(uid, { id: "schedule", of: "", startUs: at, component: "kube-scheduler", note: "" });
  }

  /** From the moment when every app container runs until condition Ready. */
  private followReadiness(uid: string, pod: PodObject, at: number): void {
    const ready = pod.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
    const statuses = pod.status?.containerStatuses ?? [];
    const running = statuses.length > 0 && statuses.every((s) => s.state?.running !== undefined);
    if (ready || !running) this.close(uid, "ready", "", at, undefined, !ready);
    else if (!this.isOpen(uid, "ready")) this.open(uid, { id: "ready", of: "", startUs: at, component: `kubelet/${pod.spec.nodeName ?? ""}`, note: "" });
    if (ready && !this.has(uid, "ready")) {
      this.open(uid, { id: "ready", of: "", startUs: at, component: `kubelet/${pod.spec.nodeName ?? ""}`, note: "" });
      this.close(uid, "ready", "", at);
    }
  }

  private progress(uid: string, id: LifecycleStepId, of: string, entry: JournalEntry): string | undefined {
    const step = this.find(uid, id, of);
    if (step === undefined) return undefined;
    step.progress = journalProgress(entry) ?? step.progress;
    return uid;
  }

  private open(uid: string, step: Pick<LifecycleStep, "id" | "of" | "startUs" | "component" | "note">): void {
    const steps = this.steps.get(uid);
    if (steps === undefined) return;
    if (steps.length >= STEPS_MAX) steps.splice(BIRTH_STEPS, 1);
    steps.push({ ...step, endUs: undefined, progress: undefined, failed: false });
  }

  private close(uid: string, id: LifecycleStepId, of: string, atUs: number, note = "", failed = false): boolean {
    const step = this.find(uid, id, of);
    if (step === undefined) return false;
    step.endUs = atUs;
    step.failed = failed;
    if (step.progress !== undefined && !failed) step.progress = 1;
    if (note !== "") step.note = note;
    return true;
  }

  private closeAll(uid: string, atUs: number): void {
    for (const step of this.steps.get(uid) ?? []) step.endUs ??= atUs;
  }

  private find(uid: string, id: LifecycleStepId, of: string): OpenStep | undefined {
    return this.steps.get(uid)?.findLast((step) => step.endUs === undefined && step.id === id && (of === "" || step.of === of));
  }

  private isOpen(uid: string, id: LifecycleStepId): boolean {
    return this.find(uid, id, "") !== undefined;
  }

  private has(uid: string, id: LifecycleStepId): boolean {
    return this.steps.get(uid)?.some((step) => step.id === id) ?? false;
  }
}
