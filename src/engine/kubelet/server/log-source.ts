import { err, ok, type Result } from "../../kernel/result.ts";
import type { PodStatus } from "../../kinds/generated/types.ts";
import { runtimeIdOf, statusOf } from "../pod-helpers.ts";

/**
 * The runtime container whose log is meant, from what the status shows; else the text of the 400.
 * Source: pkg/kubelet/kubelet_pods.go, validateContainerLogStatus.
 */
export function logContainerId(podName: string, status: PodStatus, container: string, previous: boolean): Result<string, string> {
  const found = statusOf(status.containerStatuses, container) ?? statusOf(status.initContainerStatuses, container) ?? statusOf(status.ephemeralContainerStatuses, container);
  const where = `container ${JSON.stringify(container)} in pod ${JSON.stringify(podName)}`;
  if (found === undefined) return err(`${where} is not available`);
  const { waiting, running, terminated } = found.state ?? {};
  const last = found.lastState?.terminated;
  const lastId = runtimeIdOf(last?.containerID);
  if (previous) return lastId === "" ? err(`previous terminated ${where} not found`) : ok(lastId);
  if (running !== undefined) return ok(runtimeIdOf(found.containerID));
  if (terminated !== undefined) {
    const id = runtimeIdOf(terminated.containerID);
    if (id !== "") return ok(id);
    return lastId === "" ? err(`${where} is terminated`) : ok(lastId);
  }
  if (last !== undefined) return lastId === "" ? err(`${where} is terminated`) : ok(lastId);
  if (waiting === undefined) return err(`${where} is waiting to start - no logs yet`);
  if (waiting.reason === "ErrImagePull") return err(`${where} is waiting to start: image can't be pulled`);
  if (waiting.reason === "ImagePullBackOff") return err(`${where} is waiting to start: trying and failing to pull image`);
  return err(`${where} is waiting to start: ${waiting.reason ?? ""}`);
}
