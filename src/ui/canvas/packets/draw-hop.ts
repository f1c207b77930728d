import type { RowStore } from "../../../bridge/session/row-store.ts";
import type { FilmStop } from "../../../projection/film/film.ts";
import type { Colors } from "../canvas-colors.ts";
import type { StageMap } from "../stage-map.ts";
import { label, ring } from "./draw-packets.ts";

/** The whole way of the selected packet as a dotted line, and a ring where the selected hop is. */
export function drawHop(context: CanvasRenderingContext2D, colors: Colors, map: StageMap, rows: RowStore, selection: { readonly id: number; readonly walk: number; readonly hop: number }, { nowMs, ring: ringed }: { readonly nowMs: number; readonly ring: boolean }): void {
  const film = rows.traces.get(selection.id)?.films.find((f) => f.index === selection.walk);
  if (film === undefined) return;
  context.strokeStyle = colors.accent;
  context.lineWidth = 2;
  context.setLineDash([2, 6]);
  context.globalAlpha = 0.6;
  context.lineCap = "round";
  for (let i = 1; i < film.stops.length; i += 1) {
    const path = map.path((film.stops[i - 1] as FilmStop).place, (film.stops[i] as FilmStop).place);
    context.beginPath();
    for (const [index, point] of path.entries()) {
      if (index === 0) context.moveTo(point.x, point.y);
      else context.lineTo(point.x, point.y);
    }
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (!ringed) return;
  const stop = film.stops.findLast((s) => s.hop <= selection.hop) ?? film.stops[0];
  const at = stop && map.point(stop.place);
  if (at === undefined) return;
  const pulse = 0.5 + 0.5 * Math.sin(nowMs / 260);
  ring(context, colors.focus, at.x, at.y, 9);
  context.globalAlpha = 0.5 * (1 - pulse);
  ring(context, colors.focus, at.x, at.y, 11 + pulse * 9);
  context.globalAlpha = 1;
  label(context, colors, film.summary, at.x, at.y - 17);
}
