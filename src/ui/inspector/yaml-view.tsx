import { Copy } from "lucide-react";
import { useMemo } from "react";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import { sameRef } from "../../projection/rows/refs.ts";
import { useFocusDetail } from "../app/session-hooks.ts";
import { useAnswer } from "../app/use-answer.ts";
import { CodeText } from "./code-text.tsx";

/** The live object as `kubectl get -o yaml` would print it, without managedFields. */
export function YamlView({ refTo }: { readonly refTo: ObjectRef }) {
  const focus = useFocusDetail();
  const object = focus !== undefined && sameRef(focus.ref, refTo) ? focus.object : undefined;
  const yaml = useAnswer("yaml", () => import("yaml")).value;
  const text = useMemo(() => {
    if (object === undefined || yaml === undefined) return "";
    const { managedFields: _left, ...metadata } = object.metadata;
    return yaml.stringify({ ...object, metadata }, { lineWidth: 0, indentSeq: false });
  }, [object, yaml]);
  if (object === undefined) return <p className="none">It is gone.</p>;
  return (
    <div className="code-block">
      <button type="button" className="button" data-quiet data-icon aria-label="Copy the YAML" onClick={() => void navigator.clipboard.writeText(text)}><Copy size={14} aria-hidden /></button>
      <CodeText text={text} language="yaml" label="Live object as YAML" />
    </div>
  );
}
