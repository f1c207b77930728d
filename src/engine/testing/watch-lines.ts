import type { KubeObject } from "../apimachinery/object.ts";
import { anyKind } from "../controllers/actions.ts";
import type { DeploymentObject, EventObject } from "../kinds/generated/types.ts";
import { Deployment } from "../kinds/deployment.ts";
import { Event } from "../kinds/event.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { TestApi } from "./test-api.ts";

/** Every change of a kind from now on, as the store makes it. */
export function watchChanges<T extends KubeObject>(api: TestApi, kind: KindDefinition<T>, listener: (type: string, object: T) => void): void {
  const { internal } = api.server;
  const { revision } = internal.list(anyKind(kind), {});
  const watching = internal.watch(anyKind(kind), {}, revision, ({ type, object }) => listener(type, object as T));
  if (!watching.ok) throw new Error(watching.error.message);
}

/** A deployment in the form of the recorded traces: "gen=1 3/3/1 -2 Progressing=True(…)": replicas/updated/available and unavailable. */
export function deploymentLine({ metadata, status }: DeploymentObject): string {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0, unavailableReplicas = 0, conditions = [] } = status ?? {};
  const reasons = conditions.map(({ type, status: value, reason }) => `${type}=${value}(${reason})`).sort().join(" ");
  return `gen=${metadata.generation} observed=${observedGeneration} ${replicas}/${updatedReplicas}/${readyReplicas}/${availableReplicas} -${unavailableReplicas} ${reasons}`;
}

/** Lines of a deployment's changes and texts of its scaling events, from now on; what repeats without a difference counts once. */
export function followDeployment(api: TestApi): { readonly lines: string[]; readonly scalings: string[] } {
  const lines: string[] = [];
  const scalings: string[] = [];
  watchChanges(api, Deployment, (type, deployment) => {
    const line = type === "DELETED" ? "DELETED" : deploymentLine(deployment);
    if (lines.at(-1) !== line) lines.push(line);
  });
  watchChanges(api, Event, (_type, { reason, message = "" }: EventObject) => {
    if (reason === "ScalingReplicaSet") scalings.push(message.replace("(combined from similar events): ", ""));
  });
  return { lines, scalings };
}
