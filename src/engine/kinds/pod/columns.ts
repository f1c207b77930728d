import { humanDuration } from "../../apimachinery/duration-text.ts";
import type { ContainerStatus, PodObject } from "../generated/types.ts";
import type { CellContext, ColumnDefinition } from "../kind-definition.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";

/** What a row says of a pod's containers. */
export interface PodSummary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

/** Source: pkg/printers/internalversion/printers.go, printPod. */
export const podColumns: readonly ColumnDefinition<PodObject>[] = [
  nameColumn,
  { name: "Ready", type: "string", cell: (pod, context) => summarisePod(pod, context).ready },
  { name: "Status", type: "string", cell: (pod, context) => summarisePod(pod, context).status },
  { name: "Restarts", type: "string", cell: (pod, context) => summarisePod(pod, context).restarts },
  ageColumn,
  { name: "IP", type: "string", priority: 1, cell: (pod) => pod.status?.podIPs?.[0]?.ip || "<none>" },
  { name: "Node", type: "string", priority: 1, cell: (pod) => pod.spec.nodeName || "<none>" },
  { name: "Nominated Node", type: "string", priority: 1, cell: (pod) => pod.status?.nominatedNodeName || "<none>" },
  { name: "Readiness Gates", type: "string", priority: 1, cell: readinessGates },
];

function readinessGates(pod: PodObject): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const passed = gates.filter((gate) => pod.status?.conditions?.some((condition) => condition.type === gate.conditionType && condition.status === "True") === true);
  return `${passed.length}/${gates.length}`;
}

/** Conditions of a row: pods that are over. Source: printPod, podSuccessConditions, podFailedConditions. */
export function podRowConditions(pod: PodObject): readonly { type: string; status: string; reason: string; message: string }[] {
  if (pod.status?.phase === "Succeeded") return [{ type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." }];
  return pod.status?.phase === "Failed" ? [{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }] : [];
}

/** What one walk over the container statuses gathers. */
interface Tally {
  reason: string;
  ready: number;
  restarts: number;
  /** Of sidecars alone: once the pod is initialised the other init containers no longer count. */
  sidecarRestarts: number;
  lastRestart: string;
  lastSidecarRestart: string;
}

const laterOf = (a: string, b: string | null | undefined): string => (b !== undefined && b !== null && b > a ? b : a);
const finishedAt = (status: ContainerStatus): string | undefined => status.lastState?.terminated?.finishedAt;
const isTrue = (pod: PodObject, type: string): boolean => pod.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;

/** The Ready, Status and Restarts cells. Source: printPod. */
export function summarisePod(pod: PodObject, context: CellContext): PodSummary {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always").length;
  const total = (pod.spec.containers?.length ?? 0) + sidecars;
  const tally: Tally = { reason: pod.status?.reason || pod.status?.phase || "", ready: 0, restarts: 0, sidecarRestarts: 0, lastRestart: "", lastSidecarRestart: "" };
  if (pod.status?.conditions?.some((condition) => condition.type === "PodScheduled" && condition.reason === "SchedulingGated") === true) tally.reason = "SchedulingGated";
  const initializing = walkInitContainers(pod, tally);
  if (!initializing || isTrue(pod, "Initialized")) walkContainers(pod, tally);
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.status?.reason === "NodeLost") tally.reason = "Unknown";
    else if (pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed") tally.reason = "Terminating";
  }
  return { ready: `${tally.ready}/${total}`, status: tally.reason, restarts: restartsText(tally, context) };
}

/** true: the pod is still initialising. */
function walkInitContainers(pod: PodObject, tally: Tally): boolean {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always").map((container) => container.name));
  for (const [index, status] of statuses.entries()) {
    tally.restarts += status.restartCount;
    tally.lastRestart = laterOf(tally.lastRestart, finishedAt(status));
    if (sidecars.has(status.name)) {
      tally.sidecarRestarts += status.restartCount;
      tally.lastSidecarRestart = laterOf(tally.lastSidecarRestart, finishedAt(status));
    }
    const over = status.state?.terminated;
    if (over !== undefined && over.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started === true) {
      if (status.ready) tally.ready += 1;
      continue;
    }
    const waiting = status.state?.waiting?.reason ?? "";
    if (over !== undefined) tally.reason = `Init:${over.reason || ((over.signal ?? 0) !== 0 ? `Signal:${over.signal}` : `ExitCode:${over.exitCode}`)}`;
    else if (waiting !== "" && waiting !== "PodInitializing") tally.reason = `Init:${waiting}`;
    else tally.reason = `Init:${index}/${pod.spec.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

/** From the last container to the first: the first one's state wins. */
function walkContainers(pod: PodObject, tally: Tally): void {
  tally.restarts = tally.sidecarRestarts;
  tally.lastRestart = tally.lastSidecarRestart;
  let running = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    tally.restarts += status.restartCount;
    tally.lastRestart = laterOf(tally.lastRestart, finishedAt(status));
    const waiting = status.state?.waiting?.reason ?? "";
    const over = status.state?.terminated;
    if (waiting !== "") tally.reason = waiting;
    else if (over !== undefined) tally.reason = over.reason || ((over.signal ?? 0) !== 0 ? `Signal:${over.signal}` : `ExitCode:${over.exitCode}`);
    else if (status.ready && status.state?.running !== undefined) {
      running = true;
      tally.ready += 1;
    }
  }
  if (tally.reason === "Completed" && running) tally.reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
}

function restartsText({ restarts, lastRestart }: Tally, { now, time }: CellContext): string {
  const at = restarts === 0 || lastRestart === "" ? undefined : time.parse(lastRestart);
  return at === undefined ? String(restarts) : `${restarts} (${humanDuration(now - at)} ago)`;
}
