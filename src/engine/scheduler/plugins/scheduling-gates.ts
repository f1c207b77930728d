import { definePlugin } from "../framework/plugin.ts";

/** Source: pkg/scheduler/framework/plugins/schedulinggates/scheduling_gates.go. The API server writes the condition SchedulingGated. */
export const schedulingGates = definePlugin({
  name: "SchedulingGates",
  requeueOn: [{ on: "PodGatesEliminated" }],
  preEnqueue({ spec }) {
    const gates = spec.schedulingGates ?? [];
    return gates.length === 0 ? undefined : `waiting for scheduling gates: [${gates.map(({ name }) => name).join(" ")}]`;
  },
});
