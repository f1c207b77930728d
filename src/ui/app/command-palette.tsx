import { Command } from "cmdk";
import { Box, Moon, Pause, Play, Send, Server, Split, StepForward, Workflow } from "lucide-react";
import { useSession } from "./session-hooks.ts";
import { useUi } from "./ui-store.ts";
import { useFiles } from "./files-store.ts";

/** Pods offered; typing narrows the whole list first. */
const OBJECTS_MAX = 400;

/** Find anything by name or address, or do anything by its name. */
export function CommandPalette() {
  const session = useSession();
  const { rows } = session;
  const ui = useUi();
  const files = useFiles((s) => s.files);
  const openFile = useFiles((s) => s.open);
  const close = (): void => ui.setPalette(false);
  const run = (action: () => void) => (): void => {
    close();
    action();
  };
  const open = (kind: string, namespace: string, name: string) => run(() => ui.select({ type: "object", ref: { kind, namespace, name } }));
  return (
    <Command.Dialog open onOpenChange={(isOpen) => { if (!isOpen) close(); }} label="Command palette" overlayClassName="overlay" contentClassName="palette">
      <Command.Input placeholder="A pod, a node, a Service, an IP, an action…" aria-label="Search" />
      <Command.List>
        <Command.Empty>Nothing of that name.</Command.Empty>
        <Command.Group heading="Actions">
          <Command.Item onSelect={run(() => ui.openSend({}))}><Send size={14} aria-hidden />Send a packet</Command.Item>
          <Command.Item onSelect={run(() => session.clock({ do: rows.clock.playing ? "pause" : "play" }))}>{rows.clock.playing ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}{rows.clock.playing ? "Pause" : "Play"}</Command.Item>
          <Command.Item onSelect={run(() => session.clock({ do: "step" }))}><StepForward size={14} aria-hidden />Step one event</Command.Item>
          <Command.Item onSelect={run(() => session.clock({ do: "run-until", goal: { kind: "event" } }))}><StepForward size={14} aria-hidden />Run until the next Event</Command.Item>
          <Command.Item onSelect={run(() => ui.setTheme(document.documentElement.dataset["theme"] === "dark" ? "light" : "dark"))}><Moon size={14} aria-hidden />Switch between light and dark</Command.Item>
          {files.map((f) => <Command.Item key={f.name} onSelect={run(() => openFile(f.name))}><Workflow size={14} aria-hidden />Open {f.name}</Command.Item>)}
        </Command.Group>
        <Command.Group heading="Services">{rows.list("Service").map((s) => <Command.Item key={s.uid} value={`service ${s.namespace}/${s.name} ${s.clusterIP}`} onSelect={open("Service", s.namespace, s.name)}><Split size={14} aria-hidden />{s.name}<span className="mono">{s.namespace} · {s.clusterIP}</span></Command.Item>)}</Command.Group>
        <Command.Group heading="Nodes">{rows.list("Node").slice(0, OBJECTS_MAX).map((n) => <Command.Item key={n.uid} value={`node ${n.name} ${n.ip}`} onSelect={open("Node", "", n.name)}><Server size={14} aria-hidden />{n.name}<span className="mono">{n.ip}</span></Command.Item>)}</Command.Group>
        <Command.Group heading="Workloads">{[...rows.list("Deployment"), ...rows.list("DaemonSet")].map((w) => <Command.Item key={w.uid} value={`${w.kind} ${w.namespace}/${w.name}`} onSelect={open(w.kind, w.namespace, w.name)}><Workflow size={14} aria-hidden />{w.name}<span className="mono">{w.kind} · {w.namespace}</span></Command.Item>)}</Command.Group>
        <Command.Group heading="Pods">{rows.list("Pod").slice(0, OBJECTS_MAX).map((p) => <Command.Item key={p.uid} value={`pod ${p.namespace}/${p.name} ${p.ip}`} onSelect={open("Pod", p.namespace, p.name)}><Box size={14} aria-hidden />{p.name}<span className="mono">{p.namespace} · {p.ip === "" ? p.status : p.ip}</span></Command.Item>)}</Command.Group>
      </Command.List>
    </Command.Dialog>
  );
}
