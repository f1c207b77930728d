import type { SchedulingAttempt } from "../scheduler/verdict.ts";

const PER_POD = 20; // attempts
const PODS = 2_000;

/** The latest attempts of the latest pods; it outlives a restart of the scheduler. */
export class SchedulingHistory {
  private readonly byPod = new Map<string, SchedulingAttempt[]>();

  add(attempt: SchedulingAttempt): void {
    const attempts = this.byPod.get(attempt.pod) ?? [];
    attempts.push(attempt);
    if (attempts.length > PER_POD) attempts.shift();
    this.byPod.delete(attempt.pod);
    this.byPod.set(attempt.pod, attempts);
    if (this.byPod.size > PODS) this.byPod.delete(this.byPod.keys().next().value ?? "");
  }

  of(pod: string): readonly SchedulingAttempt[] {
    return this.byPod.get(pod) ?? [];
  }

  forget(pod: string): void {
    this.byPod.delete(pod);
  }
}
