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

/**
 * Reads the pod with the client's own rights and checks what the API server checks before it connects to a kubelet.
 * Source: pkg/registry/core/pod/strategy.go, streamLocation and validateContainer.
 */
export function resolveTarget(request: (request: ApiRequest) => ApiResponse, head: ApiRequest, remote: RemotePath, search: URLSearchParams): Result<RemoteTarget, Status> {
  const answer = request({ method: "GET", path: `/api/v1/namespaces/${remote.namespace}/pods/${remote.pod}`, query: {}, headers: identityOf(head.headers ?? {}) });
  if (answer.status !== 200) {
    return { ok: false, error: isStatus(answer.body) ? answer.body : internalError(`the API server answered ${answer.status}`) };
  }
  const object = answer.body as PodObject;
  const container = remote.action === "portforward" ? { ok: true as const, value: "" } : chooseContainer(object, search.get("container") ?? "");
  if (!container.ok) return container;
  if (!object.spec.nodeName) return { ok: false, error: failure(400, "BadRequest", `pod ${remote.pod} does not have a host assigned`) };
  return { ok: true, value: { ...remote, container: container.value, object } };
}

/** Who asks, and what for: all that the look-up of the pod shares with the request itself. */
function identityOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const shared = Object.entries(headers).filter(([name]) => name === "authorization" || name === "user-agent" || name.startsWith("impersonate-"));
  return { accept: "application/json", ...Object.fromEntries(shared) };
}

function chooseContainer(pod: PodObject, wanted: string): Result<string, Status> {
  const names = (list: readonly { readonly name?: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name ?? "");
  const containers = names(pod.spec.containers);
  const initContainers = names(pod.spec.initContainers);
  const name = pod.metadata.name;
  if (wanted !== "") {
    const all = [...containers, ...initContainers, ...names(pod.spec.ephemeralContainers)];
    return all.includes(wanted) ? { ok: true, value: wanted } : { ok: false, error: failure(400, "BadRequest", `container ${wanted} is not valid for pod ${name}`) };
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return { ok: true, value: only };
  const choice = initContainers.length === 0 ? "" : ` or one of the init containers: [${initContainers.join(" ")}]`;
  return { ok: false, error: failure(400, "BadRequest", `a container name must be specified for pod ${name}, choose one of: [${containers.join(" ")}]${choice}`) };
}

/** True while the named container's process runs, by the pod's status. */
export function isRunning(pod: PodObject, container: string): boolean {
  const statuses = [pod.status?.containerStatuses, pod.status?.initContainerStatuses, pod.status?.ephemeralContainerStatuses].flatMap((list) => list ?? []);
  return statuses.find(({ name }) => name === container)?.state?.running !== undefined;
}
