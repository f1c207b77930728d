import { Handle, type NodeProps, Position } from "@xyflow/react";
import { Ban, Cable, CircleCheck, Cpu, Database, Network, Route, Server, Share2, Shuffle, SlidersHorizontal, TriangleAlert, Waypoints } from "lucide-react";
import { memo } from "react";
import type { NodeText } from "../../bridge/protocol/calls.ts";
import { footerBox, laneArea, machineBox, organBox, type ControlPlaneOrgan, type FooterPart } from "../../projection/layout/geometry.ts";
import type { NodeRow, Organ, PodRow } from "../../projection/rows/rows.ts";
import { selectsObject } from "../app/selection.ts";
import { usePodIdsOn, useRow, useSession, useTopic } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { useMachinesAreTiles } from "./use-zoom.ts";

const ORIGIN = machineBox(0, 1);
const style = (box: { x: number; y: number; w: number; h: number }) => ({ left: box.x, top: box.y, width: box.w, height: box.h });

/** One machine's card. Its pods are drawn by the pod and cell layers on top of it. */
export const MachineNode = memo(function MachineNode({ data }: NodeProps) {
  const row = useRow((data as { uid: string }).uid);
  return row?.kind === "Node" ? <MachineCard node={row} /> : null;
});

function MachineCard({ node }: { readonly node: NodeRow }) {
  const ref = { kind: "Node", namespace: "", name: node.name };
  const selected = useUi((s) => selectsObject(s.selection, ref));
  const tiles = useMachinesAreTiles();
  const select = (): void => useUi.getState().select({ type: "object", ref });
  return (
    <section className="machine" data-tile={tiles || undefined} data-selected={selected || undefined} data-ready={node.ready} data-control-plane={node.controlPlane || undefined} aria-label={machineLabel(node)}>
      <Handle type="target" position={Position.Top} className="anchor" />
      <button type="button" className="machine-head" onClick={select} aria-pressed={selected}>
        <Server size={15} aria-hidden />
        <span className="machine-name">{node.name}</span>
        <span className="machine-ip mono">{node.ip}</span>
        <MachineState node={node} />
        <RequestBar node={node} />
      </button>
      {node.controlPlane && <ControlPlane node={node} />}
      <div className="bridge" style={{ top: ORIGIN.h - 50 }}>
        <button type="button" className="mono" onClick={() => useUi.getState().select({ type: "object", ref, view: "ip route" })} aria-label={`Bridge cni0 of ${node.name}: ip route`}>{node.podCIDR === "" ? "no pod network" : `cni0 ${bridgeAddress(node.podCIDR)}`}</button>
      </div>
      <footer>
        <FooterChip part="kubelet" icon={<Waypoints size={12} aria-hidden />} label="kubelet" ok={node.ready} onClick={select} />
        <OrganChip node={node} organ="kube-proxy" part="kube-proxy" label="kube-proxy" />
        <OrganChip node={node} organ="cni" part="cni" label="CNI" />
        <Device node={node.name} part="vtep" name="flannel.1" shows="bridge fdb" />
        <Device node={node.name} part="nic" name="eth0" shows="ip addr" />
      </footer>
    </section>
  );
}

/** A network device of the node; opens what the node's tools say about it. */
function Device({ node, part, name, shows }: { readonly node: string; readonly part: "vtep" | "nic"; readonly name: string; readonly shows: NodeText }) {
  const open = (): void => useUi.getState().select({ type: "object", ref: { kind: "Node", namespace: "", name: node }, view: shows });
  return (
    <button type="button" className="device mono" data-part={part} style={style(footerBox(ORIGIN, part))} onClick={open} aria-label={`Device ${name} of ${node}: ${shows}`}>
      {part === "nic" && <Cable size={11} aria-hidden />}{name}
    </button>
  );
}

const machineLabel = (node: NodeRow): string => `${node.name}: ${node.ready ? "Ready" : "not Ready"}${node.unschedulable ? ", cordoned" : ""}, ${node.podCount} pods`;

/** "10.42.1.0/24" → "10.42.1.1". */
const bridgeAddress = (cidr: string): string => cidr.replace(/\.0\/\d+$/, ".1");

function MachineState({ node }: { readonly node: NodeRow }) {
  if (!node.ready) return <span className="badge" data-meaning="failing"><TriangleAlert size={11} aria-hidden />NotReady</span>;
  if (node.unschedulable) return <span className="badge" data-meaning="pending"><Ban size={11} aria-hidden />Cordoned</span>;
  return <span className="badge" data-meaning="ready"><CircleCheck size={11} aria-hidden />Ready</span>;
}

function RequestBar({ node }: { readonly node: NodeRow }) {
  const { cpuMilli: asked } = node.requested;
  const { cpuMilli: total } = node.allocatable;
  const share = total === 0 ? 0 : Math.min(1, asked / total);
  return (
    <span className="request-bar" title={`CPU requested: ${asked / 1000} of ${total / 1000}`}>
      <Cpu size={11} aria-hidden />
      <span className="bar"><span style={{ width: `${share * 100}%` }} /></span>
      <span className="visually-hidden">{`CPU requested: ${asked / 1000} of ${total / 1000}`}</span>
    </span>
  );
}

function FooterChip(props: { readonly part: FooterPart; readonly icon: React.ReactNode; readonly label: string; readonly ok: boolean; readonly onClick: () => void; readonly pod?: PodRow | undefined }) {
  return (
    <button type="button" className="organ-chip" style={style(footerBox(ORIGIN, props.part))} data-meaning={props.pod?.meaning ?? (props.ok ? "ready" : "failing")} onClick={props.onClick}
      aria-label={`${props.label}: ${props.pod?.status ?? (props.ok ? "running" : "not running")}`}>
      {props.icon}
      <span>{props.label}</span>
    </button>
  );
}

/** The pod on a node that is one of its organs. */
function useOrgan(node: string, organ: Organ): PodRow | undefined {
  const { rows } = useSession();
  const ids = usePodIdsOn(node);
  const uid = ids.find((id) => rows.pod(id)?.organ === organ) ?? "";
  return useTopic(`row:${uid}`, (store) => store.pod(uid));
}

const selectPod = (pod: PodRow | undefined): void => {
  if (pod !== undefined) useUi.getState().select({ type: "object", ref: { kind: "Pod", namespace: pod.namespace, name: pod.name } });
};

function OrganChip({ node, organ, part, label }: { readonly node: NodeRow; readonly organ: "kube-proxy" | "cni"; readonly part: FooterPart; readonly label: string }) {
  const pod = useOrgan(node.name, organ);
  const icon = organ === "kube-proxy" ? <Shuffle size={12} aria-hidden /> : <Network size={12} aria-hidden />;
  return <FooterChip part={part} icon={icon} label={label} ok={false} pod={pod} onClick={() => selectPod(pod)} />;
}

const ORGANS: readonly { organ: ControlPlaneOrgan; label: string; icon: typeof Database }[] = [
  { organ: "etcd", label: "etcd", icon: Database },
  { organ: "apiserver", label: "API server", icon: Share2 },
  { organ: "scheduler", label: "scheduler", icon: Route },
  { organ: "controller-manager", label: "controllers", icon: SlidersHorizontal },
];

function ControlPlane({ node }: { readonly node: NodeRow }) {
  return (
    <>
      {ORGANS.map((each) => <ControlPlaneOrganCard key={each.organ} node={node} {...each} />)}
      <WaitingLane />
    </>
  );
}

function ControlPlaneOrganCard({ node, organ, label, icon: Icon }: { readonly node: NodeRow; readonly organ: ControlPlaneOrgan; readonly label: string; readonly icon: typeof Database }) {
  const pod = useOrgan(node.name, organ);
  return (
    <button type="button" className="organ-card" style={style(organBox(ORIGIN, organ))} data-meaning={pod?.meaning ?? "failing"} onClick={() => selectPod(pod)} aria-label={`${label}: ${pod?.status ?? "not running"}`}>
      <Icon size={17} aria-hidden />
      <span>{label}</span>
    </button>
  );
}

/** Pods that have no node yet wait here, below the scheduler. */
function WaitingLane() {
  const waiting = usePodIdsOn("").length;
  const box = laneArea(ORIGIN);
  return (
    <div className="lane" style={style(box)} data-empty={waiting === 0 || undefined}>
      <span className="lane-title">Waiting<br />for a node</span>
      {waiting === 0 ? <span className="lane-none">nobody</span> : <span className="visually-hidden">{waiting} pods wait for a node</span>}
    </div>
  );
}
