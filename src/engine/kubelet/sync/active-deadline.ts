import { secondsToUs } from "../../kernel/time.ts";
import type { PodObject, PodStatus } from "../../kinds/generated/types.ts";
import type { NodeContext } from "../node-context.ts";

/** Simulated µs at which the pod has been active too long; undefined without a deadline or before it has started. */
export function deadlineUs(pod: PodObject, status: PodStatus, context: Pick<NodeContext, "time">): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  if (seconds === undefined || status.startTime === undefined) return undefined;
  const startedUs = context.time.parse(status.startTime);
  return startedUs === undefined ? undefined : startedUs + secondsToUs(seconds);
}

/** Source: pkg/kubelet/active_deadline.go, pastActiveDeadline. */
export function isPastDeadline(pod: PodObject, status: PodStatus, context: Pick<NodeContext, "time" | "clock">): boolean {
  const limit = deadlineUs(pod, status, context);
  return limit !== undefined && context.clock.now() >= limit;
}
