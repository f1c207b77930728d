import type { ApiPulse, TimeMark } from "../../projection/delta.ts";
import type { TraceRow } from "../../projection/film/film.ts";
import type { PodMeaning } from "../../projection/rows/meaning.ts";
import { type ObjectRef, refText } from "../../projection/rows/refs.ts";
import { type EventRow, type NamespaceRow, type NodeRow, type PodRow, type Row, type ServiceRow, type WorkloadRow, rowRef } from "../../projection/rows/rows.ts";
import type { Batch, ClockState, FocusDetail } from "../protocol/batch.ts";
import { Topics } from "./topics.ts";

/** Events and marks that the page holds; older ones leave. */
const EVENTS_MAX = 5_000;
const MARKS_MAX = 1_000;
const TRACES_MAX = 300;
/** Pods remembered after they went; enough for every card that can be leaving at once. */
const GONE_MAX = 600;

type Kinds = { Pod: PodRow; Node: NodeRow; Service: ServiceRow; Deployment: WorkloadRow; ReplicaSet: WorkloadRow; DaemonSet: WorkloadRow; Namespace: NamespaceRow; Event: EventRow };

const PAUSED: ClockState = { playing: false, speed: 1, actualSpeed: 0, goal: undefined, actions: 0, goalOutcome: undefined };

/**
 * What the page knows of the cluster: mutable maps with a listener set per row and per list, so that one changed pod wakes one card.
 * Lists are the same array until something in them comes or goes. Nothing here scans all pods.
 */
export class RowStore {
  readonly topics = new Topics();
  /** Where canvas layers look things up by uid; never written from outside. */
  readonly rows = new Map<string, Row>();
  readonly traces = new Map<number, TraceRow>();
  nowUs = 0;
  revision = 0;
  clock: ClockState = PAUSED;
  focus: FocusDetail | undefined;
  skippedTraces = 0;
  /** Pods by what their look says. */
  readonly meanings: Record<PodMeaning, number> = { pending: 0, starting: 0, ready: 0, failing: 0, terminating: 0, done: 0 };
  /** Counts batches; canvas layers compare it to know that something changed. */
  version = 0;
  private readonly gone = new Map<string, PodRow>();
  private readonly uids = new Map<string, string>();
  private readonly podsByNode = new Map<string, Set<string>>();
  private readonly podsByAddress = new Map<string, string>();
  private readonly byKind = new Map<string, Set<string>>();
  private readonly lists = new Map<string, readonly Row[]>();
  private readonly idLists = new Map<string, readonly string[]>();
  private readonly pulseListeners = new Set<(pulses: readonly ApiPulse[]) => void>();
  private markList: readonly TimeMark[] = [];
  private traceList: readonly TraceRow[] | undefined;

  /** Takes in a batch and tells the listeners. Topics: "row:<uid>", "list:<kind>", "on:<node>", "clock", "now", "traces", "trace:<id>", "focus", "marks". */
  apply(batch: Batch): void {
    this.version += 1;
    for (const uid of batch.removed) this.remove(uid);
    for (const row of batch.rows) this.upsert(row);
    for (const trace of batch.traces) this.upsertTrace(trace);
    if (batch.marks.length > 0) {
      this.markList = [...this.markList, ...batch.marks].slice(-MARKS_MAX);
      this.topics.touch("marks");
    }
    if (batch.nowUs !== this.nowUs) this.topics.touch("now");
    this.nowUs = batch.nowUs;
    this.revision = batch.revision;
    this.skippedTraces += batch.skippedTraces;
    if (batch.clock.actions >= this.clock.actions && !sameClock(batch.clock, this.clock)) {
      this.clock = batch.clock;
      this.topics.touch("clock");
    }
    if (batch.focus !== undefined) {
      this.focus = batch.focus;
      this.topics.touch("focus");
    }
    this.topics.touch("batch");
    this.topics.flush();
    if (batch.pulses.length > 0) for (const listener of this.pulseListeners) listener(batch.pulses);
  }

  /** A cluster that has booted plays. */
  clockStarts(): void {
    this.clock = { ...PAUSED, playing: true };
    this.topics.touch("clock");
    this.topics.flush();
  }

  /** What the clock will be once the worker has heard of an action: buttons answer at once. */
  assumeClock(change: Partial<ClockState>): void {
    this.clock = { ...this.clock, ...change, actions: this.clock.actions + 1, goalOutcome: undefined };
    this.topics.touch("clock");
    this.topics.flush();
  }

  /** A new cluster: everything of the old one goes. */
  clear(): void {
    for (const uid of this.rows.keys()) this.remove(uid);
    for (const id of this.traces.keys()) this.topics.touch(`trace:${id}`);
    this.traces.clear();
    this.traceList = undefined;
    this.markList = [];
    this.nowUs = 0;
    this.clock = PAUSED;
    this.focus = undefined;
    this.skippedTraces = 0;
    for (const topic of ["traces", "marks", "clock", "now", "focus", "batch"]) this.topics.touch(topic);
    this.topics.flush();
  }

  onPulses(listener: (pulses: readonly ApiPulse[]) => void): () => void {
    this.pulseListeners.add(listener);
    return () => this.pulseListeners.delete(listener);
  }

  get marks(): readonly TimeMark[] {
    return this.markList;
  }

  /** A pod that has just gone, for cards that are still leaving. */
  departed(uid: string): PodRow | undefined {
    return this.gone.get(uid);
  }

  pod(uid: string): PodRow | undefined {
    const row = this.rows.get(uid);
    return row?.kind === "Pod" ? row : undefined;
  }

  find(ref: ObjectRef): Row | undefined {
    const uid = this.uids.get(refText(ref));
    return uid === undefined ? undefined : this.rows.get(uid);
  }

  /** The pod that has this address; host-network pods share theirs with the node and are left out. */
  podByIp(ip: string): PodRow | undefined {
    const uid = this.podsByAddress.get(ip);
    return uid === undefined ? undefined : this.pod(uid);
  }

  /** All rows of a kind: nodes by cell, services by slot, the rest by namespace and name; events oldest first. */
  list<K extends keyof Kinds>(kind: K): readonly Kinds[K][] {
    let list = this.lists.get(kind);
    if (list === undefined) {
      list = [...(this.byKind.get(kind) ?? [])].map((uid) => this.rows.get(uid)).filter((row): row is Row => row !== undefined);
      if (kind !== "Event") list = [...list].sort(inOrder);
      this.lists.set(kind, list);
    }
    return list as readonly Kinds[K][];
  }

  /** uids of the pods on a node; "" for those without one. */
  podIdsOn(node: string): readonly string[] {
    let ids = this.idLists.get(node);
    if (ids === undefined) {
      ids = [...(this.podsByNode.get(node) ?? [])];
      this.idLists.set(node, ids);
    }
    return ids;
  }

  podCount(): number {
    return this.byKind.get("Pod")?.size ?? 0;
  }

  /** Newest first; traffic of the system itself is not in it. */
  traceRows(): readonly TraceRow[] {
    this.traceList ??= [...this.traces.values()].reverse();
    return this.traceList;
  }

  private upsert(row: Row): void {
    const before = this.rows.get(row.uid);
    this.rows.set(row.uid, row);
    this.topics.touch(`row:${row.uid}`);
    if (before === undefined) {
      this.uids.set(refText(rowRef(row)), row.uid);
      this.member(row.kind, row.uid, true);
    }
    // Pods change all the time: who lists them listens for comings and goings only. Other lists are short, or wanted with their newest counts.
    if (before === undefined || row.kind !== "Pod") this.renew(row.kind);
    else this.lists.delete("Pod");
    if (row.kind === "Pod") this.placePod(row, before?.kind === "Pod" ? before : undefined);
    if (row.kind === "Event" && before === undefined) this.dropOldEvents();
  }

  private placePod(row: PodRow, before: PodRow | undefined): void {
    this.count(before?.meaning, -1);
    this.count(row.meaning, 1);
    if (before?.node !== row.node) {
      if (before !== undefined) this.leavePlace(before);
      const place = this.podsByNode.get(row.node) ?? new Set();
      place.add(row.uid);
      this.podsByNode.set(row.node, place);
      this.renewPlace(row.node);
    }
    if (before !== undefined && before.ip !== row.ip && this.podsByAddress.get(before.ip) === row.uid) this.podsByAddress.delete(before.ip);
    if (row.ip !== "" && !row.hostNetwork) this.podsByAddress.set(row.ip, row.uid);
  }

  private count(meaning: PodMeaning | undefined, by: number): void {
    if (meaning !== undefined) this.meanings[meaning] += by;
  }

  private leavePlace(row: PodRow): void {
    const place = this.podsByNode.get(row.node);
    place?.delete(row.uid);
    if (place?.size === 0) this.podsByNode.delete(row.node);
    this.renewPlace(row.node);
  }

  private remove(uid: string): void {
    const row = this.rows.get(uid);
    if (row === undefined) return;
    this.rows.delete(uid);
    const ref = refText(rowRef(row));
    if (this.uids.get(ref) === uid) this.uids.delete(ref);
    this.member(row.kind, uid, false);
    this.renew(row.kind);
    this.topics.touch(`row:${uid}`);
    if (row.kind !== "Pod") return;
    this.leavePlace(row);
    if (this.gone.size >= GONE_MAX) this.gone.clear();
    this.gone.set(uid, row);
    this.count(row.meaning, -1);
    if (this.podsByAddress.get(row.ip) === uid) this.podsByAddress.delete(row.ip);
  }

  private member(kind: string, uid: string, is: boolean): void {
    const members = this.byKind.get(kind) ?? new Set();
    if (is) members.add(uid);
    else members.delete(uid);
    this.byKind.set(kind, members);
  }

  private renew(kind: string): void {
    this.lists.delete(kind);
    this.topics.touch(`list:${kind}`);
  }

  private renewPlace(node: string): void {
    this.idLists.delete(node);
    this.topics.touch(`on:${node}`);
  }

  private dropOldEvents(): void {
    const events = this.byKind.get("Event");
    if (events === undefined || events.size <= EVENTS_MAX) return;
    const [oldest] = events;
    if (oldest !== undefined) this.remove(oldest);
  }

  private upsertTrace(trace: TraceRow): void {
    this.traces.set(trace.id, trace);
    if (this.traces.size > TRACES_MAX) {
      const [oldest] = this.traces.keys();
      if (oldest !== undefined) this.traces.delete(oldest);
    }
    this.traceList = undefined;
    this.topics.touch("traces");
    this.topics.touch(`trace:${trace.id}`);
  }
}

const sameClock = (a: ClockState, b: ClockState): boolean =>
  a.playing === b.playing && a.speed === b.speed && a.goal === b.goal && a.goalOutcome === b.goalOutcome && Math.abs(a.actualSpeed - b.actualSpeed) < 0.05 * Math.max(1, b.actualSpeed);

function inOrder(a: Row, b: Row): number {
  if (a.kind === "Node" && b.kind === "Node") return a.cell - b.cell;
  if (a.kind === "Service" && b.kind === "Service") return a.slot - b.slot;
  const [x, y] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
