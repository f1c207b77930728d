import { lazy, memo, Suspense, useCallback, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import type { ApplyOutcome } from "../../bridge/kubectl/apply-text.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { useFiles } from "./files-store.ts";
import { EditorSlot, TerminalSlot } from "./pane-slots.tsx";
import { PlainEditor } from "./plain-editor.tsx";
import { usePictureShown } from "./use-picture-shown.ts";
import { useSession } from "./session-hooks.ts";
import { useStoredLayout } from "./stored-layout.ts";
import { useUi } from "./ui-store.ts";

const NoTerminal = lazy(() => import("./no-terminal.tsx").then((m) => ({ default: m.NoTerminal })));

/** Editor above, terminal below. Until Monaco is there, a plain text field does the editor's work. */
export const LeftPane = memo(function LeftPane() {
  const session = useSession();
  const [outcomes, setOutcomes] = useState<Readonly<Record<string, readonly ApplyOutcome[]>>>({});
  const layout = useStoredLayout("left");
  const applyRequest = useCallback(async (file: string): Promise<readonly ApplyOutcome[]> => {
    const { files, markApplied } = useFiles.getState();
    const text = files.find((f) => f.name === file)?.text ?? "";
    let result: readonly ApplyOutcome[];
    try {
      const { applyText } = await import("../../bridge/kubectl/apply-text.ts");
      result = await applyText(session, text, file);
    } catch (error) {
      useUi.getState().toast("bad", error instanceof Error ? error.message : String(error));
      return [];
    }
    setOutcomes((before) => ({ ...before, [file]: result }));
    if (result.every((o) => o.result !== "error")) markApplied(file);
    for (const outcome of result) {
      if (outcome.result === "error") useUi.getState().toast("bad", outcome.message);
      else useUi.getState().toast("good", `${outcome.subject} ${outcome.result}`);
    }
    if (result.length === 0) useUi.getState().toast("bad", "error: no objects passed to apply");
    return result;
  }, [session]);
  const shown = usePictureShown();
  const plain = <PlainEditor applyRequest={applyRequest} outcomes={outcomes} />;
  return (
    <Group orientation="vertical" {...layout}>
      <Panel id="editor" defaultSize="58%" minSize={120} className="pane" role="region" aria-label="Editor">
        <ErrorBoundary what="The editor">
          {EditorSlot === undefined || !shown ? plain : <Suspense fallback={plain}><EditorSlot session={session} applyRequest={applyRequest} outcomes={outcomes} /></Suspense>}
        </ErrorBoundary>
      </Panel>
      <Separator className="separator" aria-label="Border between editor and terminal" />
      <Panel id="terminal" minSize={80} className="pane" role="region" aria-label="Terminal">
        <ErrorBoundary what="The terminal">
          <Suspense fallback={<div className="pane-loading" />}>{TerminalSlot === undefined ? <NoTerminal /> : shown ? <TerminalSlot session={session} /> : <div className="pane-loading" />}</Suspense>
        </ErrorBoundary>
      </Panel>
    </Group>
  );
});
