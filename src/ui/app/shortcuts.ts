import { useLayoutEffect } from "react";
import { useSession } from "./session-hooks.ts";
import { useUi } from "./ui-store.ts";

export interface Shortcut {
  readonly keys: string;
  readonly does: string;
}

/** What the help dialog lists. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "Ctrl/⌘ K", does: "Command palette: find a pod, a node, an action" },
  { keys: "Space", does: "Pause and play" },
  { keys: ".", does: "Step one event" },
  { keys: ", ;", does: "Slower, faster" },
  { keys: "S", does: "Send a packet" },
  { keys: "Ctrl/⌘ Enter", does: "Apply the open file" },
  { keys: "← →", does: "Previous and next hop, while a packet is inspected" },
  { keys: "Esc", does: "Close the inspector" },
  { keys: "?", does: "This list" },
];

/** Speeds that the keys and the slider snap to. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100] as const;

const nextSpeed = (speed: number, step: 1 | -1): number => {
  const index = SPEEDS.findIndex((s) => s >= speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (index < 0 ? SPEEDS.length - 1 : index) + step))] ?? 1;
};

const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest(".monaco-editor, .xterm") !== null);

/** Keys that work everywhere but in text fields. */
export function useShortcuts(): void {
  const session = useSession();
  // Before the first picture: whoever sees the page can use its keys.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const ui = useUi.getState();
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        ui.setPalette(!ui.palette);
        return;
      }
      // A dialog that has just closed on this key has prevented the default.
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target) || ui.palette || ui.send !== undefined || ui.help) return;
      const { playing, goal, speed } = session.rows.clock;
      const onButton = event.target instanceof HTMLElement && event.target.closest("button, a, [role=slider], [role=tab]") !== null;
      const act: Readonly<Record<string, () => void>> = {
        ".": () => session.clock({ do: "step" }),
        ",": () => session.clock({ do: "speed", speed: nextSpeed(speed, -1) }),
        ";": () => session.clock({ do: "speed", speed: nextSpeed(speed, 1) }),
        s: () => ui.openSend({}),
        "?": () => ui.setHelp(true),
        Escape: () => ui.select(undefined),
        ...(onButton ? {} : { " ": () => session.clock({ do: playing || goal !== undefined ? "pause" : "play" }) }),
      };
      const run = act[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [session]);
}
