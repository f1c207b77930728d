import "@xyflow/react/dist/base.css";
import "./canvas.css";
import { Background, BackgroundVariant, type Edge, type EdgeTypes, type Node, type NodeTypes, ReactFlow, ReactFlowProvider, useReactFlow, ViewportPortal } from "@xyflow/react";
import { LazyMotion, MotionConfig } from "framer-motion";
import { memo, useCallback, useEffect, useMemo, useRef } from "react";
import { columnsFor, gridWidth, MACHINE_HEIGHT, MACHINE_WIDTH, machineBox, outsideBox, ROW_GAP, serviceBox, trunkX, worldBounds } from "../../projection/layout/geometry.ts";
import { useList, useSession, useTopic } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { CanvasToolbar } from "./canvas-toolbar.tsx";
import { CellLayer } from "./cell-layer.tsx";
import { EndpointThreads } from "./endpoint-threads.tsx";
import { MachineNode } from "./machine-node.tsx";
import { OutsideNode } from "./outside-node.tsx";
import { PacketLayer } from "./packets/packet-layer.tsx";
import { PodLayer } from "./pod-layer.tsx";
import { ServiceNode } from "./service-node.tsx";
import { podAt } from "./hit-test.ts";
import { WireNode } from "./wire-node.tsx";

const nodeTypes: NodeTypes = { machine: MachineNode, service: ServiceNode, outside: OutsideNode, wire: WireNode };
const edgeTypes: EdgeTypes = { threads: EndpointThreads };
const loadMotion = () => import("./motion-features.ts").then((m) => m.domAnimation);
/** React Flow holds at most this many things; more machines than that are drawn as cells only. */
const FLOW_BUDGET = 600;

/** The cluster map: machines, Services and threads by React Flow, pods and packets in layers of their own. */
export const ClusterCanvas = memo(function ClusterCanvas() {
  return (
    <ReactFlowProvider>
      <LazyMotion features={loadMotion} strict>
        <MotionConfig reducedMotion="user">
          <Stage />
        </MotionConfig>
      </LazyMotion>
    </ReactFlowProvider>
  );
});

function Stage() {
  const session = useSession();
  const nodes = useFlowNodes();
  const edges = useFlowEdges();
  const flow = useReactFlow();
  const bounds = useBounds();
  const moved = useRef(false);
  const host = useRef<HTMLDivElement>(null);

  const fit = useCallback((duration: number) => {
    moved.current = false;
    void flow.fitBounds({ x: bounds.x, y: bounds.y, width: bounds.w, height: bounds.h }, { padding: 0.025, duration });
  }, [flow, bounds]);

  // Fits again when the world grows or the pane changes, until somebody takes the camera into their own hands.
  useEffect(() => {
    if (!moved.current) fit(300);
  }, [fit]);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (!moved.current) fit(0);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [fit]);

  const selectAt = (event: React.MouseEvent): void => {
    const pod = podAt(session.rows, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
    useUi.getState().select(pod === undefined ? undefined : { type: "object", ref: { kind: "Pod", namespace: pod.namespace, name: pod.name } });
  };

  return (
    <div className="stage" ref={host}>
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes}
        nodesDraggable={false} nodesConnectable={false} elementsSelectable={false} nodesFocusable={false} edgesFocusable={false}
        minZoom={0.04} maxZoom={2.5} zoomOnDoubleClick={false} onlyRenderVisibleElements deleteKeyCode={null} disableKeyboardA11y
        onPaneClick={selectAt} onMove={(event) => { if (event !== null) moved.current = true; }}
        aria-label="Cluster map"
      >
        <Background variant={BackgroundVariant.Dots} gap={26} size={1.4} className="stage-dots" />
        <ViewportPortal>
          <PodLayer />
        </ViewportPortal>
        <CellLayer />
        <PacketLayer />
        <CanvasToolbar fit={() => fit(300)} />
      </ReactFlow>
    </div>
  );
}

function useBounds() {
  const machines = useTopic("list:Node", (rows) => rows.list("Node").length);
  const services = useTopic("list:Service", (rows) => rows.list("Service").reduce((max, s) => Math.max(max, s.slot + 1), 0));
  return useMemo(() => worldBounds(machines, services), [machines, services]);
}

/** Only who is there and where matters here: the cards follow their own rows. */
function useFlowNodes(): Node[] {
  const { rows: store } = useSession();
  const machineKey = useTopic("list:Node", (rows) => rows.list("Node").map((n) => `${n.uid}@${n.cell}`).join(" "));
  const serviceKey = useTopic("list:Service", (rows) => rows.list("Service").map((s) => `${s.uid}@${s.slot}`).join(" "));
  const hidden = useUi((s) => s.hiddenNamespaces);
  return useMemo(() => {
    const machines = store.list("Node");
    const services = store.list("Service");
    const columns = columnsFor(machines.length);
    const outside = outsideBox(columns);
    const rows = Math.max(1, Math.ceil(machines.length / columns));
    const fixed = { draggable: false, selectable: false } as const;
    return [
      { ...fixed, id: "wire", type: "wire", zIndex: -1, position: { x: trunkX - 10, y: outside.y }, width: gridWidth(columns) - trunkX + 10, height: rows * (MACHINE_HEIGHT + ROW_GAP) - outside.y, data: { columns, rows } },
      { ...fixed, id: "outside", type: "outside", position: { x: outside.x, y: outside.y }, width: outside.w, height: outside.h, data: {} },
      ...machines.slice(0, FLOW_BUDGET).map((m) => {
        const { x, y } = machineBox(m.cell, columns);
        return { ...fixed, id: `node:${m.name}`, type: "machine", position: { x, y }, width: MACHINE_WIDTH, height: MACHINE_HEIGHT, data: { uid: m.uid } };
      }),
      ...services.filter((s) => !hidden.has(s.namespace)).map((s) => {
        const { x, y, w, h } = serviceBox(s.slot, columns);
        return { ...fixed, id: `service:${s.uid}`, type: "service", position: { x, y }, width: w, height: h, data: { uid: s.uid } };
      }),
    ];
    // The keys stand for the lists.
  }, [store, machineKey, serviceKey, hidden]);
}

const SYSTEM = /^kube-/;

/** One edge per Service and machine; it draws a thread to each endpoint there. */
function useFlowEdges(): Edge[] {
  const services = useList("Service");
  const shown = useUi((s) => s.layers.services);
  const selection = useUi((s) => s.selection);
  const hovered = useUi((s) => s.hovered);
  const hidden = useUi((s) => s.hiddenNamespaces);
  return useMemo(() => services.flatMap((service) => {
    if (hidden.has(service.namespace)) return [];
    const chosen = hovered === service.uid || (selection?.type === "object" && selection.ref.kind === "Service" && selection.ref.name === service.name && selection.ref.namespace === service.namespace);
    if (!chosen && (!shown || SYSTEM.test(service.namespace))) return [];
    const nodes = [...new Set(service.endpoints.map((e) => e.node).filter((n) => n !== ""))];
    return nodes.map((node) => ({
      id: `threads:${service.uid}:${node}`, type: "threads", source: `service:${service.uid}`, target: `node:${node}`, zIndex: 1, selectable: false, focusable: false,
      data: { service: service.uid, node, chosen },
    }));
  }), [services, shown, selection, hovered, hidden]);
}
