import { useStoreApi } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { onColorsChange } from "./canvas-colors.ts";
import type { CardList } from "./card-list.ts";
import { drawCells } from "./draw-cells.ts";

/** Pods as cells on a 2D canvas: whatever is too far or too many for elements. Redrawn only when something changed. */
export const CellLayer = memo(function CellLayer({ cards }: { readonly cards: CardList }) {
  const { rows } = useSession();
  const flow = useStoreApi();
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    if (canvas === null) return;
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      const { transform, width, height } = flow.getState();
      drawCells(canvas, rows, { transform, width, height }, useUi.getState(), cards);
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    soon();
    const stops = [cards.subscribe(soon), rows.topics.subscribe("batch", soon), flow.subscribe(soon), useUi.subscribe(soon), onColorsChange(soon)];
    void document.fonts.ready.then(soon);
    return () => {
      for (const stop of stops) stop();
      cancelAnimationFrame(frame);
    };
  }, [rows, flow, cards]);
  return <canvas ref={ref} className="canvas-layer cells" aria-hidden />;
});
