import type { NodeObject } from "../../kinds/generated/types.ts";
import { Lease } from "../../kinds/lease.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { event } from "../actions.ts";
import { type Change, type ControllerFactory, watch } from "../controller.ts";
import { NOTHING, type ReadView } from "../plan.ts";
import { podsByNode } from "../shared/node-name-index.ts";
import { conditionOf, NodeHealth } from "./health.ts";
import { reconcileNodeHealth, silentConditions, wantedTaints } from "./reconcile.ts";

const MONITOR_US = 5e6;

/** Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go, monitorNodeHealth. */
export const nodeLifecycleController: ControllerFactory = ({ nodeMonitorGraceSeconds }) => {
  const health = new NodeHealth();
  const gone = new Map<string, NodeObject>();
  const keys = ({ type, object, before }: Change<NodeObject>): readonly string[] => {
    const { name } = object.metadata;
    if (type === "delete") {
      health.forget(name);
      gone.set(name, object);
      return [name];
    }
    gone.delete(name);
    if (conditionOf(object, "Ready")?.status !== "True" && before !== undefined && conditionOf(before, "Ready")?.status === "True") health.toMark.add(name);
    return [name];
  };
  return {
    name: "node-controller",
    workers: 8,
    indexes: [podsByNode],
    watches: [watch(Node, keys), watch(Lease, () => []), watch(Pod, () => [])],
    periodic: {
      everyUs: MONITOR_US,
      keys(view) {
        const nodes = view.list(Node);
        health.judgeZones(nodes);
        return nodes.filter((node) => silentConditions(node, view, health, nodeMonitorGraceSeconds) !== undefined || needsTaints(node, view, health)).map(({ metadata }) => metadata.name);
      },
    },
    reconcile(name, view) {
      const node = gone.get(name);
      if (node === undefined || view.get(Node, { namespace: "", name }) !== undefined) return reconcileNodeHealth(name, view, health, nodeMonitorGraceSeconds);
      gone.delete(name);
      return node === undefined ? NOTHING : { actions: [event(node, "Normal", "RemovingNode", `Node ${name} event: Removing Node ${name} from Controller`)] };
    },
  };
};

/** A node whose taints do not stand, without taking its turn in the zone. */
function needsTaints(node: NodeObject, view: ReadView, health: NodeHealth): boolean {
  const looksOnly = { allDown: health.allDown, taintTurn: () => 0 } as unknown as NodeHealth;
  return wantedTaints(node, view, looksOnly).changed !== undefined;
}
