import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import type { ApplyOutcome } from "../../bridge/kubectl/apply-text.ts";
import type { Session } from "../../bridge/session/session.ts";

/** What the editor pane is handed. The files themselves live in `files-store.ts` (`useFiles`). */
export interface EditorPaneProps {
  readonly session: Session;
  /** Applies the text of a file; the outcomes carry server errors with the field each is about. */
  readonly applyRequest: (file: string) => Promise<readonly ApplyOutcome[]>;
  /** Outcomes of the last apply per file name: what to underline. */
  readonly outcomes: Readonly<Record<string, readonly ApplyOutcome[]>>;
}

/** What the terminal pane is handed. */
export interface TerminalPaneProps {
  readonly session: Session;
}

// A pane is there as soon as its file is: `editor/editor-pane.tsx` exports EditorPane, `terminal/terminal-pane.tsx` exports TerminalPane.
const editorFiles = import.meta.glob<{ EditorPane: ComponentType<EditorPaneProps> }>("../editor/editor-pane.tsx");
const terminalFiles = import.meta.glob<{ TerminalPane: ComponentType<TerminalPaneProps> }>("../terminal/terminal-pane.tsx");

type Slot<P> = LazyExoticComponent<ComponentType<P>> | undefined;

// `?panes=plain`: a text field in place of Monaco and no terminal, for weak machines and for tests of everything else.
const plain = new URLSearchParams(location.search).get("panes") === "plain";
const [loadEditor] = plain ? [] : Object.values(editorFiles);
const [loadTerminal] = plain ? [] : Object.values(terminalFiles);

export const EditorSlot: Slot<EditorPaneProps> = loadEditor && lazy(async () => ({ default: (await loadEditor()).EditorPane }));
export const TerminalSlot: Slot<TerminalPaneProps> = loadTerminal && lazy(async () => ({ default: (await loadTerminal()).TerminalPane }));
