import { definePlugin, unresolvable } from "../framework/plugin.ts";

const REJECTED = unresolvable("node(s) didn't match the requested node name");

/** Source: pkg/scheduler/framework/plugins/nodename/node_name.go. */
export const nodeName = definePlugin({
  name: "NodeName",
  requeueOn: [{ on: "NodeAdd" }],
  filter: ({ pod }, node) => (pod.spec.nodeName === undefined || pod.spec.nodeName === "" || pod.spec.nodeName === node.name ? undefined : REJECTED),
});
