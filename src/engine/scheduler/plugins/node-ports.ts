import { definePlugin, SKIP, unschedulable } from "../framework/plugin.ts";
import type { HostPort } from "../framework/pod-info.ts";

const REJECTED = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** Source: pkg/scheduler/framework/plugins/nodeports/node_ports.go. */
export const nodePorts = definePlugin<readonly HostPort[]>({
  name: "NodePorts",
  requeueOn: [
    { on: "AssignedPodDelete", when: ({ facts }, { pod }) => facts.hostPorts.length > 0 && (pod?.spec.containers.some(({ ports }) => ports?.some(({ hostPort = 0 }) => hostPort > 0)) ?? false) },
    { on: "NodeAdd" },
  ],
  preFilter: ({ facts }) => (facts.hostPorts.length === 0 ? SKIP : { state: facts.hostPorts }),
  filter: (_pod, node, wanted) => (wanted.some((port) => node.portTaken(port)) ? REJECTED : undefined),
});
