import { useStoreApi } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";
import type { Point } from "../../../projection/layout/geometry.ts";
import { useSession } from "../../app/session-hooks.ts";
import { useUi } from "../../app/ui-store.ts";
import { canvasColors } from "../canvas-colors.ts";
import { worldContext } from "../size-canvas.ts";
import { StageMap } from "../stage-map.ts";
import { drawMark, drawPacket } from "./draw-packets.ts";
import { drawHop } from "./draw-hop.ts";
import { FilmPlayer, type Mark, type PacketNow } from "./film-player.ts";
import { onReplay } from "./replay-requests.ts";
import { PulsePlayer } from "./pulse-player.ts";

/** Screen px around a packet in which a click still hits it. */
const REACH_PX = 16;

/** Pace of the pictures for a speed of the clock: slower and faster with it, but never too fast to see. */
export const filmRate = (speed: number): number => (Number.isFinite(speed) ? Math.min(4, Math.max(0.3, speed ** 0.5)) : 4);

/** Packets and API pulses on a canvas of their own, drawn each frame while something moves. */
export const PacketLayer = memo(function PacketLayer() {
  const { rows } = useSession();
  const session = useSession();
  const flow = useStoreApi();
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    const pane = canvas?.closest<HTMLElement>(".react-flow");
    if (canvas === null || pane === null || pane === undefined) return;
    const map = new StageMap(rows);
    const films = new FilmPlayer(map);
    const pulses = new PulsePlayer(map);
    let frame = 0;
    let lastMs = 0;
    let packets: readonly PacketNow[] = [];
    let marks: readonly Mark[] = [];

    const draw = (nowMs: number): void => {
      const passed = lastMs === 0 ? 16 : Math.min(64, nowMs - lastMs);
      lastMs = nowMs;
      frame = 0;
      const { playing, goal, speed } = rows.clock;
      const runs = playing || goal !== undefined;
      ({ packets, marks } = films.advance(runs ? passed : 0, filmRate(speed)));
      const { selection, layers } = useUi.getState();
      const { transform, width, height } = flow.getState();
      const context = worldContext(canvas, { transform, width, height });
      if (context === null) return;
      const colors = canvasColors();
      if (layers.api) pulses.draw(context, colors, runs ? passed : 0);
      for (const mark of marks) drawMark(context, colors, mark);
      for (const packet of packets) drawPacket(context, colors, packet, transform[2]);
      const followed = selection?.type === "trace" && selection.follow === true ? packets.find((p) => p.trace === selection.id) : undefined;
      if (selection?.type === "trace") drawHop(context, colors, map, rows, selection, { nowMs, ring: followed === undefined });
      if (selection?.type === "trace" && followed !== undefined && (followed.film.index !== selection.walk || followed.hop !== selection.hop)) {
        useUi.getState().select({ ...selection, walk: followed.film.index, hop: followed.hop });
      }
      canvas.dataset["packets"] = String(packets.length);
      if ((runs && films.active) || (layers.api && pulses.active) || selection?.type === "trace") frame = requestAnimationFrame(draw);
      else lastMs = 0;
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const hit = (event: MouseEvent): { packet?: PacketNow; mark?: Mark } | undefined => {
      const bounds = pane.getBoundingClientRect();
      const [tx, ty, zoom] = flow.getState().transform;
      const near = (at: Point): boolean => Math.hypot(at.x * zoom + tx - (event.clientX - bounds.left), at.y * zoom + ty - (event.clientY - bounds.top)) < REACH_PX;
      const packet = packets.find((p) => near(p.at));
      if (packet !== undefined) return { packet };
      const mark = marks.find((each) => each.kind === "dropped" && near(each.at));
      return mark && { mark };
    };
    const click = (event: MouseEvent): void => {
      const target = hit(event);
      if (target === undefined) return;
      event.stopPropagation();
      event.preventDefault();
      if (target.packet !== undefined) {
        session.clock({ do: "pause" });
        useUi.getState().select({ type: "trace", id: target.packet.trace, walk: target.packet.film.index, hop: target.packet.hop });
      } else if (target.mark !== undefined) {
        films.dismiss(target.mark);
        useUi.getState().select({ type: "trace", id: target.mark.trace, walk: target.mark.walk, hop: target.mark.hop });
      }
      soon();
    };
    const point = (event: MouseEvent): void => {
      if (packets.length > 0 || marks.length > 0) pane.style.cursor = hit(event) === undefined ? "" : "pointer";
    };
    const feed = (): void => {
      if (rows.traces.size === 0) films.clear();
      for (const trace of rows.traceRows()) if (trace.films.length > 0) films.feed(trace);
      soon();
    };
    feed();
    pane.addEventListener("click", click, true);
    pane.addEventListener("mousemove", point);
    const stops = [
      rows.topics.subscribe("traces", feed), rows.topics.subscribe("clock", soon), flow.subscribe(soon), useUi.subscribe(soon),
      rows.onPulses((batch) => { if (useUi.getState().layers.api) { pulses.feed(batch); soon(); } }),
      onReplay((id, walk) => {
        const trace = rows.traces.get(id);
        if (trace !== undefined) films.replay(trace, walk);
        soon();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      pane.removeEventListener("click", click, true);
      pane.removeEventListener("mousemove", point);
      cancelAnimationFrame(frame);
    };
  }, [rows, flow, session]);
  return <canvas ref={ref} className="canvas-layer packets" data-testid="packets" aria-hidden />;
});
