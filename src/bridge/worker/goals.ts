import type { Cluster, StoreChange } from "../../engine/cluster/contracts.ts";
import type { DeploymentObject, EventObject, PodObject } from "../../engine/kinds/generated/types.ts";
import type { RunGoal } from "../protocol/batch.ts";

/** Simulated time after which a goal is given up: nothing like it is going to happen. */
const GIVE_UP_MS = 30 * 60_000;

/** "Run until …": watches the store for the moment and says when it has come. */
export class GoalWatch {
  readonly goal: RunGoal;
  private readonly deadlineMs: number;
  private met = false;

  constructor(goal: RunGoal, nowMs: number) {
    this.goal = goal;
    this.deadlineMs = nowMs + GIVE_UP_MS;
  }

  store(change: StoreChange): void {
    if (change.type === "DELETED") return;
    const { goal } = this;
    const { object } = change;
    if (goal.kind === "event" && object.kind === "Event") this.met = true;
    if (goal.kind === "warning" && object.kind === "Event" && (object as EventObject).type === "Warning") this.met = true;
    if (goal.kind === "ready" && object.kind === "Pod" && object.metadata.name === goal.pod && object.metadata.namespace === goal.namespace) {
      this.met ||= (object as PodObject).status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
    }
    if (goal.kind === "rollout" && object.kind === "Deployment" && object.metadata.name === goal.deployment && object.metadata.namespace === goal.namespace) {
      this.met ||= rolloutComplete(object as DeploymentObject);
    }
  }

  outcome(cluster: Cluster): "reached" | "given-up" | undefined {
    if (this.met || (this.goal.kind === "time" && cluster.now() >= this.goal.untilMs)) return "reached";
    return cluster.now() >= this.deadlineMs ? "given-up" : undefined;
  }
}

/** Source: pkg/controller/deployment/util/deployment_util.go, DeploymentComplete. */
function rolloutComplete(deployment: DeploymentObject): boolean {
  const { spec, status, metadata } = deployment;
  const wanted = spec?.replicas ?? 1;
  return status?.updatedReplicas === wanted && status?.replicas === wanted && status?.availableReplicas === wanted && (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}
