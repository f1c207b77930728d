import { CircleAlert, FileCode2, Play, Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { EditorPaneProps } from "../app/pane-slots.tsx";
import { useFiles } from "../app/files-store.ts";
import { showUnderlines, useMonaco } from "./use-monaco.ts";
import "./editor.css";

/** Files as tabs, Monaco, Apply, and below it what the server said last about this file. */
export function EditorPane({ applyRequest, outcomes }: EditorPaneProps) {
  const { files, active, applied, open, add, remove } = useFiles();
  const [busy, setBusy] = useState(false);
  const host = useRef<HTMLDivElement | null>(null);
  const apply = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      await applyRequest(useFiles.getState().active);
    } finally {
      setBusy(false);
    }
  };
  const editor = useMonaco(host, active, () => void apply());
  const last = outcomes[active];
  useEffect(() => {
    if (last !== undefined) showUnderlines(active, last.flatMap((outcome) => outcome.underlines));
  }, [active, last]);
  const errors = (last ?? []).filter((outcome) => outcome.result === "error");
  const text = files.find((file) => file.name === active)?.text;
  const isChanged = text !== undefined && applied[active] !== undefined && applied[active] !== text;
  const reveal = (line: number, column: number): void => {
    editor.current?.revealLineInCenter(line);
    editor.current?.setPosition({ lineNumber: line, column });
    editor.current?.focus();
  };
  return (
    <div className="editor-pane">
      <div className="editor-head">
        <div className="tabs" role="tablist" aria-label="Files">
          {files.map((file) => (
            <button
              key={file.name} type="button" role="tab" aria-selected={file.name === active} aria-controls="editor-host" onClick={() => open(file.name)}
              onKeyDown={(event) => event.key === "Delete" && files.length > 1 && remove(file.name)}
            >
              <FileCode2 size={13} aria-hidden /> {file.name}
              {file.name === active && isChanged && <span className="changed-dot" role="img" aria-label="changed since it was applied" />}
            </button>
          ))}
        </div>
        {files.length > 1 && <button type="button" className="button" data-icon data-quiet aria-label={`Close ${active}`} title="Close this file" onClick={() => remove(active)}><X size={14} aria-hidden /></button>}
        <button type="button" className="button" data-icon data-quiet aria-label="New file" title="New file" onClick={() => add("untitled.yml")}><Plus size={15} aria-hidden /></button>
        <button type="button" className="button" data-primary disabled={busy || (text ?? "").trim() === ""} title="Ctrl or Cmd + Enter" onClick={() => void apply()}><Play size={13} aria-hidden />Apply</button>
      </div>
      <div id="editor-host" className="editor-host" role="tabpanel" aria-label={`Contents of ${active}`} ref={host} />
      {errors.length > 0 && (
        <ul className="editor-errors" role="alert">
          {errors.map((outcome) => {
            const place = outcome.underlines[0];
            return (
              <li key={`${place?.line}:${outcome.message}`}>
                <CircleAlert size={14} aria-hidden />
                <button type="button" onClick={() => place !== undefined && reveal(place.line, place.column)}>{place === undefined ? "" : <b>Line {place.line}</b>} {outcome.message}</button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
