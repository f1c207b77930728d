import { AnimatePresence } from "framer-motion";
import { memo, useSyncExternalStore } from "react";
import type { CardList } from "./card-list.ts";
import { PodCard } from "./pod-card.tsx";

/** Pods as elements: those on machines in view, when close enough to read and few enough to fit. */
export const PodLayer = memo(function PodLayer({ cards }: { readonly cards: CardList }) {
  const ids = useSyncExternalStore(cards.subscribe, cards.read);
  return (
    <div className="pod-layer" role="group" aria-label="Pods on the map">
      <AnimatePresence initial={false}>
        {ids.map((uid) => <PodCard key={uid} uid={uid} />)}
      </AnimatePresence>
    </div>
  );
});
