import { type RefObject, useEffect, useRef } from "react";
import type { Underline } from "../../bridge/kubectl/apply-text.ts";
import { useFiles } from "../app/files-store.ts";
import { useUi } from "../app/ui-store.ts";
import { monaco } from "./monaco.ts";
import { applyEditorTheme } from "./theme.ts";

const SERVER = "server";
/** A paste larger than what the server takes is refused before Monaco chokes on it. */
const MAX_CHARACTERS = 3 * 1024 * 1024;

/** A model per file, kept in step with the files store in both directions. */
function modelFor(name: string): monaco.editor.ITextModel {
  const uri = monaco.Uri.parse(`file:///manifests/${encodeURIComponent(name)}${/\.ya?ml$/.test(name) ? "" : ".yaml"}`);
  const text = useFiles.getState().files.find((file) => file.name === name)?.text ?? "";
  const model = monaco.editor.getModel(uri) ?? monaco.editor.createModel(text, "yaml", uri);
  if (model.getValue() !== text) model.setValue(text);
  return model;
}

/** Mounts Monaco into the host element and shows the active file. */
export function useMonaco(host: RefObject<HTMLDivElement | null>, active: string, onApply: () => void): RefObject<monaco.editor.IStandaloneCodeEditor | undefined> {
  const editorRef = useRef<monaco.editor.IStandaloneCodeEditor | undefined>(undefined);
  const applyRef = useRef(onApply);
  useEffect(() => {
    applyRef.current = onApply;
  });
  const theme = useUi((state) => state.theme);

  useEffect(() => {
    if (host.current === null) return;
    applyEditorTheme();
    const editor = monaco.editor.create(host.current, {
      automaticLayout: true,
      minimap: { enabled: false },
      fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
      fontSize: 13,
      lineHeight: 20,
      padding: { top: 8, bottom: 8 },
      scrollBeyondLastLine: false,
      tabSize: 2,
      wordBasedSuggestions: "off",
      quickSuggestions: { other: true, strings: true, comments: false },
      fixedOverflowWidgets: true,
      ariaLabel: "Manifest editor. Press Control or Command and Enter to apply.",
      renderWhitespace: "none",
      guides: { indentation: true },
      stickyScroll: { enabled: false },
      lineNumbersMinChars: 3,
      folding: true,
      occurrencesHighlight: "off",
    });
    editorRef.current = editor;
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => applyRef.current());
    return () => {
      editor.dispose();
      editorRef.current = undefined;
    };
  }, [host]);

  useEffect(() => {
    const observer = new MutationObserver(applyEditorTheme);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    applyEditorTheme();
    return () => observer.disconnect();
  }, [theme]);

  useEffect(() => {
    const editor = editorRef.current;
    if (editor === undefined || active === "") return;
    const model = modelFor(active);
    editor.setModel(model);
    const stopFromEditor = model.onDidChangeContent((event) => {
      if (model.getValueLength() > MAX_CHARACTERS) {
        useUi.getState().toast("bad", `That text has ${(model.getValueLength() / 1024 / 1024).toFixed(1)} MiB; the API server takes at most 3 MiB at once. It was taken out again.`);
        queueMicrotask(() => editor.trigger("limit", "undo", null));
        return;
      }
      useFiles.getState().write(active, model.getValue());
      forgetMarkers(model, event.changes.map((change) => change.range));
    });
    const stopFromStore = useFiles.subscribe((state) => {
      const text = state.files.find((file) => file.name === active)?.text;
      if (text !== undefined && text !== model.getValue()) model.setValue(text);
    });
    return () => {
      stopFromEditor.dispose();
      stopFromStore();
    };
  }, [active, host]);

  return editorRef;
}

/** What the server objected to, where it stands. */
export function showUnderlines(name: string, underlines: readonly Underline[]): void {
  const model = modelFor(name);
  monaco.editor.setModelMarkers(model, SERVER, underlines.map(({ line, column, endColumn, message }) => ({
    severity: monaco.MarkerSeverity.Error, source: "Kubernetes", message,
    startLineNumber: line, endLineNumber: line, startColumn: column, endColumn: Math.min(endColumn, model.getLineCount() >= line ? model.getLineMaxColumn(line) : endColumn),
  })));
}

/** An edited line is no longer what the server spoke of. */
function forgetMarkers(model: monaco.editor.ITextModel, ranges: readonly monaco.IRange[]): void {
  const kept = monaco.editor.getModelMarkers({ owner: SERVER, resource: model.uri }).filter((marker) => !ranges.some((range) => range.startLineNumber <= marker.endLineNumber && range.endLineNumber >= marker.startLineNumber));
  monaco.editor.setModelMarkers(model, SERVER, kept);
}
