import { useStore, useStoreApi } from "@xyflow/react";
import { AnimatePresence } from "framer-motion";
import { memo, useEffect, useState } from "react";
import type { RowStore } from "../../bridge/session/row-store.ts";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { PodCard } from "./pod-card.tsx";
import { elementPlaces, type View } from "./places-in-view.ts";

/** Cards mounted per frame, so that 200 births are no long task. */
const MOUNTS_PER_FRAME = 10;

const NONE: readonly string[] = [];

/** Pods as elements: those on machines in view, when close enough to read and few enough to fit. */
export const PodLayer = memo(function PodLayer() {
  const ids = useCardIds();
  return (
    <div className="pod-layer" role="group" aria-label="Pods on the map">
      <AnimatePresence initial={false}>
        {ids.map((uid) => <PodCard key={uid} uid={uid} />)}
      </AnimatePresence>
    </div>
  );
});

function useCardIds(): readonly string[] {
  const { rows } = useSession();
  const flow = useStoreApi();
  const hidden = useUi((s) => s.hiddenNamespaces);
  // Looks again when the camera has moved a good part of a machine.
  const view = useStore((s) => `${Math.round(s.transform[0] / 120)} ${Math.round(s.transform[1] / 120)} ${Math.round(s.transform[2] * 8)} ${Math.round(s.width / 80)} ${Math.round(s.height / 80)}`);
  const [ids, setIds] = useState<readonly string[]>(NONE);

  useEffect(() => {
    let frame = 0;
    let current: readonly string[] = NONE;
    setIds((shown) => (current = shown));
    const look = (): void => {
      frame = 0;
      const wanted = cardIds(rows, flow.getState(), hidden);
      const next = approach(current, wanted);
      if (next === current) return;
      current = next;
      setIds(next);
      if (next.length !== wanted.length) frame = requestAnimationFrame(look);
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    const unsubscribe = rows.topics.subscribe("batch", soon);
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
    };
  }, [rows, flow, hidden, view]);
  return ids;
}

/** Towards the wanted list: removals at once, additions a few at a time. The same array when nothing changes. */
function approach(current: readonly string[], wanted: readonly string[]): readonly string[] {
  const want = new Set(wanted);
  const have = new Set(current);
  const kept = current.filter((uid) => want.has(uid));
  const fresh = wanted.filter((uid) => !have.has(uid)).slice(0, MOUNTS_PER_FRAME);
  return kept.length === current.length && fresh.length === 0 ? current : [...kept, ...fresh];
}

function cardIds(rows: RowStore, view: View, hidden: ReadonlySet<string>): readonly string[] {
  const ids: string[] = [];
  for (const place of elementPlaces(rows, view)) {
    for (const uid of rows.podIdsOn(place)) {
      const pod = rows.pod(uid);
      if (pod !== undefined && pod.organ === undefined && !hidden.has(pod.namespace)) ids.push(uid);
    }
  }
  return ids;
}
