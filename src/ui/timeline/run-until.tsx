import { ChevronDown, FastForward } from "lucide-react";
import { useId, useRef } from "react";
import type { RunGoal } from "../../bridge/protocol/batch.ts";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";

/** "Run until …": as fast as the engine can, and stop at the very event. */
export function RunUntil({ disabled }: { readonly disabled: boolean }) {
  const id = useId();
  const session = useSession();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const selection = useUi((s) => s.selection);
  const ref = selection?.type === "object" ? selection.ref : undefined;
  const run = (goal: RunGoal): void => {
    session.clock({ do: "run-until", goal });
    popover.current?.hidePopover();
  };
  const inMs = (ms: number): RunGoal => ({ kind: "time", untilMs: session.rows.nowUs / 1_000 + ms });
  return (
    <>
      <button ref={button} type="button" className="button" data-quiet disabled={disabled} popoverTarget={id} title="Run until …"><FastForward size={15} aria-hidden /><span className="visually-hidden">Run until</span><ChevronDown size={12} aria-hidden /></button>
      <div ref={popover} id={id} popover="auto" className="popover menu" onToggle={(event) => {
        const at = button.current?.getBoundingClientRect();
        if (at !== undefined && event.newState === "open") {
          event.currentTarget.style.left = `${at.left}px`;
          event.currentTarget.style.bottom = `${window.innerHeight - at.top + 8}px`;
        }
      }}>
        <p>Run until</p>
        <button type="button" onClick={() => run({ kind: "event" })}>the next Event</button>
        <button type="button" onClick={() => run({ kind: "warning" })}>the next Warning</button>
        {ref?.kind === "Pod" && <button type="button" onClick={() => run({ kind: "ready", namespace: ref.namespace, pod: ref.name })}>{ref.name} is Ready</button>}
        {ref?.kind === "Deployment" && <button type="button" onClick={() => run({ kind: "rollout", namespace: ref.namespace, deployment: ref.name })}>{ref.name} is rolled out</button>}
        <button type="button" onClick={() => run(inMs(10_000))}>10 s have passed</button>
        <button type="button" onClick={() => run(inMs(60_000))}>a minute has passed</button>
        <button type="button" onClick={() => run(inMs(600_000))}>10 minutes have passed</button>
      </div>
    </>
  );
}
