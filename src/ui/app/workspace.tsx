import { lazy, memo, Suspense } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { ClusterCanvas } from "../canvas/cluster-canvas.tsx";
import { PodTable } from "./pod-table.tsx";
import { TimeBar } from "../timeline/time-bar.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { LeftPane } from "./left-pane.tsx";
import { useStoredLayout } from "./stored-layout.ts";

const SidePane = lazy(() => import("../inspector/side-pane.tsx").then((m) => ({ default: m.SidePane })));

/** Editor and terminal left, canvas in the middle, inspector right, time at the bottom; every border can be moved, by keyboard too. */
export const Workspace = memo(function Workspace() {
  const columns = useStoredLayout("columns");
  const rows = useStoredLayout("rows");
  return (
    <Group orientation="vertical" className="workspace" role="main" {...rows}>
      <Panel id="upper" minSize="40%">
        <Group orientation="horizontal" {...columns}>
          <Panel id="left" defaultSize="26%" minSize={220} collapsible collapsedSize={0} className="pane" aria-label="Editor and terminal" role="region">
            <LeftPane />
          </Panel>
          <Separator className="separator" aria-label="Border between editor and map" />
          <Panel id="canvas" minSize={320} className="pane canvas-pane" aria-label="Map of the cluster" role="region">
            <ErrorBoundary what="The map"><ClusterCanvas /></ErrorBoundary>
            <PodTable />
          </Panel>
          <Separator className="separator" aria-label="Border between map and inspector" />
          <Panel id="right" defaultSize="25%" minSize={260} collapsible collapsedSize={0} className="pane" aria-label="Inspector" role="region">
            <ErrorBoundary what="The inspector">
              <Suspense fallback={<div className="pane-loading" />}><SidePane /></Suspense>
            </ErrorBoundary>
          </Panel>
        </Group>
      </Panel>
      <Separator className="separator" aria-label="Border between map and timeline" />
      <Panel id="time" defaultSize={86} minSize={56} maxSize="40%" groupResizeBehavior="preserve-pixel-size" className="pane" aria-label="Time" role="region">
        <ErrorBoundary what="The timeline"><TimeBar /></ErrorBoundary>
      </Panel>
    </Group>
  );
});
