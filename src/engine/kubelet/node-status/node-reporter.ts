import { deepEqual } from "../../apimachinery/deep.ts";
import type { Cancel } from "../../kernel/clock.ts";
import { msToUs, secondsToUs } from "../../kernel/time.ts";
import { Node } from "../../kinds/node.ts";
import type { NodeCondition, NodeObject, NodeStatus } from "../../kinds/generated/types.ts";
import type { NodeContext } from "../node-context.ts";
import { nodeResources, withExtendedResources } from "./capacity.ts";
import { initialNode, type MachineIds, machineIds, nodeConditions, nodeFacts, nodeLabels } from "./node-object.ts";

const COMPUTE_US = secondsToUs(10);
const REPORT_US = secondsToUs(300);
const RUNTIME_CHECK_US = secondsToUs(5);
const FIRST_RUNTIME_CHECK_US = msToUs(800);
const FIRST_REGISTER_RETRY_US = msToUs(100);
const MAX_REGISTER_RETRY_US = secondsToUs(7);
const JITTER = 0.04;

export const NETWORK_NOT_READY = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";
const RUNTIME_NOT_CHECKED = "container runtime status check may not have completed yet";

/**
 * Registers the node and keeps its status in the API: looked at every 10 s, written when it has changed, or after 5 min.
 * Source: pkg/kubelet/kubelet_node_status.go, registerWithAPIServer, syncNodeStatus, fastStatusUpdateOnce.
 */
export class NodeReporter {
  private readonly ids: MachineIds;
  private conditions: readonly NodeCondition[] = [];
  private written: NodeStatus | undefined;
  private writtenUs = 0;
  private isChecked = false;
  private isWriting = false;
  private isRegistered = false;
  private readonly timers = new Set<Cancel>();
  private isStopped = false;
  private wasUnschedulable = false;

  constructor(
    private readonly context: NodeContext,
    /** As the watch has it. */
    private readonly observed: () => NodeObject | undefined,
    private readonly registered: (node: NodeObject) => void,
  ) {
    this.ids = machineIds(context);
  }

  start(): void {
    this.event("Normal", "Starting", "Starting kubelet.");
    this.event("Warning", "InvalidDiskCapacity", "invalid capacity 0 on image filesystem");
    this.conditions = this.observed()?.status?.conditions ?? [];
    this.register(FIRST_REGISTER_RETRY_US);
    this.after(FIRST_RUNTIME_CHECK_US, "first look at the runtime", () => {
      this.isChecked = true;
      this.update();
      this.watchNetwork();
    });
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
  }

  /** Why no pod network can be set up. */
  networkError(): string | undefined {
    return this.context.network.cni.initialized ? undefined : NETWORK_NOT_READY;
  }

  /** The node as known here, for admission: the watched one, or what would be registered. */
  node(): NodeObject {
    return this.observed() ?? initialNode(this.context, nodeResources(this.context.node));
  }

  private readyErrors(): readonly string[] {
    const network = this.networkError();
    return [...(this.isChecked ? [] : [RUNTIME_NOT_CHECKED]), ...(network === undefined ? [] : [network])];
  }

  /** Source: tryRegisterWithAPIServer. */
  private register(retryUs: number): void {
    const status = this.compute();
    this.context.api.create(Node, initialNode(this.context, status), (result) => {
      if (this.isStopped) return;
      if (result.ok) return this.hasRegistered(result.value, result.value.status);
      if (result.error.reason !== "AlreadyExists") {
        this.after(retryUs, "register again", () => this.register(Math.min(retryUs * 2, MAX_REGISTER_RETRY_US)));
        return;
      }
      this.context.api.get(Node, { namespace: "", name: this.context.node.name }, (existing) => {
        if (this.isStopped) return;
        if (!existing.ok) this.after(retryUs, "register again", () => this.register(Math.min(retryUs * 2, MAX_REGISTER_RETRY_US)));
        else this.takeOver(existing.value);
      });
    });
  }

  /** The object is there from before: own labels are put right, its conditions go on. Source: reconcileExisting…, updateDefaultLabels. */
  private takeOver(existing: NodeObject): void {
    this.conditions = existing.status?.conditions ?? [];
    const wanted = nodeLabels(this.context);
    const labels = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => existing.metadata.labels?.[key] !== value));
    const rebooted = existing.status?.nodeInfo?.bootID !== undefined && existing.status.nodeInfo.bootID !== "" && existing.status.nodeInfo.bootID !== this.ids.bootID;
    if (rebooted) this.event("Warning", "Rebooted", `Node ${this.context.node.name} has been rebooted, boot id: ${this.ids.bootID}`);
    if (Object.keys(labels).length > 0) this.context.api.patch(Node, { namespace: "", name: this.context.node.name }, { type: "strategic", body: { metadata: { labels } } });
    this.hasRegistered(existing, existing.status);
    this.update();
  }

  private hasRegistered(node: NodeObject, status: NodeStatus | undefined): void {
    this.isRegistered = true;
    this.written = status;
    this.writtenUs = this.context.clock.now();
    this.event("Normal", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
    this.registered(node);
    const { clock, rng } = this.context;
    this.timers.add(clock.every(COMPUTE_US, `kubelet ${this.context.node.name}: node status`, () => this.update(), COMPUTE_US * (1 + JITTER * rng.unit())));
  }

  /** Until the network is there, the kubelet looks more often, and tells at once. */
  private watchNetwork(): void {
    if (this.networkError() === undefined) return this.update();
    this.after(RUNTIME_CHECK_US, "look at the runtime", () => this.watchNetwork());
  }

  private compute(): NodeStatus {
    const now = this.context.time.seconds(this.context.clock.now());
    const { conditions, events } = nodeConditions(this.conditions, this.readyErrors(), now);
    this.conditions = conditions;
    for (const reason of events) this.event("Normal", reason, `Node ${this.context.node.name} status is now: ${reason}`);
    const facts = nodeFacts(this.context, this.ids);
    return { ...facts, ...withExtendedResources(nodeResources(this.context.node), this.observed()?.status?.capacity), conditions };
  }

  private update(): void {
    if (this.isStopped || !this.isRegistered || this.isWriting) return;
    const { clock, api, node } = this.context;
    this.tellSchedulable();
    const status = this.compute();
    const isDue = clock.now() - this.writtenUs >= REPORT_US;
    if (!isDue && this.written !== undefined && !hasChanged(this.written, status)) return;
    const body = { status: changedFields(this.written ?? {}, status) };
    this.isWriting = true;
    api.patch(Node, { namespace: "", name: node.name }, { type: "strategic", body, subresource: "status" }, (result) => {
      this.isWriting = false;
      if (this.isStopped || !result.ok) return;
      this.written = status;
      this.writtenUs = clock.now();
    });
  }

  /** `kubectl cordon` and `uncordon`. Source: recordNodeSchedulableEvent. */
  private tellSchedulable(): void {
    const isUnschedulable = this.observed()?.spec.unschedulable === true;
    if (isUnschedulable === this.wasUnschedulable) return;
    this.wasUnschedulable = isUnschedulable;
    const reason = isUnschedulable ? "NodeNotSchedulable" : "NodeSchedulable";
    this.event("Normal", reason, `Node ${this.context.node.name} status is now: ${reason}`);
  }

  private event(type: "Normal" | "Warning", reason: string, message: string): void {
    const { name } = this.context.node;
    // The kubelet names the node's name as uid of what its node events are about.
    this.context.recorder.event({ object: { apiVersion: "v1", kind: "Node", metadata: { name, uid: name } } }, type, reason, message);
  }

  private after(delayUs: number, what: string, run: () => void): void {
    const cancel = this.context.clock.after(delayUs, `kubelet ${this.context.node.name}: ${what}`, () => {
      this.timers.delete(cancel);
      run();
    });
    this.timers.add(cancel);
  }
}

const withoutHeartbeat = (conditions: readonly NodeCondition[] | undefined): unknown => (conditions ?? []).map((condition) => ({ ...condition, lastHeartbeatTime: undefined }));

/** Source: nodeStatusHasChanged. */
function hasChanged(before: NodeStatus, now: NodeStatus): boolean {
  const { conditions: old, ...oldRest } = before;
  const { conditions, ...rest } = now;
  for (const key in rest) if (!deepEqual((oldRest as Record<string, unknown>)[key], (rest as Record<string, unknown>)[key])) return true;
  return !deepEqual(withoutHeartbeat(old?.filter(({ type }) => isOwn(type))), withoutHeartbeat(conditions));
}

const isOwn = (type: string): boolean => type === "Ready" || type.endsWith("Pressure");

function changedFields(before: NodeStatus, now: NodeStatus): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(now)) {
    if (key === "conditions" || !deepEqual((before as Record<string, unknown>)[key], value)) changed[key] = value;
  }
  return changed;
}
