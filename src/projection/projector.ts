import { type TimeText, createTimeText } from "../engine/apimachinery/time-text.ts";
import type { KubeObject } from "../engine/apimachinery/object.ts";
import type { ClusterObserver, StoreChange } from "../engine/cluster/contracts.ts";
import type { JournalEntry } from "../engine/kernel/journal.ts";
import type {
  DaemonSetObject, DeploymentObject, EndpointSliceObject, EventObject, NamespaceObject, NodeObject, PodObject, ReplicaSetObject, ServiceObject,
} from "../engine/kinds/generated/types.ts";
import type { PacketTrace } from "../engine/network/trace/packet-trace.ts";
import type { Delta, TimeMark } from "./delta.ts";
import { PodIndex } from "./index/pod-index.ts";
import { Slots } from "./index/slots.ts";
import { LifecycleTracker } from "./lifecycle/lifecycle-tracker.ts";
import type { LifecycleStep } from "./lifecycle/step-ids.ts";
import { ProbeCollector } from "./probe-collector.ts";
import { PulseCollector } from "./pulse-collector.ts";
import { eventRow } from "./rows/event-row.ts";
import { nodeRow } from "./rows/node-row.ts";
import { organOf, podRow } from "./rows/pod-row.ts";
import { type ObjectRef, refText } from "./rows/refs.ts";
import type { Row } from "./rows/rows.ts";
import { endpointRows, serviceRow } from "./rows/service-row.ts";
import { workloadRow } from "./rows/workload-row.ts";
import { TraceCollector } from "./trace-collector.ts";

interface Held<T extends KubeObject = KubeObject> {
  object: T;
  readonly createdUs: number;
  changedUs: number;
  /** Place in a strip or grid, where the kind has one. */
  readonly place: number;
}

/** Events kept; the oldest make room. As many as the page's timeline can show. */
const EVENTS_MAX = 5_000;
const CONTROL_PLANE_ROLE = "node-role.kubernetes.io/control-plane";
const SERVICE_NAME = "kubernetes.io/service-name";
const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ""}/${object.metadata.name}`;

/**
 * Follows a cluster and says what there is to show: rows per object, indexes, lifecycle steps, films of packets.
 * Observer calls only note what is dirty; rows are built once per `drain`, from the newest object. Pure: no time, no chance, no React.
 */
export class Projector {
  readonly observer: ClusterObserver;
  private readonly time: TimeText;
  private readonly objects = new Map<string, Held>();
  private readonly refs = new Map<string, string>();
  private readonly pods = new PodIndex();
  private readonly lifecycle = new LifecycleTracker();
  private readonly cells = new Slots();
  private readonly nodeUids = new Map<string, string>();
  private readonly serviceSlots = new Slots();
  private readonly serviceUids = new Map<string, string>();
  private readonly slices = new Map<string, Map<string, EndpointSliceObject>>();
  private readonly eventUids = new Set<string>();
  private readonly dirty = new Set<string>();
  private readonly removed = new Set<string>();
  /** What the page knows of; a row that came and went between two drains needs no removal. */
  private readonly told = new Set<string>();
  private readonly traces = new TraceCollector();
  private readonly pulses = new PulseCollector();
  private readonly probes = new ProbeCollector();
  private marks: TimeMark[] = [];

  constructor(options: { readonly epoch: string }) {
    this.time = createTimeText(options.epoch);
    this.observer = {
      store: (change) => this.storeChanged(change),
      journal: (entry) => this.journalWritten(entry),
      trace: (trace) => this.traces.note(trace),
    };
  }

  /** Everything that changed, at most `rowLimit` rows of it: the rest stays for the next time. */
  drain(rowLimit: number): Delta {
    const rows: Row[] = [];
    for (const uid of this.dirty) {
      if (rows.length >= rowLimit) break;
      this.dirty.delete(uid);
      const row = this.row(uid);
      if (row === undefined) continue;
      this.told.add(uid);
      rows.push(row);
    }
    const removed = [...this.removed].filter((uid) => this.told.delete(uid));
    this.removed.clear();
    const marks = this.marks;
    this.marks = [];
    return { rows, removed, marks, ...this.traces.drain(), ...this.pulses.drain() };
  }

  /** True when `drain` would have something to say. */
  get hasNews(): boolean {
    return this.dirty.size > 0 || this.removed.size > 0 || this.traces.hasNews || this.pulses.hasNews || this.marks.length > 0;
  }

  mark(mark: TimeMark): void {
    this.marks.push(mark);
  }

  /** Traces with this id are shown as films: somebody asked for them. */
  follow(traceId: number): void {
    this.traces.follow(traceId);
  }

  trace(id: number): PacketTrace | undefined {
    return this.traces.get(id);
  }

  object(ref: ObjectRef): KubeObject | undefined {
    const uid = this.refs.get(refText(ref));
    return uid === undefined ? undefined : this.objects.get(uid)?.object;
  }

  steps(ref: ObjectRef): readonly LifecycleStep[] {
    const uid = this.refs.get(refText(ref));
    return uid === undefined ? [] : this.lifecycle.of(uid);
  }

  /** Every row from scratch, in the order of uids: what the page should hold after all batches. For tests. */
  rebuild(): Row[] {
    const rows: Row[] = [];
    for (const uid of [...this.objects.keys()].sort()) {
      const row = this.row(uid);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  private storeChanged(change: StoreChange): void {
    const uid = change.object.metadata.uid ?? "";
    const ref = refText({ kind: change.object.kind, namespace: change.object.metadata.namespace ?? "", name: change.object.metadata.name });
    if (change.type === "DELETED") {
      const held = this.objects.get(uid);
      this.objects.delete(uid);
      if (this.refs.get(ref) === uid) this.refs.delete(ref);
      this.dirty.delete(uid);
      this.removed.add(uid);
      this.index(uid, change, held);
      return;
    }
    const known = this.objects.get(uid);
    if (known === undefined) {
      this.objects.set(uid, { object: change.object, createdUs: change.atUs, changedUs: change.atUs, place: this.placeFor(change.object) });
      this.refs.set(ref, uid);
    } else {
      known.object = change.object;
      known.changedUs = change.atUs;
    }
    this.removed.delete(uid);
    this.dirty.add(uid);
    this.index(uid, change, this.objects.get(uid));
  }

  private placeFor(object: KubeObject): number {
    if (object.kind === "Node") return this.cellFor(object);
    return object.kind === "Service" ? this.serviceSlots.take() : -1;
  }

  /** The control plane stands first, then "node-7" in the seventh place, whoever joins first; others where there is room. */
  private cellFor(node: KubeObject): number {
    const controlPlane = CONTROL_PLANE_ROLE in (node.metadata.labels ?? {}) || node.metadata.name === "control-plane";
    const wanted = controlPlane ? 0 : Number(/-(\d{1,5})$/.exec(node.metadata.name)?.[1] ?? 0);
    if ((controlPlane || wanted > 0) && this.cells.claim(wanted)) return wanted;
    // Keep the first place for the control plane, which may join late.
    const early = this.cells.claim(0);
    const cell = this.cells.take();
    if (early) this.cells.free(0);
    return cell;
  }

  /** What a change means for others than its own row. */
  private index(uid: string, change: StoreChange, held: Held | undefined): void {
    const { object } = change;
    const gone = change.type === "DELETED";
    switch (object.kind) {
      case "Pod": {
        const places = gone ? this.pods.remove(uid) : this.pods.set(uid, object as PodObject, organOf(object as PodObject) === undefined);
        for (const node of places) this.touch(this.nodeUids.get(node));
        this.lifecycle.podChanged(change);
        if (gone) this.probes.forget(uid);
        break;
      }
      case "Node":
        if (gone) this.nodeUids.delete(object.metadata.name);
        else this.nodeUids.set(object.metadata.name, uid);
        if (gone && held !== undefined) this.cells.free(held.place);
        break;
      case "Service":
        if (gone) this.serviceUids.delete(keyOf(object));
        else this.serviceUids.set(keyOf(object), uid);
        if (gone && held !== undefined) this.serviceSlots.free(held.place);
        break;
      case "EndpointSlice":
        this.indexSlice(uid, object as EndpointSliceObject, gone);
        break;
      case "Event":
        this.indexEvent(uid, gone);
        break;
      default:
    }
  }

  private indexSlice(uid: string, slice: EndpointSliceObject, gone: boolean): void {
    const service = slice.metadata.labels?.[SERVICE_NAME];
    if (service === undefined) return;
    const key = `${slice.metadata.namespace ?? ""}/${service}`;
    const slices = this.slices.get(key) ?? new Map<string, EndpointSliceObject>();
    if (gone) slices.delete(uid);
    else slices.set(uid, slice);
    if (slices.size === 0) this.slices.delete(key);
    else this.slices.set(key, slices);
    this.touch(this.serviceUids.get(key));
  }

  private indexEvent(uid: string, gone: boolean): void {
    if (gone) {
      this.eventUids.delete(uid);
      return;
    }
    this.eventUids.add(uid);
    if (this.eventUids.size <= EVENTS_MAX) return;
    const [oldest] = this.eventUids;
    if (oldest === undefined) return;
    this.eventUids.delete(oldest);
    this.objects.delete(oldest);
    this.dirty.delete(oldest);
    this.removed.add(oldest);
  }

  private journalWritten(entry: JournalEntry): void {
    this.touch(this.lifecycle.journal(entry));
    this.touch(this.probes.note(entry, this.objects.size));
    this.pulses.note(entry);
  }

  private touch(uid: string | undefined): void {
    if (uid !== undefined && this.objects.has(uid)) this.dirty.add(uid);
  }

  private row(uid: string): Row | undefined {
    const held = this.objects.get(uid);
    if (held === undefined) return undefined;
    const { object, createdUs } = held;
    switch (object.kind) {
      case "Pod": {
        const step = this.lifecycle.current(uid);
        const context = { time: this.time, slot: this.pods.slot(uid), createdUs, step: step?.id, progress: step?.progress, top: this.topOf(object as PodObject), probe: this.probes.of(uid) };
        return podRow(object as PodObject, context);
      }
      case "Node": {
        const { cpuMilli, memoryBytes, slotCount, uids } = this.pods.summary(object.metadata.name);
        return nodeRow(object as NodeObject, { time: this.time, cell: held.place, createdUs, requested: { cpuMilli, memoryBytes }, podCount: uids.size, slotCount });
      }
      case "Service":
        return serviceRow(object as ServiceObject, endpointRows(this.slices.get(keyOf(object))?.values() ?? []), { createdUs, slot: held.place });
      case "Deployment": case "ReplicaSet": case "DaemonSet":
        return workloadRow(object as DeploymentObject | ReplicaSetObject | DaemonSetObject, createdUs, this.time);
      case "Namespace":
        return { kind: "Namespace", uid, namespace: "", name: object.metadata.name, phase: (object as NamespaceObject).status?.phase ?? "Active" };
      case "Event":
        return eventRow(object as EventObject, { firstUs: createdUs, lastUs: held.changedUs });
      default:
        return undefined;
    }
  }

  /** The top of the owner chain: a pod's ReplicaSet's Deployment. */
  private topOf(pod: PodObject): ObjectRef | undefined {
    const namespace = pod.metadata.namespace ?? "";
    let top: ObjectRef | undefined;
    let owner = pod.metadata.ownerReferences?.find((o) => o.controller === true);
    for (let depth = 0; owner !== undefined && depth < 8; depth += 1) {
      top = { kind: owner.kind, namespace: owner.kind === "Node" ? "" : namespace, name: owner.name };
      owner = this.object(top)?.metadata.ownerReferences?.find((o) => o.controller === true);
    }
    return top;
  }
}
