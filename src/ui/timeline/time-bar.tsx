import "./timeline.css";
import { Pause, Play, StepForward } from "lucide-react";
import { memo } from "react";
import { useClock, useNow, useSession, useSessionState } from "../app/session-hooks.ts";
import { SPEEDS } from "../app/shortcuts.ts";
import { clockText } from "./clock-text.ts";
import { RunUntil } from "./run-until.tsx";
import { TimeStrip } from "./time-strip.tsx";

/** The dial of time and what has happened so far. */
export const TimeBar = memo(function TimeBar() {
  const session = useSession();
  const clock = useClock();
  const ready = useSessionState().phase === "running";
  const runs = clock.playing || clock.goal !== undefined;
  return (
    <div className="time-bar" data-paused={!runs || undefined}>
      <div className="time-controls">
        <div className="tool-group" role="group" aria-label="Clock">
          <button type="button" className="button play" data-primary={!runs || undefined} disabled={!ready} onClick={() => session.clock({ do: runs ? "pause" : "play" })} aria-label={runs ? "Pause" : "Play"} title={runs ? "Pause (Space)" : "Play (Space)"}>
            {runs ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}
          </button>
          <button type="button" className="button" data-quiet data-icon disabled={!ready} onClick={() => session.clock({ do: "step" })} aria-label="Step one event" title="Step one event (.)"><StepForward size={15} aria-hidden /></button>
          <RunUntil disabled={!ready} />
        </div>
        <ClockFace runs={runs} />
        <SpeedDial />
      </div>
      <TimeStrip />
    </div>
  );
});

function ClockFace({ runs }: { readonly runs: boolean }) {
  const { speed } = useClock();
  const us = useNow(runs && speed > 5 ? 1_000_000 : runs ? 100_000 : 1);
  const { actualSpeed, goal, goalOutcome } = useClock();
  const behind = runs && goal === undefined && Number.isFinite(speed) && actualSpeed > 0 && actualSpeed < speed * 0.75;
  return (
    <div className="clock-face">
      <time className="mono" aria-label="Simulated time">{runs ? clockText(us) : clockText(us, 6)}</time>
      <span className="clock-note">
        {goal !== undefined ? "running until it happens" : goalOutcome === "given-up" ? "did not happen within 30 min" : !runs ? "paused" : behind ? `engine is busy: ${actualSpeed.toFixed(actualSpeed < 1 ? 2 : 0)}×` : "simulated time"}
      </span>
    </div>
  );
}

function SpeedDial() {
  const session = useSession();
  const { speed } = useClock();
  const found = SPEEDS.findIndex((s) => s >= speed);
  const index = found < 0 ? SPEEDS.length - 1 : found;
  return (
    <label className="speed">
      <span className="visually-hidden">Speed</span>
      <input
        type="range" min={0} max={SPEEDS.length - 1} step={1} value={index} aria-valuetext={`${speed} times real time`}
        style={{ "--share": `${(index / (SPEEDS.length - 1)) * 100}%` } as React.CSSProperties}
        onChange={(event) => session.clock({ do: "speed", speed: SPEEDS[Number(event.target.value)] ?? 1 })}
      />
      <output className="mono">{speed}×</output>
    </label>
  );
}
