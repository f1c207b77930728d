/** The steps of a pod's life as the stage names them, in the order in which they usually come. */
export const LIFECYCLE_STEPS = [
  { id: "admit", label: "API server", short: "admitting" },
  { id: "schedule", label: "Scheduling", short: "waiting for a node" },
  { id: "bind", label: "Binding", short: "binding" },
  { id: "sandbox", label: "Sandbox", short: "sandbox" },
  { id: "cni", label: "Network (CNI)", short: "network" },
  { id: "volumes", label: "Volumes", short: "volumes" },
  { id: "pull", label: "Image pull", short: "pulling" },
  { id: "create", label: "Create", short: "creating" },
  { id: "start", label: "Start", short: "starting" },
  { id: "backoff", label: "Back-off", short: "back-off" },
  { id: "ready", label: "Until Ready", short: "until ready" },
  { id: "stop", label: "Stopping", short: "stopping" },
] as const;

export type LifecycleStepId = (typeof LIFECYCLE_STEPS)[number]["id"];

const BY_ID = new Map(LIFECYCLE_STEPS.map((step, order) => [step.id, { ...step, order }]));

/** Label and order of a step. */
export function stepInfo(id: LifecycleStepId): { readonly label: string; readonly short: string; readonly order: number } {
  const info = BY_ID.get(id);
  if (info === undefined) throw new Error(`Kubarium bug: expected that ${id} is a lifecycle step`);
  return info;
}

/** One bar of the Gantt. */
export interface LifecycleStep {
  readonly id: LifecycleStepId;
  /** What it is about, when there can be several: a container or an image. */
  readonly of: string;
  readonly startUs: number;
  readonly endUs: number | undefined;
  /** 0…1, when it can tell. */
  readonly progress: number | undefined;
  /** Who did it: "kubelet/node-1". */
  readonly component: string;
  /** A fact or two in words: "10.42.1.7", "72 MB", "not enough cpu". */
  readonly note: string;
  readonly failed: boolean;
}
