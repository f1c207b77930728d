import { CornerDownLeft } from "lucide-react";
import { memo } from "react";
import { useSessionState, useTopic } from "../app/session-hooks.ts";

/** What to do first, as long as nothing of the reader's own runs. */
export const FirstHint = memo(function FirstHint() {
  const running = useSessionState().phase === "running";
  const alone = useTopic("list:Pod", (rows) => rows.list("Pod").every((p) => p.namespace.startsWith("kube-")));
  if (!running || !alone) return null;
  return (
    <p className="first-hint">
      Nothing of yours runs here yet. Apply the manifest on the left <kbd>Ctrl</kbd> <kbd><CornerDownLeft size={11} aria-label="Enter" /></kbd> and watch.
    </p>
  );
});
