import { Copy, RotateCcw } from "lucide-react";
import type { CrashReport } from "../../bridge/protocol/messages.ts";
import { Dialog } from "./dialog.tsx";
import { useSession } from "./session-hooks.ts";
import { useUi } from "./ui-store.ts";

/** What happened when the engine threw, and the way on. */
export function CrashDialog({ report }: { readonly report: CrashReport }) {
  const session = useSession();
  const restart = (): void => {
    useUi.getState().select(undefined);
    session.restart();
  };
  const text = `${report.message}\nlast command: ${report.lastCommand} (of ${report.commandCount})\nat ${(report.nowMs / 1000).toFixed(3)} s of simulated time\n\n${report.stack}`;
  return (
    <Dialog firm title="The cluster has crashed" lead={<>This is a bug in Kubarium, not something you did wrong. Your files in the editor are untouched. Restarting gives a fresh cluster; apply your files again.</>} onClose={restart}>
      <dl className="facts">
        <dt>What</dt><dd>{report.message}</dd>
        <dt>Last command</dt><dd className="mono">{report.lastCommand}</dd>
        <dt>Simulated time</dt><dd className="mono">{(report.nowMs / 1000).toFixed(3)} s</dd>
      </dl>
      <details className="stack"><summary>Stack</summary><pre tabIndex={0}>{report.stack}</pre></details>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => void navigator.clipboard.writeText(text).then(() => useUi.getState().toast("plain", "Report copied"))}><Copy size={14} aria-hidden />Copy report</button>
        <button type="button" className="button" data-primary onClick={restart}><RotateCcw size={14} aria-hidden />Restart the cluster</button>
      </div>
    </Dialog>
  );
}
