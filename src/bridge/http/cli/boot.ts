import type { Cluster } from "../../../engine/cluster/contracts.ts";

/** Simulated ms after which a cluster that is not ready is a bug. */
const BOOT_LIMIT_MS = 30 * 60_000;
const EVENTS_PER_SLICE = 500;
const TURN_MS = 20;

/** Runs the cluster as fast as it goes until every system pod is Ready; false when that takes more than half an hour of its time. Yields to input and output. */
export async function boot(cluster: Pick<Cluster, "ready" | "runSlice" | "now">): Promise<boolean> {
  const limitMs = cluster.now() + BOOT_LIMIT_MS;
  for (;;) {
    const startMs = performance.now();
    while (performance.now() - startMs < TURN_MS) {
      if (cluster.ready()) return true;
      if (cluster.now() >= limitMs) return false;
      // At most a second at a time: `ready` is looked at in between.
      cluster.runSlice(Math.min(limitMs, cluster.now() + 1_000), EVENTS_PER_SLICE);
    }
    await yieldToEventLoop();
  }
}

/** Runs on until the cluster's calendar says what the wall clock says. */
export async function catchUpWith(cluster: Pick<Cluster, "runSlice" | "now">, simulatedMs: () => number): Promise<void> {
  while (!cluster.runSlice(Math.max(cluster.now(), simulatedMs()), EVENTS_PER_SLICE)) await yieldToEventLoop();
}

const yieldToEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
