import { useEffect, useRef, useState } from "react";
import type { PodRow } from "../../projection/rows/rows.ts";
import { useSession } from "../app/session-hooks.ts";

/** Characters kept; the oldest lines leave. */
const TEXT_MAX = 200_000;

/** The log of a container as it comes, by the same request that `kubectl logs -f` makes. */
export function LogsView({ pod }: { readonly pod: PodRow }) {
  const session = useSession();
  const [container, setContainer] = useState(pod.containers.find((c) => c.type === "app")?.name ?? "");
  const [previous, setPrevious] = useState(false);
  const [text, setText] = useState("");
  const [state, setState] = useState<"waiting" | "open" | "ended" | "refused">("waiting");
  const box = useRef<HTMLPreElement>(null);
  const chosen = pod.containers.find((c) => c.name === container);
  // A new run of the container is a new log.
  const run = `${chosen?.restarts ?? 0} ${chosen?.state ?? ""}`;
  useEffect(() => {
    let wanted = true;
    let close = (): void => {};
    setText("");
    setState("waiting");
    const query = { container, ...(previous ? { previous: "true" } : { follow: "true" }) };
    session.request({ method: "GET", path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log`, query }).then((answer) => {
      if (!wanted) {
        answer.stream?.close();
        return;
      }
      if (answer.status >= 400) {
        setState("refused");
        setText((answer.body as { message?: string } | undefined)?.message ?? `the server answered ${answer.status}`);
        return;
      }
      if (typeof answer.body === "string") setText(answer.body);
      setState(answer.stream === undefined ? "ended" : "open");
      close = () => answer.stream?.close();
      answer.stream?.listen({ chunk: (chunk) => { if (wanted && typeof chunk === "string") setText((t) => (t + chunk).slice(-TEXT_MAX)); }, end: () => { if (wanted) setState("ended"); } });
    }, (error: unknown) => {
      if (wanted) setText(String(error));
    });
    return () => {
      wanted = false;
      close();
    };
  }, [session, pod.namespace, pod.name, container, previous, run]);
  useEffect(() => {
    const element = box.current;
    if (element !== null && element.scrollHeight - element.scrollTop - element.clientHeight < 80) element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <div className="logs">
      <div className="logs-head">
        <label>Container <select className="input" value={container} onChange={(event) => setContainer(event.target.value)}>{pod.containers.map((c) => <option key={c.name}>{c.name}</option>)}</select></label>
        <label className="check"><input type="checkbox" checked={previous} onChange={(event) => setPrevious(event.target.checked)} />previous run</label>
      </div>
      <pre ref={box} className="code log-text" tabIndex={0} aria-label={`Log of ${container}`} data-state={state}>{text === "" ? <span className="none">{state === "waiting" ? "" : "No lines yet."}</span> : text}</pre>
    </div>
  );
}
