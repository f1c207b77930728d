import { useEffect, useState } from "react";
import { useSessionState } from "./session-hooks.ts";

/** The page is busy with the first picture for about this long after the cluster runs. */
const SETTLE_MS = 400;

/** True once the cluster is on the map: then there is time for the heavy panes (Monaco, the terminal). Stays true. */
export function usePictureShown(): boolean {
  const running = useSessionState().phase === "running";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!running || shown) return;
    const timer = setTimeout(() => setShown(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [running, shown]);
  return shown;
}
