import { Copy } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import { sameRef } from "../../projection/rows/refs.ts";
import { useFocusDetail } from "../app/session-hooks.ts";
import { CodeText } from "./code-text.tsx";

/** The live object as `kubectl get -o yaml` would print it, without managedFields. */
export function YamlView({ refTo }: { readonly refTo: ObjectRef }) {
  const focus = useFocusDetail();
  const object = focus !== undefined && sameRef(focus.ref, refTo) ? focus.object : undefined;
  const [stringify, setStringify] = useState<((value: unknown) => string) | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    void import("yaml").then(({ stringify: print }) => {
      if (wanted) setStringify(() => (value: unknown) => print(value, { lineWidth: 0, indentSeq: false }));
    });
    return () => { wanted = false; };
  }, []);
  const text = useMemo(() => {
    if (object === undefined || stringify === undefined) return "";
    const { managedFields: _left, ...metadata } = object.metadata;
    return stringify({ ...object, metadata });
  }, [object, stringify]);
  if (object === undefined) return <p className="none">It is gone.</p>;
  return (
    <div className="code-block">
      <button type="button" className="button" data-quiet data-icon aria-label="Copy the YAML" onClick={() => void navigator.clipboard.writeText(text)}><Copy size={14} aria-hidden /></button>
      <CodeText text={text} language="yaml" label="Live object as YAML" />
    </div>
  );
}
