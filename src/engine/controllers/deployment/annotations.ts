import type { DeploymentObject, ReplicaSetObject } from "../../kinds/generated/types.ts";

export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

const NOT_COPIED = new Set(["kubectl.kubernetes.io/last-applied-configuration", REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, "deprecated.deployment.rollback.to"]);
const MAX_HISTORY_CHARACTERS = 2000;

/** A whole number in an annotation; undefined when it is missing or not one. */
export function numberAnnotation(rs: ReplicaSetObject, name: string): number | undefined {
  const text = rs.metadata.annotations?.[name];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export const revisionOf = (rs: ReplicaSetObject): number => numberAnnotation(rs, REVISION) ?? 0;

export const withAnnotations = <T extends DeploymentObject | ReplicaSetObject>(object: T, annotations: Readonly<Record<string, string>>): T => ({
  ...object, metadata: { ...object.metadata, annotations },
});

export const replicasAnnotations = (desired: number, max: number): Readonly<Record<string, string>> => ({ [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) });

/**
 * The annotations that the new replica set ought to carry: the deployment's, its revision, and the revisions it had before.
 * The same object comes back when nothing has to change.
 * Source: pkg/controller/deployment/util/deployment_util.go, SetNewReplicaSetAnnotations.
 */
export function newReplicaSetAnnotations(deployment: DeploymentObject, current: Readonly<Record<string, string>>, newRevision: number): Readonly<Record<string, string>> {
  const next: Record<string, string> = { ...current };
  let changed = false;
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (NOT_COPIED.has(key) || next[key] === value) continue;
    next[key] = value;
    changed = true;
  }
  const before = next[REVISION];
  if (before !== undefined && before !== "" && !/^-?\d+$/.test(before)) return current;
  const beforeNumber = before === undefined || before === "" ? 0 : Number(before);
  if (beforeNumber < newRevision) {
    next[REVISION] = String(newRevision);
    changed = true;
    if (before !== undefined) next[REVISION_HISTORY] = appendHistory(next[REVISION_HISTORY] ?? "", before);
  }
  return changed ? next : current;
}

/** The oldest entries make room once the text would be longer than 2000 characters. */
function appendHistory(history: string, revision: string): string {
  if (history === "") return revision;
  const entries = history.split(",");
  let length = history.length + revision.length + 1;
  let start = 0;
  while (length > MAX_HISTORY_CHARACTERS && start < entries.length) {
    length -= (entries[start] ?? "").length + 1;
    start += 1;
  }
  return length <= MAX_HISTORY_CHARACTERS ? [...entries.slice(start), revision].join(",") : history;
}
