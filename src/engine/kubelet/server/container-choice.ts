import type { Status } from "../../apimachinery/api.ts";
import { badRequest } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { containerSpec } from "../pod-helpers.ts";

/** The container that a request is about. Source: pkg/registry/core/pod/strategy.go, LogLocation and streamLocation. */
export function chooseContainer(pod: PodObject, name: string | undefined): Result<string, Status> {
  if (name !== undefined && name !== "") {
    return containerSpec(pod, name) === undefined ? err(badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`)) : ok(name);
  }
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const first = containers[0];
  if (containers.length === 1 && first !== undefined) return ok(first.name);
  if (containers.length === 0) return err(badRequest(`a container name must be specified for pod ${pod.metadata.name}`));
  const names = (list: readonly { readonly name: string }[]): string => `[${list.map(({ name: one }) => one).join(" ")}]`;
  const init = initContainers.length === 0 ? "" : ` or one of the init containers: ${names(initContainers)}`;
  const ephemeral = ephemeralContainers.length === 0 ? "" : ` or one of the ephemeral containers: ${names(ephemeralContainers)}`;
  return err(badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: ${names(containers)}${init}${ephemeral}`));
}
