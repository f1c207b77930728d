import type { ApiRequest, ApiResponse, Status } from "../../../engine/apimachinery/api.ts";
import type { PodObject } from "../../../engine/kinds/generated/types.ts";
import type { Result } from "../../../engine/kernel/result.ts";
import { failure, internalError, isStatus } from "../status.ts";

/** A pod's subresource that turns the connection into streams. */
export interface RemotePath {
  readonly action: "exec" | "attach" | "portforward";
  readonly namespace: string;
  readonly pod: string;
}

/** Where a command, or a forwarded connection, goes. */
export interface RemoteTarget extends RemotePath {
  /** "" for portforward. */
  readonly container: string;
  readonly object: PodObject;
}

/** The streams that the client asked for. Source: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go, NewOptions. */
export interface RemoteOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  readonly command: readonly string[];
}

/** Undefined when the path is another request's. */
export function parseRemotePath(path: string): RemotePath | undefined {
  const match = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach|portforward)$/.exec(path);
  const [, namespace, pod, action] = match ?? [];
  if (namespace === undefined || pod === undefined) return undefined;
  return { action: action as RemotePath["action"], namespace, pod };
}

export function parseRemoteOptions(search: URLSearchParams): Result<RemoteOptions, Status> {
  // Source: apimachinery's conversion of query parameters to bool: anything but "false" and "0" is true.
  const flag = (name: string): boolean => search.has(name) && !["false", "0"].includes((search.get(name) ?? "").toLowerCase());
  const tty = flag("tty");
  const options = { stdin: flag("stdin"), stdout: flag("stdout"), stderr: flag("stderr") && !tty, tty, command: search.getAll("command") };
  if (!options.stdin && !options.stdout && !options.stderr) return { ok: false, error: failure(400, "BadRequest", "you must specify at least 1 of stdin, stdout, stderr") };
  return { ok: true, value: options };
}

/** What the API server answers to exec, attach and port-forward over plain HTTP when nothing else is wrong with them. */
const UPGRADE_REQUIRED = "Upgrade request required";

/**
 * Asks the API server whether the client may, and whether pod and container are there: it answers the same request over plain HTTP with every error that
 * comes before the upgrade. Then reads the pod, for its node, address and containers.
 */
export function resolveTarget(request: (request: ApiRequest) => ApiResponse, head: ApiRequest, remote: RemotePath): Result<RemoteTarget, Status> {
  const { method, path, query = {}, headers = {} } = head;
  const allowed = request({ method, path, query, headers: { ...headers, accept: "application/json" } });
  const status = isStatus(allowed.body) ? allowed.body : internalError(`the API server answered ${allowed.status}`);
  if (allowed.status !== 400 || status.message !== UPGRADE_REQUIRED) return { ok: false, error: status };
  const answer = request({ method: "GET", path: `/api/v1/namespaces/${remote.namespace}/pods/${remote.pod}`, query: {}, headers: { accept: "application/json" } });
  if (answer.status !== 200) return { ok: false, error: isStatus(answer.body) ? answer.body : internalError(`the API server answered ${answer.status}`) };
  const object = answer.body as PodObject;
  // Without a name there is one container only: the API server has seen to that.
  const container = remote.action === "portforward" ? "" : query["container"] || (object.spec.containers[0]?.name ?? "");
  return { ok: true, value: { ...remote, container, object } };
}

/** True while the named container's process runs, by the pod's status. */
export function isRunning(pod: PodObject, container: string): boolean {
  const statuses = [pod.status?.containerStatuses, pod.status?.initContainerStatuses, pod.status?.ephemeralContainerStatuses].flatMap((list) => list ?? []);
  return statuses.find(({ name }) => name === container)?.state?.running !== undefined;
}
