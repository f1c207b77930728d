import type { Clock } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { isSidecar } from "../pod-helpers.ts";
import { type Task, until, within } from "../task.ts";

/**
 * Who stops after whom: sidecars wait for all app containers and for the sidecars that come after them in the spec.
 * Source: pkg/kubelet/kuberuntime/kuberuntime_termination_order.go.
 */
export class TerminationOrder {
  /** Container → those that have to be gone first. */
  private readonly waitsFor = new Map<string, ReadonlySet<string>>();
  private readonly alive: Set<string>;
  private readonly listeners = new Set<() => void>();

  constructor(pod: PodObject, running: readonly string[], private readonly clock: Clock) {
    this.alive = new Set(running);
    const before = new Set(pod.spec.containers.map(({ name }) => name));
    for (const container of [...(pod.spec.initContainers ?? [])].reverse()) {
      if (!isSidecar(container)) continue;
      this.waitsFor.set(container.name, new Set(before));
      before.add(container.name);
    }
  }

  /** Waits at most `graceSeconds`; gives the seconds that it took, with their fraction cut off. */
  *waitForTurn(name: string, graceSeconds: number): Task<number> {
    const startedUs = this.clock.now();
    if (this.isTurn(name)) return 0;
    const turn = until<undefined>((done) => {
      const look = (): void => {
        if (!this.isTurn(name)) return;
        this.listeners.delete(look);
        done(undefined);
      };
      this.listeners.add(look);
      return () => this.listeners.delete(look);
    });
    yield* within(this.clock, secondsToUs(graceSeconds), `kubelet: ${name} waits for its turn to stop`, turn);
    return Math.floor((this.clock.now() - startedUs) / 1e6);
  }

  containerTerminated(name: string): void {
    this.alive.delete(name);
    for (const look of this.listeners) look();
  }

  private isTurn(name: string): boolean {
    for (const other of this.waitsFor.get(name) ?? []) if (this.alive.has(other)) return false;
    return true;
  }
}
