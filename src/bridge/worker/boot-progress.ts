import type { Cluster } from "../../engine/cluster/contracts.ts";
import type { Projector } from "../../projection/projector.ts";
import type { BootProgress } from "../protocol/messages.ts";

/** How much of the cluster is there. */
export function bootProgress(cluster: Cluster, projector: Projector): BootProgress {
  let podsReady = 0;
  let podsTotal = 0;
  let nodesReady = 0;
  for (const row of projector.rebuild()) {
    if (row.kind === "Pod") {
      podsTotal += 1;
      if (row.meaning === "ready") podsReady += 1;
    } else if (row.kind === "Node" && row.ready) nodesReady += 1;
  }
  return { simulatedMs: cluster.now(), podsReady, podsTotal, nodesReady, nodesTotal: cluster.options.nodes + 1 };
}
