import { memo, useEffect, useRef, useState } from "react";
import type { RowStore } from "../../bridge/session/row-store.ts";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { canvasColors, onColorsChange } from "../canvas/canvas-colors.ts";
import { clockText } from "./clock-text.ts";
import { type Tick, ticksIn } from "./ticks.ts";

/** The strip shows this much at most; older events leave on the left. */
const WINDOW_MAX_US = 180e6;
const WINDOW_MIN_US = 20e6;
const FRAME_MS = 90;

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The run so far, with room on the right until the window is full; then it moves along. */
const spanOf = (rows: RowStore): Span => {
  const toUs = Math.max(rows.nowUs * 1.02, WINDOW_MIN_US);
  return { fromUs: Math.max(0, toUs - WINDOW_MAX_US), toUs };
};

/** Every event as a tick, drawn on a canvas; the Events list is its twin in words. */
export const TimeStrip = memo(function TimeStrip() {
  const { rows } = useSession();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tip, setTip] = useState<{ readonly x: number; readonly tick: Tick } | undefined>(undefined);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      drawStrip(element, rows, spanOf(rows));
    };
    const soon = (): void => {
      timer ??= setTimeout(draw, FRAME_MS);
    };
    draw();
    const resize = new ResizeObserver(soon);
    resize.observe(element);
    const stops = [rows.topics.subscribe("now", soon), rows.topics.subscribe("batch", soon), onColorsChange(soon)];
    return () => {
      clearTimeout(timer);
      resize.disconnect();
      for (const stop of stops) stop();
    };
  }, [rows]);

  const tickAt = (event: React.MouseEvent<HTMLCanvasElement>): { x: number; tick: Tick } | undefined => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const span = spanOf(rows);
    const us = span.fromUs + ((event.clientX - bounds.left) / bounds.width) * (span.toUs - span.fromUs);
    const reach = (8 / bounds.width) * (span.toUs - span.fromUs);
    const near = ticksIn(rows, us - reach, us + reach).sort((a, b) => Math.abs(a.atUs - us) - Math.abs(b.atUs - us))[0];
    return near && { x: event.clientX - bounds.left, tick: near };
  };
  return (
    <div className="time-strip">
      <canvas
        ref={canvas} role="img" aria-label="Events over time; the Events list has the same in words"
        onMouseMove={(event) => setTip(tickAt(event))} onMouseLeave={() => setTip(undefined)}
        onClick={(event) => {
          const found = tickAt(event)?.tick;
          if (found?.event !== undefined) useUi.getState().select({ type: "event", uid: found.event });
          if (found?.trace !== undefined) useUi.getState().select({ type: "trace", id: found.trace, walk: 0, hop: 0 });
        }}
      />
      {tip !== undefined && <div className="strip-tip" style={{ left: tip.x }}><b>{tip.tick.label}</b><span className="mono">{clockText(tip.tick.atUs)}</span></div>}
    </div>
  );
});

function drawStrip(canvas: HTMLCanvasElement, rows: RowStore, span: Span): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  const colors = canvasColors();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const length = span.toUs - span.fromUs;
  const x = (us: number): number => ((us - span.fromUs) / length) * width;
  drawScale(context, colors, span, x, height);
  const ticks = ticksIn(rows, span.fromUs, span.toUs);
  drawDensity(context, colors, ticks, x, height);
  for (const tick of ticks) {
    if (tick.kind === "normal") continue;
    const at = Math.round(x(tick.atUs)) + 0.5;
    context.strokeStyle = context.fillStyle = tick.kind === "warning" ? colors.failing : tick.kind === "command" ? colors.accent : colors.request;
    context.beginPath();
    if (tick.kind === "warning") {
      context.moveTo(at, height - 32);
      context.lineTo(at + 4.5, height - 24);
      context.lineTo(at - 4.5, height - 24);
      context.fill();
      context.fillRect(at - 0.5, height - 24, 1, 16);
    } else if (tick.kind === "command") {
      context.moveTo(at, height - 47);
      context.lineTo(at + 4.5, height - 42.5);
      context.lineTo(at, height - 38);
      context.lineTo(at - 4.5, height - 42.5);
      context.fill();
      context.fillRect(at - 0.5, height - 38, 1, 30);
    } else {
      context.arc(at, height - 42, 3.5, 0, 7);
      context.fill();
      context.fillRect(at - 0.5, height - 38, 1, 30);
    }
  }
  const now = Math.round(x(rows.nowUs)) + 0.5;
  context.strokeStyle = colors.focus;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(now, 0);
  context.lineTo(now, height);
  context.stroke();
}

/** CSS px per bar. */
const BIN = 3;

/** Ordinary Events as bars: the more at once, the higher, on a scale that leaves room for a thousand. */
function drawDensity(context: CanvasRenderingContext2D, colors: ReturnType<typeof canvasColors>, ticks: readonly Tick[], x: (us: number) => number, height: number): void {
  const bins = new Map<number, number>();
  for (const tick of ticks) if (tick.kind === "normal") bins.set(Math.floor(x(tick.atUs) / BIN), (bins.get(Math.floor(x(tick.atUs) / BIN)) ?? 0) + 1);
  context.fillStyle = colors["ink-3"];
  for (const [bin, count] of bins) {
    const bar = Math.min(height - 24, 7 + 5.5 * Math.log2(count));
    context.fillRect(bin * BIN, height - 8 - bar, BIN - 1, bar);
  }
}

const STEPS_S = [5, 10, 20, 30, 60];

function drawScale(context: CanvasRenderingContext2D, colors: ReturnType<typeof canvasColors>, span: Span, x: (us: number) => number, height: number): void {
  const seconds = (span.toUs - span.fromUs) / 1e6;
  const step = (STEPS_S.find((s) => seconds / s <= 10) ?? 60) * 1e6;
  context.font = "500 10.5px 'JetBrains Mono Variable', monospace";
  context.textAlign = "left";
  for (let us = Math.ceil(Math.max(0, span.fromUs) / step) * step; us <= span.toUs; us += step) {
    const at = Math.round(x(us)) + 0.5;
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height - 8);
    context.stroke();
    context.fillStyle = colors["ink-3"];
    context.fillText(clockText(us, 0), at + 4, 11);
  }
  context.strokeStyle = colors["line-strong"];
  context.beginPath();
  context.moveTo(0, height - 7.5);
  context.lineTo(x(span.toUs), height - 7.5);
  context.stroke();
}
