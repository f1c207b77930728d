import "@xyflow/react/dist/base.css";
import "./canvas.css";
import { Background, BackgroundVariant, type Edge, type EdgeTypes, type Node, type NodeTypes, ReactFlow, ReactFlowProvider, useReactFlow, useStoreApi, ViewportPortal } from "@xyflow/react";
import { LazyMotion, MotionConfig } from "framer-motion";
import { memo, useCallback, useEffect, useMemo, useRef } from "react";
import { columnsFor, gridWidth, MACHINE_HEIGHT, MACHINE_WIDTH, machineBox, outsideBox, ROW_GAP, serviceBox, trunkX, worldBounds } from "../../projection/layout/geometry.ts";
import { useSession, useTopic } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { CanvasToolbar } from "./canvas-toolbar.tsx";
import { CellLayer } from "./cell-layer.tsx";
import { EndpointThreads } from "./endpoint-threads.tsx";
import { MachineNode } from "./machine-node.tsx";
import { OutsideNode } from "./outside-node.tsx";
import { PacketLayer } from "./packets/packet-layer.tsx";
import { PodLayer } from "./pod-layer.tsx";
import { ServiceNode } from "./service-node.tsx";
import { objectAt } from "./hit-test.ts";
import { FirstHint } from "./first-hint.tsx";
import { useCardList } from "./use-card-list.ts";
import { WireNode } from "./wire-node.tsx";

const nodeTypes: NodeTypes = { machine: MachineNode, service: ServiceNode, outside: OutsideNode, wire: WireNode };
const edgeTypes: EdgeTypes = { threads: EndpointThreads };
const loadMotion = () => import("./motion-features.ts").then((m) => m.domAnimation);
/** React Flow holds at most this many things; more machines than that are drawn as cells only. */
const FLOW_BUDGET = 600;
/** Screen px around the world when it is fitted; the tools lie over the lower edge. */
const INSET_PX = 10;
const TOOLS_PX = 48;
const FIT_ZOOM_MAX = 1.3;

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
  const store = useStoreApi();
  const bounds = useBounds();
  const cards = useCardList();
  const moved = useRef(false);
  const host = useRef<HTMLDivElement>(null);

  const fit = useCallback((duration: number) => {
    moved.current = false;
    const { width, height } = store.getState();
    if (width === 0 || height === 0) return;
    const zoom = Math.min(FIT_ZOOM_MAX, (width - 2 * INSET_PX) / bounds.w, (height - INSET_PX - TOOLS_PX) / bounds.h);
    const x = (width - bounds.w * zoom) / 2 - bounds.x * zoom;
    const y = INSET_PX + Math.max(0, (height - INSET_PX - TOOLS_PX - bounds.h * zoom) / 2) - bounds.y * zoom;
    void flow.setViewport({ x, y, zoom }, { duration });
  }, [flow, store, bounds]);

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
    const ref = objectAt(session.rows, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
    useUi.getState().select(ref && { type: "object", ref });
  };

  return (
    <div className="stage" ref={host}>
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes}
        nodesDraggable={false} nodesConnectable={false} elementsSelectable={false} nodesFocusable={false} edgesFocusable={false}
        minZoom={Math.max(0.03, Math.min(0.3, 280 / bounds.w))} maxZoom={2.5} zoomOnDoubleClick={false} onlyRenderVisibleElements deleteKeyCode={null} disableKeyboardA11y
        onPaneClick={selectAt} onMove={(event) => { if (event !== null) moved.current = true; }}
        aria-label="Cluster map"
      >
        <Background variant={BackgroundVariant.Dots} gap={26} size={1.4} className="stage-dots" />
        <ViewportPortal>
          <PodLayer cards={cards} />
        </ViewportPortal>
        <CellLayer cards={cards} />
        <PacketLayer />
        <CanvasToolbar fit={() => fit(300)} />
        <FirstHint />
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
  const machineKey = useTopic("list:Node", (rows) => rows.list("Node").map((n) => `${n.uid} ${n.cell} ${n.name}`).join("\n"));
  const serviceKey = useTopic("list:Service", (rows) => rows.list("Service").map((s) => `${s.uid} ${s.slot} ${s.namespace}`).join("\n"));
  const hidden = useUi((s) => s.hiddenNamespaces);
  return useMemo(() => {
    const machines = placesOf(machineKey);
    const services = placesOf(serviceKey);
    const columns = columnsFor(machines.length);
    const outside = outsideBox(columns);
    const rows = Math.max(1, Math.ceil(machines.length / columns));
    const fixed = { draggable: false, selectable: false } as const;
    if (machines.length === 0) return [];
    return [
      { ...fixed, id: "wire", type: "wire", zIndex: -1, position: { x: trunkX - 10, y: outside.y }, width: gridWidth(columns) - trunkX + 10, height: rows * (MACHINE_HEIGHT + ROW_GAP) - outside.y, data: { columns, rows } },
      { ...fixed, id: "outside", type: "outside", position: { x: outside.x, y: outside.y }, width: outside.w, height: outside.h, data: {} },
      ...machines.slice(0, FLOW_BUDGET).map(({ uid, place, extra: name }) => {
        const { x, y } = machineBox(place, columns);
        return { ...fixed, id: `node:${name}`, type: "machine", position: { x, y }, width: MACHINE_WIDTH, height: MACHINE_HEIGHT, data: { uid } };
      }),
      ...services.filter(({ extra: namespace }) => !hidden.has(namespace)).map(({ uid, place }) => {
        const { x, y, w, h } = serviceBox(place, columns);
        return { ...fixed, id: `service:${uid}`, type: "service", position: { x, y }, width: w, height: h, data: { uid } };
      }),
    ];
  }, [machineKey, serviceKey, hidden]);
}

/** Who stands where, back from the text that tells whether any of it changed. */
const placesOf = (key: string): readonly { readonly uid: string; readonly place: number; readonly extra: string }[] =>
  key === "" ? [] : key.split("\n").map((line) => {
    const [uid = "", place = "0", extra = ""] = line.split(" ");
    return { uid, place: Number(place), extra };
  });

const SYSTEM = /^kube-/;

/** One edge per Service and machine; it draws a thread to each endpoint there. */
function useFlowEdges(): Edge[] {
  const serviceKey = useTopic("list:Service", (rows) => rows.list("Service").map((s) => [s.uid, s.namespace, s.name, ...new Set(s.endpoints.map((e) => e.node).filter((n) => n !== ""))].join(" ")).join("\n"));
  const shown = useUi((s) => s.layers.services);
  const selection = useUi((s) => s.selection);
  const hovered = useUi((s) => s.hovered);
  const hidden = useUi((s) => s.hiddenNamespaces);
  return useMemo(() => (serviceKey === "" ? [] : serviceKey.split("\n")).flatMap((line) => {
    const [uid = "", namespace = "", name = "", ...nodes] = line.split(" ");
    if (hidden.has(namespace)) return [];
    const chosen = hovered === uid || (selection?.type === "object" && selection.ref.kind === "Service" && selection.ref.name === name && selection.ref.namespace === namespace);
    if (!chosen && (!shown || SYSTEM.test(namespace))) return [];
    return nodes.map((node) => ({
      id: `threads:${uid}:${node}`, type: "threads", source: `service:${uid}`, target: `node:${node}`, zIndex: 1, selectable: false, focusable: false,
      data: { service: uid, node, chosen },
    }));
  }), [serviceKey, shown, selection, hovered, hidden]);
}
