import { useStoreApi } from "@xyflow/react";
import { AnimatePresence } from "framer-motion";
import { memo, useMemo, useSyncExternalStore } from "react";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { CardList } from "./card-list.ts";
import { PodCard } from "./pod-card.tsx";

/** Pods as elements: those on machines in view, when close enough to read and few enough to fit. */
export const PodLayer = memo(function PodLayer() {
  const { rows } = useSession();
  const flow = useStoreApi();
  const list = useMemo(() => new CardList(rows, {
    view: () => flow.getState(),
    hiddenNamespaces: () => useUi.getState().hiddenNamespaces,
    onChange: (listener) => {
      const stops = [flow.subscribe(listener), useUi.subscribe(listener)];
      return () => { for (const stop of stops) stop(); };
    },
  }), [rows, flow]);
  const ids = useSyncExternalStore(list.subscribe, list.read);
  return (
    <div className="pod-layer" role="group" aria-label="Pods on the map">
      <AnimatePresence initial={false}>
        {ids.map((uid) => <PodCard key={uid} uid={uid} />)}
      </AnimatePresence>
    </div>
  );
});
