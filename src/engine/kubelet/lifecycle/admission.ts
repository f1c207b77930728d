import { quantityMilli, quantityValue } from "../../apimachinery/quantity.ts";
import type { NodeObject, PodObject, PodSpec } from "../../kinds/generated/types.ts";
import { matchesRequiredNodeAffinity } from "../../kinds/helpers/node-affinity.ts";
import { addAmounts, noAmounts, podRequests, type ResourceAmounts } from "../../kinds/helpers/pod-resources.ts";
import { firstUntolerated } from "../../kinds/helpers/tolerations.ts";
import { isStaticPod } from "../pod-helpers.ts";

export interface Rejection {
  /** "OutOfcpu", "NodeAffinity", … */
  readonly reason: string;
  readonly message: string;
}

export interface AdmissionInput {
  readonly pod: PodObject;
  readonly node: NodeObject;
  /** Those that hold resources here already, without `pod`. */
  readonly others: readonly PodObject[];
}

/**
 * Whether the node takes a pod that the scheduler, or a hand-written nodeName, sent to it; undefined when it does.
 * Source: pkg/kubelet/lifecycle/predicates.go, predicateAdmitHandler.Admit and generalFilter; pkg/scheduler AdmissionCheck.
 * Differs: a critical pod that does not fit is rejected, too; upstream first evicts less important pods.
 */
export function rejectionOf(input: AdmissionInput): Rejection | undefined {
  const { pod, node } = input;
  const os = pod.spec.os?.name;
  if (os !== undefined && os !== "linux") return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
  const wantedOs = pod.spec.nodeSelector?.["kubernetes.io/os"];
  if (wantedOs !== undefined && wantedOs !== "linux") {
    return { reason: "PodOSSelectorNodeLabelDoesNotMatch", message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label" };
  }
  const resources = isStaticPod(pod) ? undefined : insufficientResource(input);
  if (resources !== undefined) return resources;
  if (!matchesRequiredNodeAffinity(pod.spec, node)) return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== node.metadata.name) return predicate("NodeName", "node(s) didn't match the requested node name");
  if (hasPortConflict(input)) return predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  if (!isStaticPod(pod) && firstUntolerated(node.spec.taints, pod.spec.tolerations, ["NoExecute"]) !== undefined) {
    return predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate");
  }
  return undefined;
}

const predicate = (name: string, why: string): Rejection => ({ reason: name, message: `Predicate ${name} failed: ${why}` });

/** Source: pkg/kubelet/lifecycle/predicates.go, InsufficientResourceError; noderesources.Fits. */
function insufficientResource({ pod, node, others }: AdmissionInput): Rejection | undefined {
  const allocatable = node.status?.allocatable ?? {};
  const lacking = (name: string, requested: number, used: number, capacity: number): Rejection => ({
    reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  });
  const maxPods = quantityValue(allocatable["pods"]);
  if (others.length + 1 > maxPods) return lacking("pods", 1, others.length, maxPods);
  const wanted = requestsOf(pod);
  if (isNothing(wanted)) return undefined;
  const used = noAmounts();
  for (const other of others) addAmounts(used, requestsOf(other));
  const cpu = quantityMilli(allocatable["cpu"]);
  if (wanted.milliCpu > 0 && wanted.milliCpu > cpu - used.milliCpu) return lacking("cpu", wanted.milliCpu, used.milliCpu, cpu);
  const memory = quantityValue(allocatable["memory"]);
  if (wanted.memory > 0 && wanted.memory > memory - used.memory) return lacking("memory", wanted.memory, used.memory, memory);
  const storage = quantityValue(allocatable["ephemeral-storage"]);
  if (wanted.ephemeralStorage > 0 && wanted.ephemeralStorage > storage - used.ephemeralStorage) {
    return lacking("ephemeral-storage", wanted.ephemeralStorage, used.ephemeralStorage, storage);
  }
  for (const [name, amount] of wanted.scalar ?? []) {
    // What the node knows nothing of is left to others, as upstream drops extended resources that are missing from the node.
    if (allocatable[name] === undefined || amount === 0) continue;
    const capacity = quantityValue(allocatable[name]);
    const taken = used.scalar?.get(name) ?? 0;
    if (amount > capacity - taken) return lacking(name, amount, taken, capacity);
  }
  return undefined;
}

/** A spec is looked at again with every pod that comes after it. */
const known = new WeakMap<PodSpec, ResourceAmounts>();

function requestsOf({ spec }: PodObject): ResourceAmounts {
  let amounts = known.get(spec);
  if (amounts === undefined) known.set(spec, (amounts = podRequests(spec)));
  return amounts;
}

const isNothing = ({ milliCpu, memory, ephemeralStorage, scalar }: ResourceAmounts): boolean => milliCpu === 0 && memory === 0 && ephemeralStorage === 0 && scalar === undefined;

/** Source: pkg/scheduler/framework/plugins/nodeports/node_ports.go, Fits. */
function hasPortConflict({ pod, others }: AdmissionInput): boolean {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return false;
  return others.some((other) => hostPorts(other).some((taken) => wanted.some((port) => conflicts(port, taken))));
}

interface HostPort {
  readonly port: number;
  readonly protocol: string;
  readonly ip: string;
}

const conflicts = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === "0.0.0.0" || b.ip === "0.0.0.0");

function hostPorts(pod: PodObject): readonly HostPort[] {
  return pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, protocol = "TCP", hostIP = "" }) => (hostPort === 0 ? [] : [{ port: hostPort, protocol, ip: hostIP === "" ? "0.0.0.0" : hostIP }])),
  );
}
