import { toleratesAny } from "../../kinds/helpers/tolerations.ts";
import { definePlugin, unresolvable } from "../framework/plugin.ts";

const REJECTED = unresolvable("node(s) were unschedulable");
const TAINT = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** Source: pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go. */
export const nodeUnschedulable = definePlugin({
  name: "NodeUnschedulable",
  requeueOn: [
    { on: "NodeAdd", when: (_pod, { node }) => node?.spec.unschedulable !== true },
    { on: "NodeUpdateTaint", when: (_pod, { node, nodeBefore }) => nodeBefore?.spec.unschedulable === true && node?.spec.unschedulable !== true },
    { on: "PodUpdateTolerations", when: ({ pod }) => toleratesAny(pod.spec.tolerations, TAINT) },
  ],
  filter: ({ pod }, { node }) => (node.spec.unschedulable !== true || toleratesAny(pod.spec.tolerations, TAINT) ? undefined : REJECTED),
});
