/** One attempt to place one pod, kept so that "why is it Pending?" is a look-up and not a second implementation. */
export interface SchedulingAttempt {
  readonly atUs: number;
  readonly causeId: number;
  /** "namespace/name". */
  readonly pod: string;
  readonly result: "scheduled" | "unschedulable" | "error";
  /** Nodes in the cluster, those looked at, and those that would do: a large cluster is not searched to the end. */
  readonly nodeCount?: number;
  readonly evaluatedNodes?: number;
  readonly feasibleNodes?: number;
  /** The node that preemption makes room on. */
  readonly nominatedNode?: string;
  readonly node?: string;
  /** The FailedScheduling message when it failed, the Scheduled message when it did not. */
  readonly message: string;
  /** Every node up to 200; in larger clusters the best and some of those turned away. */
  readonly verdicts: readonly NodeVerdict[];
}

/** One node in one attempt: the plugin that turned it away, or its scores. */
export interface NodeVerdict {
  readonly node: string;
  readonly plugin?: string;
  readonly code?: "Unschedulable" | "UnschedulableAndUnresolvable" | "Error";
  readonly reasons: readonly string[];
  /** Weighted, per plugin; only for nodes that passed the filters. */
  readonly scores: Readonly<Record<string, number>>;
  readonly total: number;
}
