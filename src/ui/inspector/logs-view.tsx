import { useEffect, useRef, useState } from "react";
import type { Session } from "../../bridge/session/session.ts";
import type { PodRow } from "../../projection/rows/rows.ts";
import { useSession } from "../app/session-hooks.ts";

/** Characters kept; the oldest lines leave. */
const TEXT_MAX = 200_000;

/** The log of a container as it comes, by the same request that `kubectl logs -f` makes. */
export function LogsView({ pod }: { readonly pod: PodRow }) {
  const [container, setContainer] = useState(pod.containers.find((c) => c.type === "app")?.name ?? "");
  const [previous, setPrevious] = useState(false);
  const chosen = pod.containers.find((c) => c.name === container);
  // A new run of the container is a new log.
  const run = `${container} ${previous} ${chosen?.restarts ?? 0} ${chosen?.state ?? ""}`;
  return (
    <div className="logs">
      <div className="logs-head">
        <label>Container <select className="input" value={container} onChange={(event) => setContainer(event.target.value)}>{pod.containers.map((c) => <option key={c.name}>{c.name}</option>)}</select></label>
        <label className="check"><input type="checkbox" checked={previous} onChange={(event) => setPrevious(event.target.checked)} />previous run</label>
      </div>
      <LogText key={run} path={`/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log`} container={container} previous={previous} />
    </div>
  );
}

type LogState = "waiting" | "open" | "ended" | "refused";

interface LogSource {
  readonly path: string;
  readonly container: string;
  readonly previous: boolean;
}

function LogText({ path, container, previous }: LogSource) {
  const session = useSession();
  const [text, setText] = useState("");
  const [state, setState] = useState<LogState>("waiting");
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    void follow(session, { path, container, previous }, abort.signal, (more) => setText((t) => (t + more).slice(-TEXT_MAX)), setState);
    return () => abort.abort();
  }, [session, path, container, previous]);
  useEffect(() => {
    const element = box.current;
    if (element !== null && element.scrollHeight - element.scrollTop - element.clientHeight < 80) element.scrollTop = element.scrollHeight;
  }, [text]);
  return <pre ref={box} className="code log-text" tabIndex={0} aria-label={`Log of ${container}`} data-state={state}>{text === "" ? <span className="none">{state === "waiting" ? "" : "No lines yet."}</span> : text}</pre>;
}

async function follow(session: Session, { path, container, previous }: LogSource, signal: AbortSignal, add: (text: string) => void, setState: (state: LogState) => void): Promise<void> {
  const say = (text: string, state: LogState): void => {
    if (signal.aborted) return;
    add(text);
    setState(state);
  };
  try {
    const answer = await session.request({ method: "GET", path, query: { container, ...(previous ? { previous: "true" } : { follow: "true" }) } });
    if (answer.status >= 400) return say((answer.body as { message?: string } | undefined)?.message ?? `the server answered ${answer.status}`, "refused");
    if (answer.stream === undefined) return say(typeof answer.body === "string" ? answer.body : "", "ended");
    const { stream } = answer;
    if (signal.aborted) return stream.close();
    signal.addEventListener("abort", () => stream.close(), { once: true });
    setState("open");
    stream.listen({ chunk: (chunk) => { if (typeof chunk === "string") say(chunk, "open"); }, end: () => say("", "ended") });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), "refused");
  }
}
