import type { ApiRequest, ApiResponse, Status } from "../../apimachinery/api.ts";
import { type FieldError, forbidden, invalid } from "../../apimachinery/field-error.ts";
import type { ObjectKey } from "../../apimachinery/object.ts";
import { badRequest, internalError, invalidObject, notFound, plainError } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { NodeObject, PodObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { type ServerCore, stored } from "../core.ts";
import type { LogAnswer, PodLogOptions } from "../node-proxy.ts";
import { jsonAnswer, statusAnswer } from "./answers.ts";
import type { Liveness } from "./liveness.ts";
import { queryOf } from "./request-info.ts";
import { Outlet } from "./watch-stream.ts";

/** Where a command, a stream or a log is to be found. */
export interface PodLocation {
  readonly pod: PodObject;
  readonly container: string;
  /** "" while the pod has no node. */
  readonly node: string;
}

/** The container that is meant. Source: pkg/registry/core/pod/strategy.go, validateContainer. */
export function containerOf(pod: PodObject, container: string): Result<string, Status> {
  const names = pod.spec.containers.map((c) => c.name);
  const initNames = (pod.spec.initContainers ?? []).map((c) => c.name);
  const { name } = pod.metadata;
  if (container !== "") {
    const all = [...names, ...initNames, ...(pod.spec.ephemeralContainers ?? []).map((c) => c.name)];
    return all.includes(container) ? ok(container) : err(badRequest(`container ${container} is not valid for pod ${name}`));
  }
  const [only] = names;
  if (only !== undefined && names.length === 1) return ok(only);
  const init = initNames.length === 0 ? "" : ` or one of the init containers: [${initNames.join(" ")}]`;
  return err(badRequest(`a container name must be specified for pod ${name}${names.length === 0 ? "" : `, choose one of: [${names.join(" ")}]${init}`}`));
}

function locate(core: ServerCore, kind: KindDefinition, key: ObjectKey, container: string): Result<PodLocation, Status> {
  const pod = stored(core, kind, key) as PodObject | undefined;
  if (pod === undefined) return err(notFound(kind, key.name));
  const chosen = containerOf(pod, container);
  return chosen.ok ? ok({ pod, container: chosen.value, node: pod.spec.nodeName ?? "" }) : chosen;
}

/** Where exec, attach and port-forward go, or why they cannot. Source: pkg/registry/core/pod/strategy.go, streamLocation. */
export function locateStream(core: ServerCore, kind: KindDefinition, key: ObjectKey, container: string): Result<PodLocation, Status> {
  const found = locate(core, kind, key, container);
  if (!found.ok || found.value.node !== "") return found;
  return err(badRequest(`pod ${key.name} does not have a host assigned`));
}

const TRUE = new Set(["true", "1", ""]);

/** GET pods/log. Source: pkg/registry/core/pod/rest/log.go; pkg/registry/core/pod/strategy.go, LogLocation. */
export function readLog(core: ServerCore, liveness: Liveness, kind: KindDefinition, key: ObjectKey, request: ApiRequest): ApiResponse {
  const options = parseLogOptions(core, key, request);
  if (!options.ok) return statusAnswer(options.error);
  const found = locate(core, kind, key, options.value.container);
  if (!found.ok) return statusAnswer(found.error);
  const { pod, container, node } = found.value;
  if (node === "") return { status: 204, headers: {}, body: "" };
  const unreachable = checkNode(core, node);
  if (unreachable !== undefined) return statusAnswer(unreachable);
  const proxy = core.nodeProxy();
  if (proxy === undefined) return statusAnswer(internalError(`no kubelet can be reached for node ${node}`));
  const answer = proxy.logs(node, pod, { ...options.value, container });
  return answer.ok ? logAnswer(answer.value, liveness) : statusAnswer(answer.error);
}

/** The kubelet is called at one of its node's addresses. Source: pkg/kubelet/client/kubelet_client.go, GetConnectionInfo. */
function checkNode(core: ServerCore, node: string): Status | undefined {
  const kind = core.kinds.named("Node");
  const object = kind === undefined ? undefined : (stored(core, kind, { namespace: "", name: node }) as NodeObject | undefined);
  if (object === undefined) return notFound({ group: "", plural: "nodes" }, node);
  return (object.status?.addresses ?? []).length > 0 ? undefined : plainError("no preferred addresses found; known addresses: []");
}

function logAnswer({ text, follow }: LogAnswer, liveness: Liveness): ApiResponse {
  const headers = { "content-type": "text/plain", "cache-control": "no-cache, private" };
  if (follow === undefined) return { status: 200, headers, body: text };
  let stopListening = (): void => {};
  const outlet = new Outlet(() => {
    stopListening();
    follow.close();
  });
  stopListening = liveness.onDown(() => outlet.end());
  if (text !== "") outlet.push(text);
  follow.listen({ line: (line) => outlet.push(line), end: () => outlet.end() });
  return { status: 200, headers, body: undefined, stream: outlet };
}

/** Source: pkg/apis/core/validation/validation.go, ValidatePodLogOptions. */
function parseLogOptions(core: ServerCore, key: ObjectKey, request: ApiRequest): Result<PodLogOptions, Status> {
  const errors: FieldError[] = [];
  const numbers: Partial<Record<"tailLines" | "limitBytes" | "sinceSeconds", number>> = {};
  for (const name of ["tailLines", "limitBytes", "sinceSeconds"] as const) {
    const text = queryOf(request, name);
    if (text === "") continue;
    if (!/^[+-]?\d+$/.test(text)) return err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`));
    numbers[name] = Number(text);
  }
  const { tailLines, limitBytes, sinceSeconds } = numbers;
  const sinceTime = queryOf(request, "sinceTime");
  if (tailLines !== undefined && tailLines < 0) errors.push(invalid("tailLines", tailLines, "must be greater than or equal to 0"));
  if (limitBytes !== undefined && limitBytes < 1) errors.push(invalid("limitBytes", limitBytes, "must be greater than 0"));
  if (sinceSeconds !== undefined && sinceTime !== "") errors.push(forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.push(invalid("sinceSeconds", sinceSeconds, "must be greater than 0"));
  if (errors.length > 0) return err(invalidObject({ group: "", kind: "PodLogOptions" }, key.name, errors));
  const sinceUs = sinceTime === "" ? undefined : core.context.time.parse(sinceTime);
  if (sinceTime !== "" && sinceUs === undefined) return err(badRequest(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`));
  const flag = (name: string): boolean => request.query?.[name] !== undefined && TRUE.has(queryOf(request, name));
  return ok({
    container: queryOf(request, "container"), follow: flag("follow"), previous: flag("previous"), timestamps: flag("timestamps"), ...numbers,
    ...(sinceUs === undefined ? {} : { sinceUs }),
  });
}

/** exec, attach and portforward over plain HTTP: the host upgrades the connection and comes here only for errors. */
export function refuseStream(core: ServerCore, kind: KindDefinition, key: ObjectKey, request: ApiRequest, subresource: string): ApiResponse {
  const found = subresource === "portforward" ? locateStream(core, kind, key, firstContainer(core, kind, key)) : locateStream(core, kind, key, queryOf(request, "container"));
  if (!found.ok) return statusAnswer(found.error);
  if (subresource === "exec" && queryOf(request, "command") === "") return statusAnswer(badRequest("you must specify at least 1 command for the container"));
  return jsonAnswer(400, badRequest("Upgrade request required"));
}

const firstContainer = (core: ServerCore, kind: KindDefinition, key: ObjectKey): string => (stored(core, kind, key) as PodObject | undefined)?.spec.containers[0]?.name ?? "";
