import type { Cluster } from "../../engine/cluster/contracts.ts";
import type { NodeNetwork } from "../../engine/network/contracts.ts";
import type { Projector } from "../../projection/projector.ts";
import type { Call, NodeText } from "../protocol/calls.ts";
import type { Replay } from "./cluster-host.ts";

type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

const NODE_TEXT: Readonly<Record<NodeText, (node: NodeNetwork) => string>> = {
  "ip route": (node) => node.ipRoute(),
  "ip addr": (node) => node.ipAddr(),
  "ip neigh": (node) => node.ipNeigh(),
  "iptables-save": (node) => node.iptablesSave(),
  "bridge fdb": (node) => node.bridgeFdb(),
  "conntrack -L": (node) => node.conntrack(),
};

const good = (value: unknown): Answer => ({ ok: true, value });

/** Answers one call. What the engine says no to is an answer; what it throws is a crash. */
export function answerCall(call: Call, cluster: Cluster, projector: Projector, replay: Replay): Answer {
  switch (call.name) {
    case "send": {
      const trace = cluster.send(call.args);
      projector.observer.trace?.(trace);
      projector.follow(trace.id);
      projector.mark({ atUs: cluster.nowUs(), kind: "send", label: `${trace.from} → ${trace.to}` });
      return good(trace.id);
    }
    case "trace": return good(projector.trace(call.args.id));
    case "object": return good(projector.object(call.args));
    case "explain": return good(cluster.explain(call.args.subject));
    case "logs": {
      const { pod, container, previous } = call.args;
      return cluster.logs(pod, container, previous === undefined ? {} : { previous });
    }
    case "node-text": return good(NODE_TEXT[call.args.text](cluster.node(call.args.node)));
    case "fault": {
      projector.mark({ atUs: cluster.nowUs(), kind: "fault", label: call.args.kind });
      return cluster.fault(call.args);
    }
    case "cause": return good(cluster.cause(call.args.id));
    case "state-hash": return good(cluster.stateHash());
    case "command-log": return good(cluster.commandLog());
    case "replay-hash": return good(replay(call.args.options, call.args.commands, call.args.untilMs).stateHash());
  }
}
