import type { ApiClient, ComponentContext, EventRecorder } from "../client/contracts.ts";
import type { JournalEntry } from "../kernel/journal.ts";
import type { PodObject } from "../kinds/generated/types.ts";
import type { NodeNetwork } from "../network/contracts.ts";
import type { ContainerRuntime } from "../runtime/contracts.ts";
import type { KubeletNodeConfig } from "./contracts.ts";
import { containerFieldPath, podKey, podUid } from "./pod-helpers.ts";

/** What every part of one kubelet works with. */
export interface NodeContext extends ComponentContext {
  readonly node: KubeletNodeConfig;
  readonly runtime: ContainerRuntime;
  readonly network: NodeNetwork;
  readonly api: ApiClient;
  readonly recorder: EventRecorder;
  readonly clusterDNS: string;
  readonly clusterDomain: string;
}

/** One step of a pod's life into the journal. */
export function writeStep(context: NodeContext, pod: PodObject, step: string, phase: JournalEntry["phase"], detail?: JournalEntry["detail"]): void {
  if (!context.journal.enabled) return;
  context.journal.write({
    component: `kubelet/${context.node.name}`, step, phase, subject: `pod/${podKey(pod)}`, uid: podUid(pod), node: context.node.name,
    ...(detail === undefined ? {} : { detail }),
  });
}

export function podEvent(context: NodeContext, pod: PodObject, type: "Normal" | "Warning", reason: string, message: string): void {
  context.recorder.event({ object: pod }, type, reason, message);
}

/** An event about one container. A container id in the text becomes the name, so that equal events stay equal. Source: recordContainerEvent. */
export function containerEvent(context: NodeContext, pod: PodObject, container: string, type: "Normal" | "Warning", reason: string, message: string, containerId?: string): void {
  const fieldPath = containerFieldPath(pod, container);
  const text = containerId === undefined || containerId === "" ? message : message.replaceAll(containerId, container);
  context.recorder.event({ object: pod, ...(fieldPath === undefined ? {} : { fieldPath }) }, type, reason, text);
}
