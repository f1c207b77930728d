import { FileCode2, Play, Plus } from "lucide-react";
import { useState } from "react";
import type { ApplyOutcome } from "../../bridge/kubectl/apply-text.ts";
import { useFiles } from "./files-store.ts";

/** Tabs, a text field and Apply: what the editor is before Monaco has loaded. */
export function PlainEditor({ applyRequest, outcomes }: { readonly applyRequest: (file: string) => Promise<readonly ApplyOutcome[]>; readonly outcomes: Readonly<Record<string, readonly ApplyOutcome[]>> }) {
  const { files, active, open, write, add } = useFiles();
  const [busy, setBusy] = useState(false);
  const file = files.find((f) => f.name === active);
  const apply = async (): Promise<void> => {
    setBusy(true);
    await applyRequest(active);
    setBusy(false);
  };
  const errors = (outcomes[active] ?? []).filter((o) => o.result === "error");
  return (
    <div className="plain-editor">
      <div className="editor-head">
        <div className="tabs" role="tablist" aria-label="Files">
          {files.map((f) => <button key={f.name} type="button" role="tab" aria-selected={f.name === active} aria-controls="plain-editor-text" onClick={() => open(f.name)}><FileCode2 size={13} aria-hidden /> {f.name}</button>)}
        </div>
        <button type="button" className="button" data-icon data-quiet aria-label="New file" onClick={() => add("untitled.yml")}><Plus size={15} aria-hidden /></button>
        <button type="button" className="button" data-primary disabled={busy || file === undefined} onClick={() => void apply()}><Play size={13} aria-hidden />Apply</button>
      </div>
      <div role="tabpanel" id="plain-editor-text" aria-label={active} className="plain-text">
      <textarea
        className="mono" spellCheck={false} value={file?.text ?? ""} aria-label={`Contents of ${active}`}
        onChange={(event) => write(active, event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void apply();
          }
        }}
      />
      </div>
      {errors.length > 0 && <ul className="editor-errors" role="alert">{errors.map((e) => <li key={`${e.underlines[0]?.line} ${e.message}`}>{e.message}</li>)}</ul>}
    </div>
  );
}
