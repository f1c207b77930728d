import { Send } from "lucide-react";
import { useId, useMemo, useState } from "react";
import type { SendSource } from "../../engine/network/contracts.ts";
import { Dialog } from "./dialog.tsx";
import { useSession } from "./session-hooks.ts";
import { useUi } from "./ui-store.ts";

const OUTSIDE = "outside";

/** From whom, to where; the packet then travels over the map. */
export function SendDialog({ initial }: { readonly initial: { readonly from?: SendSource; readonly to?: string } }) {
  const session = useSession();
  const { rows } = session;
  const ids = { from: useId(), to: useId(), list: useId(), hint: useId() };
  const pods = useMemo(() => rows.list("Pod").filter((p) => p.ip !== "" && !p.hostNetwork && p.meaning !== "terminating"), [rows]);
  const mine = pods.filter((p) => !p.namespace.startsWith("kube-"));
  const [from, setFrom] = useState(() => textOf(initial.from) ?? (mine[0] === undefined ? OUTSIDE : `pod ${mine[0].namespace}/${mine[0].name}`));
  const suggestions = useMemo(() => suggestTargets(rows.list("Service"), pods, rows.list("Node")[1]?.ip ?? ""), [rows, pods]);
  const [to, setTo] = useState(initial.to ?? suggestions[0]?.value ?? "");
  const [method, setMethod] = useState("GET");
  const [problem, setProblem] = useState("");
  const close = (): void => useUi.getState().openSend(undefined);

  const send = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const target = to.trim();
    if (target === "") {
      setProblem("Where to? For example http://web or 10.42.1.5:80/tcp.");
      return;
    }
    try {
      if (!rows.clock.playing) session.clock({ do: "play" });
      const id = await session.call("send", { from: sourceOf(from), to: /^[a-z]+:\/\//.test(target) || /\/(tcp|udp)$/.test(target) ? target : `http://${target}`, method });
      useUi.getState().select({ type: "trace", id, walk: 0, hop: 0, follow: true });
      close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <Dialog title="Send a packet" lead="It takes the same way as in a real cluster: DNS look-up, handshake, rules, wires. Click it on its way." onClose={close}>
      <form className="send-form" onSubmit={(event) => void send(event)}>
        <div className="field">
          <label htmlFor={ids.from}>From</label>
          <select id={ids.from} className="input" value={from} onChange={(event) => setFrom(event.target.value)}>
            <option value={OUTSIDE}>outside the cluster</option>
            {mine.length > 0 && <optgroup label="Pods">{mine.map((p) => <option key={p.uid} value={`pod ${p.namespace}/${p.name}`}>{p.namespace === "default" ? "" : `${p.namespace}/`}{p.name}</option>)}</optgroup>}
            <optgroup label="Nodes">{rows.list("Node").slice(0, 200).map((n) => <option key={n.uid} value={`node ${n.name}`}>{n.name}</option>)}</optgroup>
            <optgroup label="System pods">{pods.filter((p) => p.namespace.startsWith("kube-")).map((p) => <option key={p.uid} value={`pod ${p.namespace}/${p.name}`}>{p.namespace}/{p.name}</option>)}</optgroup>
          </select>
        </div>
        <div className="send-target">
          <div className="field method">
            <label htmlFor={`${ids.to}-method`}>Method</label>
            <select id={`${ids.to}-method`} className="input" value={method} onChange={(event) => setMethod(event.target.value)}>{["GET", "POST", "PUT", "DELETE"].map((m) => <option key={m}>{m}</option>)}</select>
          </div>
          <div className="field">
            <label htmlFor={ids.to}>To</label>
            <input id={ids.to} className="input mono" list={ids.list} value={to} onChange={(event) => setTo(event.target.value)} placeholder="http://web" spellCheck={false} autoComplete="off" aria-describedby={ids.hint} />
            <datalist id={ids.list}>{suggestions.map((s) => <option key={s.value} value={s.value}>{s.label}</option>)}</datalist>
          </div>
        </div>
        <p id={ids.hint} className="hint">A Service name, a URL, <code>10.42.1.5:80/tcp</code>, <code>10.96.0.10:53/udp</code> or <code>icmp://10.42.1.5</code>.</p>
        {suggestions.length > 0 && <div className="chips" role="group" aria-label="Targets">{suggestions.slice(0, 6).map((s) => <button key={s.value} type="button" className="button" aria-pressed={to === s.value} onClick={() => setTo(s.value)}>{s.label}</button>)}</div>}
        {problem !== "" && <p className="problem" role="alert">{problem}</p>}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={close}>Cancel</button>
          <button type="submit" className="button" data-primary><Send size={14} aria-hidden />Send</button>
        </div>
      </form>
    </Dialog>
  );
}

function textOf(source: SendSource | undefined): string | undefined {
  if (source === undefined) return undefined;
  if ("pod" in source) return `pod ${source.pod}`;
  return "node" in source ? `node ${source.node}` : OUTSIDE;
}

function sourceOf(text: string): SendSource {
  if (text.startsWith("pod ")) return { pod: text.slice(4) };
  return text.startsWith("node ") ? { node: text.slice(5) } : { external: true };
}

interface Target {
  readonly value: string;
  readonly label: string;
}

/** Services first (by name, as a pod would ask), then node ports, then pods by address. */
function suggestTargets(
  services: readonly { readonly namespace: string; readonly name: string; readonly ports: readonly { readonly port: number; readonly protocol: string; readonly nodePort: number | undefined }[] }[],
  pods: readonly { readonly namespace: string; readonly name: string; readonly ip: string }[], nodeIp: string,
): Target[] {
  const targets: Target[] = [];
  for (const s of services) {
    const port = s.ports.find((p) => p.protocol === "TCP");
    if (port === undefined || s.namespace.startsWith("kube-") || s.name === "kubernetes") continue;
    const host = s.namespace === "default" ? s.name : `${s.name}.${s.namespace}`;
    targets.push({ value: `http://${host}${port.port === 80 ? "" : `:${port.port}`}`, label: `Service ${host}` });
    if (port.nodePort !== undefined && nodeIp !== "") targets.push({ value: `http://${nodeIp}:${port.nodePort}`, label: `${s.name} by node port ${port.nodePort}` });
  }
  for (const p of pods) if (!p.namespace.startsWith("kube-")) targets.push({ value: `http://${p.ip}`, label: `Pod ${p.name}` });
  return targets;
}
