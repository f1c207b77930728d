import type { Cause } from "../../engine/kernel/causes.ts";
import { useSession } from "../app/session-hooks.ts";
import { useAnswer } from "../app/use-answer.ts";
import { clockText } from "../timeline/clock-text.ts";

/** Asks the engine why, and shows the chain. */
export function CauseChain({ subject }: { readonly subject: string }) {
  const session = useSession();
  const { value, error } = useAnswer(subject, () => session.call("explain", { subject }));
  if (error !== "") return <p className="none">{error}</p>;
  return value === undefined ? null : <Causes causes={value.causes} />;
}

/** From what began it (top) to what happened (bottom). */
export function Causes({ causes }: { readonly causes: readonly Cause[] }) {
  if (causes.length === 0) return <p className="none">Forgotten, or it was there from the start.</p>;
  return (
    <ol className="causes">
      {[...causes].reverse().map((cause) => <li key={cause.id}><span className="mono since">{clockText(cause.atUs, 3)}</span><span>{cause.label}</span></li>)}
    </ol>
  );
}
