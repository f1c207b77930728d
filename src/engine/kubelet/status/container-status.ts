import type { TimeText } from "../../apimachinery/time-text.ts";
import type { Container, ContainerState, ContainerStatus, ContainerUser, PodObject, VolumeMountStatus } from "../../kinds/generated/types.ts";
import type { ContainerInfo, ContainerRuntime } from "../../runtime/contracts.ts";
import { CONTAINER_ID_PREFIX, isSidecar, statusOf } from "../pod-helpers.ts";
import { findContainer, type PodRuntime, shouldContainerBeRestarted } from "../pod-runtime.ts";
import type { ReasonCache } from "../sync/reason-cache.ts";

export interface ContainerStatusInput {
  readonly pod: PodObject;
  readonly runtime: PodRuntime;
  readonly previous: readonly ContainerStatus[] | undefined;
  readonly containers: readonly Container[];
  /** The pod has init containers, so that what waits is "PodInitializing". */
  readonly hasInit: boolean;
  readonly isInit: boolean;
  readonly reasons: ReasonCache;
  readonly time: TimeText;
  readonly images: Pick<ContainerRuntime, "imageStatus" | "logs">;
}

const EMPTY_STATE: ContainerState = {};

/**
 * Statuses of a pod's containers of one sort: init ones in the order of the spec, the others by name.
 * Source: pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses.
 */
export function containerStatuses(input: ContainerStatusInput): readonly ContainerStatus[] {
  const statuses = input.containers.map((container) => withWaitingReason(input, container, statusFor(input, container)));
  if (input.isInit) return statuses;
  return statuses.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function statusFor(input: ContainerStatusInput, container: Container): ContainerStatus {
  const seen = input.runtime.containers.filter((info) => info.name === container.name);
  const [newest, before] = seen;
  if (newest === undefined) return statusWithoutContainer(input, container);
  const status = fromRuntime(input, container, newest);
  return before === undefined ? status : { ...status, lastState: stateOf(input, container, before) };
}

/** Nothing in the runtime: never started, over for long, or lost. */
function statusWithoutContainer(input: ContainerStatusInput, container: Container): ContainerStatus {
  const old = statusOf(input.previous, container.name);
  if (old?.state?.terminated !== undefined) return old;
  const fresh: ContainerStatus = {
    name: container.name,
    state: { waiting: { reason: input.hasInit ? "PodInitializing" : "ContainerCreating" } },
    lastState: old?.lastState ?? EMPTY_STATE,
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? "",
    imageID: "",
    ...mountsOf(container),
  };
  if (old?.state?.running === undefined || old.lastState?.terminated !== undefined) return fresh;
  // It ran when last seen, and a status may not go back to waiting without saying how that ended.
  return {
    ...fresh,
    restartCount: old.restartCount + 1,
    lastState: {
      terminated: {
        exitCode: 137, reason: "ContainerStatusUnknown",
        message: "The container could not be located when the pod was deleted.  The container used to be Running",
      },
    },
  };
}

function fromRuntime(input: ContainerStatusInput, container: Container, info: ContainerInfo): ContainerStatus {
  return {
    name: container.name,
    state: stateOf(input, container, info),
    lastState: EMPTY_STATE,
    ready: false,
    restartCount: info.attempt,
    image: input.images.imageStatus(info.image)?.name ?? info.image,
    imageID: info.imageId,
    containerID: CONTAINER_ID_PREFIX + info.id,
    ...(container.resources?.requests === undefined ? {} : { allocatedResources: container.resources.requests }),
    resources: container.resources ?? {},
    ...mountsOf(container),
    ...(info.state === "Created" ? {} : { user: userOf(input.pod, container, info) }),
  };
}

/** A runtime gives 0 for when a container started that never did, and the kubelet takes that for a time. Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, toKubeContainerStatus. */
const NEVER_STARTED = "1970-01-01T00:00:00Z";

function stateOf(input: ContainerStatusInput, container: Container, info: ContainerInfo): ContainerState {
  const { time } = input;
  if (info.state === "Running") return { running: { startedAt: time.seconds(info.startedUs ?? info.createdUs) } };
  if (info.state === "Created") return { waiting: {} };
  const finishedUs = info.finishedUs ?? info.createdUs;
  return {
    terminated: {
      exitCode: info.exitCode ?? 0,
      ...(info.reason === undefined || info.reason === "" ? {} : { reason: info.reason }),
      ...messageOf(input, container, info),
      startedAt: info.startedUs === undefined ? NEVER_STARTED : time.seconds(info.startedUs),
      finishedAt: time.seconds(finishedUs),
      containerID: CONTAINER_ID_PREFIX + info.id,
    },
  };
}

const FALLBACK_LINES = 80;
const FALLBACK_CHARS = 2_048;
const MAX_MESSAGES_CHARS = 12 * 1_024; // of all containers of a pod

/**
 * What the container left behind, or the end of its log when it may and has failed.
 * Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, getTerminationMessage; status_manager.go, normalizeStatus.
 */
function messageOf({ images, pod }: ContainerStatusInput, container: Container, info: ContainerInfo): { message?: string } {
  let message = info.message ?? "";
  if (message === "" && info.exitCode !== 0 && container.terminationMessagePolicy === "FallbackToLogsOnError") {
    message = (images.logs(info.id)?.lines() ?? []).slice(-FALLBACK_LINES).map(({ text }) => `${text}\n`).join("").slice(-FALLBACK_CHARS);
  }
  const limit = Math.floor(MAX_MESSAGES_CHARS / (pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0)));
  return message === "" ? {} : { message: message.slice(0, limit) };
}

/** What is about to start again waits, with the reason of the last attempt, when one is known. */
function withWaitingReason(input: ContainerStatusInput, container: Container, status: ContainerStatus): ContainerStatus {
  if (input.isInit && !isSidecar(container)) {
    const newest = findContainer(input.runtime, container.name);
    if (newest?.state === "Exited" && newest.exitCode === 0) return status;
  }
  if (!shouldContainerBeRestarted(container, input.pod, input.runtime)) return status;
  const reason = input.reasons.get(container.name);
  if (reason === undefined) return status;
  const terminated = status.state?.terminated;
  return {
    ...status,
    lastState: terminated === undefined ? (status.lastState ?? EMPTY_STATE) : { terminated },
    state: { waiting: { reason: reason.reason, ...(reason.message === "" ? {} : { message: reason.message }) } },
  };
}

function mountsOf(container: Container): { volumeMounts?: readonly VolumeMountStatus[] } {
  if (container.volumeMounts === undefined || container.volumeMounts.length === 0) return {};
  return {
    volumeMounts: container.volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
      name, mountPath, ...(readOnly === true ? { readOnly, recursiveReadOnly: recursiveReadOnly === undefined || recursiveReadOnly === "IfPossible" ? "Disabled" : recursiveReadOnly } : {}),
    })),
  };
}

const ROOT: ContainerUser = { linux: { uid: 0, gid: 0, supplementalGroups: [0] } };

/** Differs: the runtime does not report users, so an image's own user shows as root unless the spec names another. */
function userOf(pod: PodObject, container: Container, info: ContainerInfo): ContainerUser {
  const uid = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? info.user?.uid ?? 0;
  const gid = container.securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup ?? info.user?.gid ?? 0;
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  if (uid === 0 && gid === 0 && fsGroup === undefined && supplementalGroups.length === 0) return ROOT;
  return { linux: { uid, gid, supplementalGroups: [...new Set([gid, ...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups])] } };
}
