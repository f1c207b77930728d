import type { EndpointSliceObject, PodObject, ServiceObject } from "../../kinds/generated/types.ts";
import { podCondition } from "../../kinds/helpers/pod-state.ts";

interface ServiceMemory {
  podTriggers: ReadonlyMap<string, string>;
  serviceTrigger: string;
}

/**
 * What the controller remembers between syncs: its own writes that the cache may not show yet, and when each pod last changed its readiness.
 * Source: staging/src/k8s.io/endpointslice/util/{endpointslice_tracker,trigger_time_tracker}.go.
 * Differs: versions are told apart by resourceVersion, where upstream compares generations.
 */
export class EndpointSliceMemory {
  private readonly written = new Map<string, Map<string, number>>();
  private readonly triggers = new Map<string, ServiceMemory>();

  noteWrite(service: string, slice: EndpointSliceObject): void {
    const slices = this.written.get(service) ?? new Map<string, number>();
    slices.set(slice.metadata.uid ?? "", Number(slice.metadata.resourceVersion ?? 0));
    this.written.set(service, slices);
  }

  noteDelete(service: string, slice: EndpointSliceObject): void {
    this.written.get(service)?.delete(slice.metadata.uid ?? "");
  }

  forget(service: string): void {
    this.written.delete(service);
    this.triggers.delete(service);
  }

  /** True when the cache is behind the controller's own writes. */
  isStale(service: string, cached: readonly EndpointSliceObject[]): boolean {
    const slices = this.written.get(service);
    if (slices === undefined) return false;
    const versions = new Map(cached.map(({ metadata }) => [metadata.uid ?? "", Number(metadata.resourceVersion ?? 0)]));
    for (const [uid, version] of slices) if ((versions.get(uid) ?? -1) < version) return true;
    return false;
  }

  /** True for a slice as the controller itself last wrote it. */
  isOwnWrite(service: string, { metadata }: EndpointSliceObject): boolean {
    return (this.written.get(service)?.get(metadata.uid ?? "") ?? -1) >= Number(metadata.resourceVersion ?? 0);
  }

  /** True when the deletion was the controller's own doing; from now on nobody waits for the slice. */
  wasExpectedDelete(service: string, { metadata }: EndpointSliceObject): boolean {
    return this.written.get(service)?.delete(metadata.uid ?? "") !== true;
  }

  /** The earliest change since the last sync, for network programming latency; undefined when nothing that counts has changed. */
  triggerTime(key: string, service: ServiceObject, pods: readonly PodObject[]): string | undefined {
    const before = this.triggers.get(key);
    const podTriggers = new Map<string, string>();
    let earliest: string | undefined;
    const consider = (text: string): void => {
      if (earliest === undefined || text < earliest) earliest = text;
    };
    for (const pod of pods) {
      const since = podCondition(pod, "Ready")?.lastTransitionTime;
      if (since === undefined) continue;
      podTriggers.set(pod.metadata.name, since);
      if (since > (before?.podTriggers.get(pod.metadata.name) ?? "")) consider(since);
    }
    const serviceTrigger = service.metadata.creationTimestamp ?? "";
    if (serviceTrigger > (before?.serviceTrigger ?? "")) consider(serviceTrigger);
    this.triggers.set(key, { podTriggers, serviceTrigger });
    return before === undefined ? serviceTrigger : earliest;
  }
}
