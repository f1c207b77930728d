import { useStoreApi } from "@xyflow/react";
import { useMemo } from "react";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { CardList } from "./card-list.ts";

/** The one list of pods that are elements, which the pod layer draws and the cell layer leaves out. */
export function useCardList(): CardList {
  const { rows } = useSession();
  const flow = useStoreApi();
  return useMemo(() => new CardList(rows, {
    view: () => flow.getState(),
    hiddenNamespaces: () => useUi.getState().hiddenNamespaces,
    onChange: (listener) => {
      const stops = [flow.subscribe(listener), useUi.subscribe(listener)];
      return () => { for (const stop of stops) stop(); };
    },
  }), [rows, flow]);
}
