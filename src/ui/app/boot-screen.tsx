import type { BootProgress } from "../../bridge/protocol/messages.ts";
import { Logo } from "./logo.tsx";

/** Shown while the cluster starts: what is there already, in simulated seconds. */
export function BootScreen({ progress }: { readonly progress: BootProgress | undefined }) {
  const { simulatedMs = 0, podsReady = 0, podsTotal = 0, nodesReady = 0, nodesTotal = 0 } = progress ?? {};
  const share = podsTotal === 0 ? 0.02 : 0.1 + 0.9 * (podsReady / podsTotal);
  return (
    <div className="boot" role="status" aria-live="polite">
      <div className="boot-card">
        <Logo size={56} />
        <h1>Kubarium</h1>
        <p>{progress === undefined ? "Starting a cluster in your browser" : `${(simulatedMs / 1000).toFixed(1)} s into the life of a new cluster`}</p>
        <div className="boot-bar" role="progressbar" aria-label="Cluster start" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}><span style={{ transform: `scaleX(${share})` }} /></div>
        <p className="boot-facts mono">{nodesTotal === 0 ? "\u00a0" : `nodes ${nodesReady}/${nodesTotal}   system pods ${podsReady}/${podsTotal}`}</p>
      </div>
    </div>
  );
}
