import type { PodAffinityTerm, PodObject, PodSpec } from "../../kinds/generated/types.ts";
import { compileSelector } from "../../kinds/helpers/label-match.ts";
import { podRequests, type ResourceAmounts } from "../../kinds/helpers/pod-resources.ts";
import { type Labels, matchesLabels, type Selector } from "../../apimachinery/label-selector.ts";

/** What a container without requests counts as when nodes are scored. Source: pkg/scheduler/util/pod_resources.go. */
const NON_ZERO = { milliCpu: 100, memory: 200 * 1024 * 1024 };

/** A pod affinity term, ready to match. */
export interface AffinityTerm {
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: Selector | undefined;
  readonly selector: Selector;
  readonly topologyKey: string;
  /** 0 for required terms. */
  readonly weight: number;
}

/** What the scheduler needs to know of a pod, worked out once for each spec. */
export interface PodFacts {
  readonly requests: ResourceAmounts;
  readonly nonZero: { readonly milliCpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod as the scheduler handles it. */
export interface PodInfo {
  readonly pod: PodObject;
  readonly uid: string;
  /** "namespace/name". */
  readonly key: string;
  readonly priority: number;
  readonly facts: PodFacts;
}

const NO_TERMS: readonly AffinityTerm[] = [];
const NO_PORTS: readonly HostPort[] = [];
/** By the containers, because binding a pod makes a new spec around the same ones. */
const known = new WeakMap<PodSpec["containers"], { readonly spec: PodSpec; readonly namespace: string; readonly facts: PodFacts }>();

export function podInfo(pod: PodObject): PodInfo {
  const namespace = pod.metadata.namespace ?? "";
  return { pod, uid: pod.metadata.uid ?? "", key: `${namespace}/${pod.metadata.name}`, priority: pod.spec.priority ?? 0, facts: factsOf(pod.spec, namespace) };
}

function factsOf(spec: PodSpec, namespace: string): PodFacts {
  const before = known.get(spec.containers);
  if (before !== undefined && before.namespace === namespace && before.spec.affinity === spec.affinity && before.spec.initContainers === spec.initContainers && before.spec.overhead === spec.overhead) return before.facts;
  const facts = workOut(spec, namespace);
  known.set(spec.containers, { spec, namespace, facts });
  return facts;
}

function workOut(spec: PodSpec, namespace: string): PodFacts {
  const nonZero = podRequests(spec, NON_ZERO);
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const required = (terms: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] => terms?.map((term) => compileTerm(term, namespace, 0)) ?? NO_TERMS;
  const preferred = (terms: readonly { weight: number; podAffinityTerm: PodAffinityTerm }[] | undefined): readonly AffinityTerm[] =>
    terms?.map(({ weight, podAffinityTerm }) => compileTerm(podAffinityTerm, namespace, weight)) ?? NO_TERMS;
  return {
    requests: podRequests(spec), nonZero: { milliCpu: nonZero.milliCpu, memory: nonZero.memory }, hostPorts: hostPortsOf(spec),
    requiredAffinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

/** Source: pkg/scheduler/framework/types.go, newAffinityTerm and getNamespacesFromPodAffinityTerm. */
function compileTerm(term: PodAffinityTerm, namespace: string, weight: number): AffinityTerm {
  const own = (term.namespaces ?? []).length === 0 && term.namespaceSelector === undefined;
  return {
    namespaces: new Set(own ? [namespace] : term.namespaces), topologyKey: term.topologyKey, weight, selector: compileSelector(term.labelSelector),
    namespaceSelector: term.namespaceSelector === undefined ? undefined : compileSelector(term.namespaceSelector),
  };
}

/** Source: AffinityTerm.Matches. `namespaceLabels` are those of the pod's namespace. */
export function termSelects(term: AffinityTerm, pod: PodObject, namespaceLabels: Labels): boolean {
  const inNamespace = term.namespaces.has(pod.metadata.namespace ?? "") || (term.namespaceSelector !== undefined && matchesLabels(term.namespaceSelector, namespaceLabels));
  return inNamespace && matchesLabels(term.selector, pod.metadata.labels);
}

/** Ports that the pod takes on its node; sidecars' included. Source: pkg/scheduler/util/utils.go, GetHostPorts. */
function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  for (const container of [...spec.containers, ...sidecars]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort !== undefined && hostPort > 0) (ports ??= []).push({ ip: hostIP === undefined || hostIP === "" ? "0.0.0.0" : hostIP, protocol: protocol ?? "TCP", port: hostPort });
    }
  }
  return ports ?? NO_PORTS;
}
