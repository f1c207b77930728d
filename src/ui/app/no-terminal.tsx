import { SquareTerminal } from "lucide-react";

/** Says honestly that there is no terminal in this build. */
export function NoTerminal() {
  return (
    <div className="pane-empty">
      <SquareTerminal size={22} aria-hidden />
      <p>The terminal is not part of this build.</p>
    </div>
  );
}
