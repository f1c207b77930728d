import { parseQuantity } from "../../apimachinery/quantity.ts";
import { isDns1123Label } from "../../apimachinery/names.ts";
import type { Container, PodObject, PodSpec } from "../generated/types.ts";

const DEPRECATED_NODE_LABELS: ReadonlyMap<string, string> = new Map(Object.entries({
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}));

/** Source: pkg/registry/core/pod/strategy.go, WarningsOnCreate. */
export function podWarnings(pod: PodObject): string[] {
  const messages = isDns1123Label(pod.metadata.name);
  const name = messages.length > 0 ? [`metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(" ")}]`] : [];
  return [...name, ...podSpecWarnings(pod.spec, "spec")];
}

/** Source: pkg/api/pod/warnings.go, warningsForPodSpecAndMeta. Differs: of deprecated volume types only those that tutorials still use are named. */
export function podSpecWarnings(spec: PodSpec, path: string): string[] {
  const out: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {}).sort()) if (DEPRECATED_NODE_LABELS.has(key)) out.push(`${path}.nodeSelector[${key}]: ${DEPRECATED_NODE_LABELS.get(key)}`);
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.forEach((term, i) => term.matchExpressions?.forEach(({ key }, j) => {
    if (DEPRECATED_NODE_LABELS.has(key)) out.push(`${path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}].matchExpressions[${j}].key: ${key} is ${DEPRECATED_NODE_LABELS.get(key)}`);
  }));
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, i) => {
    if (DEPRECATED_NODE_LABELS.has(topologyKey)) out.push(`${path}.topologySpreadConstraints[${i}].topologyKey: ${topologyKey} is ${DEPRECATED_NODE_LABELS.get(topologyKey)}`);
    if (labelSelector === undefined) out.push(`${path}.topologySpreadConstraints[${i}].labelSelector: a null labelSelector results in matching no pod`);
  });
  spec.volumes?.forEach((volume, i) => {
    if (volume.gitRepo !== undefined) out.push(`${path}.volumes[${i}].gitRepo: deprecated in v1.11, and disabled by default in v1.33+`);
    if (volume.glusterfs !== undefined) out.push(`${path}.volumes[${i}].glusterfs: deprecated in v1.25, non-functional in v1.26+`);
    if (volume.cephfs !== undefined) out.push(`${path}.volumes[${i}].cephfs: deprecated in v1.28, non-functional in v1.31+`);
    if (volume.rbd !== undefined) out.push(`${path}.volumes[${i}].rbd: deprecated in v1.28, non-functional in v1.31+`);
  });
  const secrets = new Set<string>();
  spec.imagePullSecrets?.forEach(({ name = "" }, i) => {
    if (name === "") out.push(`${path}.imagePullSecrets[${i}]: invalid empty name ""`);
    else if (secrets.has(name)) out.push(`${path}.imagePullSecrets[${i}]: duplicate name ${JSON.stringify(name)}`);
    secrets.add(name);
  });
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) out.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  for (const list of ["initContainers", "containers"] as const) spec[list]?.forEach((container, index) => containerWarnings(out, container, `${path}.${list}[${index}]`));
  portWarnings(out, spec, path);
  return out;
}

function containerWarnings(out: string[], container: Container, path: string): void {
  for (const list of ["limits", "requests"] as const) {
    for (const resource of ["ephemeral-storage", "memory"]) {
      const text = container.resources?.[list]?.[resource];
      const parsed = text === undefined ? undefined : parseQuantity(text);
      if (parsed?.ok === true && parsed.value.nanos % 1_000_000_000n !== 0n) out.push(`${path}.resources.${list}[${resource}]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`);
    }
  }
  const seen = new Set<string>();
  container.env?.forEach((variable, index) => {
    const refersToItself = variable.value?.includes(`$(${variable.name})`) === true;
    if (seen.has(variable.name) && !refersToItself) out.push(`${path}.env[${index}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`);
    seen.add(variable.name);
  });
}

/** Source: warningsForPodPort: the same port, protocol, host address and host port twice. */
function portWarnings(out: string[], spec: PodSpec, path: string): void {
  const seen = new Map<string, string>();
  for (const list of ["initContainers", "containers"] as const) {
    spec[list]?.forEach((container, i) => container.ports?.forEach(({ protocol, containerPort, hostIP = "", hostPort = 0 }, j) => {
      const key = [protocol, containerPort, hostIP, hostPort].join("/");
      const at = `${path}.${list}[${i}].ports[${j}]`;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, at);
      else out.push(`${at}: duplicate port definition with ${first}`);
    }));
  }
}
