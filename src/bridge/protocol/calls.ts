import type { Cause } from "../../engine/kernel/causes.ts";
import type { ClusterOptions, Command, Explanation, Fault } from "../../engine/cluster/contracts.ts";
import type { LogLine } from "../../engine/runtime/contracts.ts";
import type { PacketTrace } from "../../engine/network/trace/packet-trace.ts";
import type { SendRequest } from "../../engine/network/contracts.ts";
import type { KubeObject } from "../../engine/apimachinery/object.ts";
import type { ObjectRef } from "../../projection/rows/refs.ts";

/** Texts that a node prints about itself. */
export const NODE_TEXTS = ["ip route", "ip addr", "ip neigh", "iptables-save", "bridge fdb", "conntrack -L"] as const;
export type NodeText = (typeof NODE_TEXTS)[number];

/** Questions that have one answer. The key is the call's name on the wire. */
export interface Calls {
  /** Puts a request on the network; the answer is the trace's id. */
  send: { readonly args: SendRequest; readonly value: number };
  trace: { readonly args: { readonly id: number }; readonly value: PacketTrace | undefined };
  object: { readonly args: ObjectRef; readonly value: KubeObject | undefined };
  explain: { readonly args: { readonly subject: string }; readonly value: Explanation };
  logs: { readonly args: { readonly pod: string; readonly container?: string; readonly previous?: boolean }; readonly value: readonly LogLine[] };
  "node-text": { readonly args: { readonly node: string; readonly text: NodeText }; readonly value: string };
  fault: { readonly args: Fault; readonly value: undefined };
  cause: { readonly args: { readonly id: number }; readonly value: Cause | undefined };
  "state-hash": { readonly args: undefined; readonly value: string };
  "command-log": { readonly args: undefined; readonly value: readonly Command[] };
  /** Runs a cluster of its own beside the shown one, from options and commands up to a time, and gives its hash. */
  "replay-hash": { readonly args: { readonly options: ClusterOptions; readonly commands: readonly Command[]; readonly untilMs: number }; readonly value: string };
}

export type CallName = keyof Calls;

/** One call as it goes over the port. */
export type Call = { [N in CallName]: { readonly name: N; readonly args: Calls[N]["args"] } }[CallName];
