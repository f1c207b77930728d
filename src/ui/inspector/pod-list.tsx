import { memo } from "react";
import { usePod } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { podMeanings } from "../theme/meanings.ts";

/** Lines at most: a long list is a search's work. */
const LINES_MAX = 250;

/** Pods as lines that open them; each line follows its own row. */
export function PodList({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length === 0) return <p className="none">No pods.</p>;
  return (
    <ul className="pod-list">
      {ids.slice(0, LINES_MAX).map((uid) => <PodLine key={uid} uid={uid} />)}
      {ids.length > LINES_MAX && <li className="none">… and {ids.length - LINES_MAX} more</li>}
    </ul>
  );
}

export const PodLine = memo(function PodLine({ uid }: { readonly uid: string }) {
  const pod = usePod(uid);
  if (pod === undefined) return null;
  const { icon: Icon } = podMeanings[pod.meaning];
  return (
    <li data-meaning={pod.meaning}>
      <button type="button" onClick={() => useUi.getState().select({ type: "object", ref: { kind: "Pod", namespace: pod.namespace, name: pod.name } })}>
        <Icon size={14} aria-hidden />
        <span className="line-name">{pod.namespace === "default" ? "" : <small>{pod.namespace}/</small>}{pod.name}</span>
        <span className="line-state">{pod.status}</span>
        <span className="line-ip mono">{pod.ip}</span>
      </button>
    </li>
  );
});
