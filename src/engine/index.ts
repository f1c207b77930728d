/** The engine's only door; also published as a library (`npm run build:engine`). */
export { createCluster, type HostParts } from "./cluster/create-cluster.ts";
export { DESCRIPTIONS } from "./kinds/generated/descriptions.ts";
export { replay } from "./cluster/replay.ts";
export type {
  Cluster, ClusterObserver, ClusterOptions, Command, Explanation, Fault, StoreChange,
} from "./cluster/contracts.ts";
export type { ApiRequest, ApiResponse, ResponseStream, Status, StreamListener, WatchEvent } from "./apimachinery/api.ts";
export type { KubeObject } from "./apimachinery/object.ts";
export type { Result } from "./kernel/result.ts";
export type { Cause } from "./kernel/causes.ts";
export type { JournalEntry } from "./kernel/journal.ts";
export type { NodeNetwork, SendRequest, SendSource } from "./network/contracts.ts";
export type { OwnerObject, PacketHeader, PacketHop, RuleHit } from "./network/trace/packet-hop.ts";
export type { PacketRole, PacketTrace, PacketWalk } from "./network/trace/packet-trace.ts";
export type { ExecOptions, ExecSession, LogLine } from "./runtime/contracts.ts";
export type { NodeVerdict, SchedulingAttempt } from "./scheduler/verdict.ts";
