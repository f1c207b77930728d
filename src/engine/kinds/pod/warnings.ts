import { parseQuantity } from "../../apimachinery/quantity.ts";
import { isDns1123Label } from "../../apimachinery/names.ts";
import type { Container, ContainerPort, PodAffinityTerm, PodObject, PodSpec, WeightedPodAffinityTerm } from "../generated/types.ts";

type Annotations = Readonly<Record<string, string>>;

const DEPRECATED_ANNOTATIONS: Annotations = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};
const SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_OF_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR_OF_CONTAINER = "container.apparmor.security.beta.kubernetes.io/";

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
  return [...name, ...podSpecWarnings(pod.spec, "spec", pod.metadata.annotations)];
}

/**
 * What is odd about a pod or a pod template; `path` is that of its spec.
 * Source: pkg/api/pod/warnings.go, warningsForPodSpecAndMeta.
 * Differs: of deprecated volume types only those that tutorials still use are named; paths that overlap within one volume are not looked for.
 */
export function podSpecWarnings(spec: PodSpec, path: string, annotations: Annotations = {}): string[] {
  const out: string[] = [];
  const annotation = (key: string, why: string): void => void (Object.hasOwn(annotations, key) && out.push(`${path.replace(/spec$/, "metadata")}.annotations[${key}]: ${why}`));
  nodeLabelWarnings(out, spec, path);
  for (const [key, why] of Object.entries(DEPRECATED_ANNOTATIONS)) annotation(key, why);
  spec.volumes?.forEach((volume, i) => {
    if (volume.gitRepo !== undefined) out.push(`${path}.volumes[${i}].gitRepo: deprecated in v1.11, and disabled by default in v1.33+`);
    if (volume.glusterfs !== undefined) out.push(`${path}.volumes[${i}].glusterfs: deprecated in v1.25, non-functional in v1.26+`);
    if (volume.cephfs !== undefined) out.push(`${path}.volumes[${i}].cephfs: deprecated in v1.28, non-functional in v1.31+`);
    if (volume.rbd !== undefined) out.push(`${path}.volumes[${i}].rbd: deprecated in v1.28, non-functional in v1.31+`);
  });
  repeated(spec.hostAliases?.map(({ ip }) => ip), (i, ip) => out.push(`${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`));
  const secrets = spec.imagePullSecrets?.map(({ name = "" }) => name) ?? [];
  repeated(secrets, (i, name) => out.push(`${path}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`));
  secrets.forEach((name, i) => void (name === "" && out.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`)));
  if (spec.securityContext?.seccompProfile === undefined) annotation(SECCOMP_OF_POD, 'non-functional in v1.27+; use the "seccompProfile" field instead');
  for (const list of ["initContainers", "containers"] as const) {
    spec[list]?.forEach((container, index) => {
      if (container.securityContext?.seccompProfile === undefined) annotation(SECCOMP_OF_CONTAINER + container.name, 'non-functional in v1.27+; use the "seccompProfile" field instead');
      // A pod's own AppArmor annotations become fields, so only those of templates are spoken of here.
      const hasAppArmor = (spec.securityContext?.appArmorProfile ?? container.securityContext?.appArmorProfile) !== undefined;
      if (path !== "spec" && !hasAppArmor) annotation(APP_ARMOR_OF_CONTAINER + container.name, 'deprecated since v1.30; use the "appArmorProfile" field instead');
      containerWarnings(out, container, `${path}.${list}[${index}]`);
    });
  }
  portWarnings(out, spec, path);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) out.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  for (const kind of ["podAffinity", "podAntiAffinity"] as const) affinityWarnings(out, spec.affinity?.[kind], `${path}.affinity.${kind}`);
  return out;
}

function repeated(values: readonly string[] | undefined, tell: (index: number, value: string) => void): void {
  const seen = new Set<string>();
  values?.forEach((value, index) => (seen.has(value) ? tell(index, value) : seen.add(value)));
}

function nodeLabelWarnings(out: string[], spec: PodSpec, path: string): void {
  for (const key of Object.keys(spec.nodeSelector ?? {}).sort()) if (DEPRECATED_NODE_LABELS.has(key)) out.push(`${path}.nodeSelector[${key}]: ${DEPRECATED_NODE_LABELS.get(key)}`);
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = spec.affinity?.nodeAffinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  const terms = [
    ...(required?.nodeSelectorTerms?.map((term, i) => [term, `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`] as const) ?? []),
    ...(preferred?.map(({ preference }, i) => [preference, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`] as const) ?? []),
  ];
  for (const [term, place] of terms) {
    term.matchExpressions?.forEach(({ key }, j) => {
      if (DEPRECATED_NODE_LABELS.has(key)) out.push(`${place}.matchExpressions[${j}].key: ${key} is ${DEPRECATED_NODE_LABELS.get(key)}`);
    });
  }
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, i) => {
    if (DEPRECATED_NODE_LABELS.has(topologyKey)) out.push(`${path}.topologySpreadConstraints[${i}].topologyKey: ${topologyKey} is ${DEPRECATED_NODE_LABELS.get(topologyKey)}`);
    if (labelSelector === undefined) out.push(`${path}.topologySpreadConstraints[${i}].labelSelector: a null labelSelector results in matching no pod`);
  });
}

function containerWarnings(out: string[], container: Container, path: string): void {
  for (const resource of ["memory", "ephemeral-storage"]) {
    for (const list of ["limits", "requests"] as const) {
      const text = container.resources?.[list]?.[resource];
      const parsed = text === undefined ? undefined : parseQuantity(text);
      if (parsed?.ok === true && parsed.value.nanos % 1_000_000_000n !== 0n) out.push(`${path}.resources.${list}[${resource}]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`);
    }
  }
  const seen = new Set<string>();
  container.env?.forEach((variable, index) => {
    const itself = `$(${variable.name})`;
    const isMade = variable.valueFrom === undefined && variable.value !== itself && variable.value?.includes(itself) === true;
    if (seen.has(variable.name) && !isMade) out.push(`${path}.env[${index}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`);
    seen.add(variable.name);
  });
}

/** A port twice, or nearly so, in the whole pod. */
function portWarnings(out: string[], spec: PodSpec, path: string): void {
  const seen = new Map<string, { readonly at: string; readonly port: ContainerPort }[]>();
  for (const list of ["initContainers", "containers"] as const) {
    spec[list]?.forEach((container, i) => container.ports?.forEach((port, j) => {
      const at = `${path}.${list}[${i}].ports[${j}]`;
      const key = `${port.containerPort}/${port.protocol}`;
      const others = seen.get(key) ?? [];
      for (const other of others) {
        const how = portClash(port, other.port);
        if (how !== undefined) out.push(`${at}: ${how} port definition with ${other.at}`);
      }
      seen.set(key, [...others, { at, port }]);
    }));
  }
}

function portClash({ hostIP = "", hostPort = 0 }: ContainerPort, { hostIP: otherIP = "", hostPort: otherPort = 0 }: ContainerPort): string | undefined {
  if (hostIP === otherIP && hostPort === otherPort) return "duplicate";
  if (hostPort === 0 || otherPort === 0) return "overlapping";
  return hostPort === otherPort && (hostIP === "") !== (otherIP === "") ? "dangerously ambiguous" : undefined;
}

interface PodTerms {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

function affinityWarnings(out: string[], terms: PodTerms | undefined, path: string): void {
  const check = (term: PodAffinityTerm, at: string): void => void (term.labelSelector === undefined && out.push(`${at}.labelSelector: a null labelSelector results in matching no pod`));
  terms?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) => check(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`));
  terms?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, i) => check(podAffinityTerm, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`));
}
