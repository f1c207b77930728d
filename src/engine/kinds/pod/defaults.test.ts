import { expect, test } from "vitest";
import type { PodObject, PodSpec } from "../generated/types.ts";
import { defaultPod } from "./defaults.ts";
import { defaultPullPolicy, parseImageReference } from "./image-reference.ts";
import { qosClassOf } from "./qos.ts";
import { podSpecWarnings, podWarnings } from "./warnings.ts";

// Cases of github.com/distribution/reference's TestReferenceParse and upstream's TestParseImageName.
test.each<[string, string | undefined, string, string]>([
  ["nginx", "docker.io/library/nginx", "latest", ""],
  ["nginx:1.27", "docker.io/library/nginx", "1.27", ""],
  ["user/app", "docker.io/user/app", "latest", ""],
  ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause", "3.10", ""],
  ["localhost/app:x", "localhost/app", "x", ""],
  ["localhost:5000/a/b", "localhost:5000/a/b", "latest", ""],
  ["Reg/app", "Reg/app", "latest", ""],
  ["index.docker.io/nginx", "docker.io/library/nginx", "latest", ""],
  [`nginx@sha256:${"a".repeat(64)}`, "docker.io/library/nginx", "", `sha256:${"a".repeat(64)}`],
  [`nginx:latest@sha256:${"a".repeat(64)}`, "docker.io/library/nginx", "latest", `sha256:${"a".repeat(64)}`],
  ["Nginx", undefined, "", ""],
  ["nginx:", undefined, "", ""],
  ["nginx: latest", undefined, "", ""],
  ["", undefined, "", ""],
  ["a".repeat(64), undefined, "", ""],
  ["nginx:tag:tag", undefined, "", ""],
  ["https://nginx", undefined, "", ""],
  ["a//b", undefined, "", ""],
])("image %j", (image, repository, tag, digest) => {
  expect(parseImageReference(image)).toEqual(repository === undefined ? undefined : { repository, tag, digest });
});

test("a malformed image is pulled if not present, like a tagged one", () => {
  expect(["nginx", "nginx:latest", "nginx:1", "Nginx"].map(defaultPullPolicy)).toEqual(["Always", "Always", "IfNotPresent", "IfNotPresent"]);
});

const containers = (...resources: object[]): PodSpec => ({ containers: resources.map((r, i) => ({ name: `c${i}`, resources: r })) }) as PodSpec;
const pair = (cpu: string, memory: string): object => ({ cpu, memory });

// Cases of upstream's TestComputePodQOS.
test.each<[string, PodSpec, string]>([
  ["guaranteed", containers({ requests: pair("100m", "100Mi"), limits: pair("100m", "100Mi") }), "Guaranteed"],
  ["guaranteed, written differently", containers({ requests: pair("0.1", "102400Ki"), limits: pair("100m", "100Mi") }), "Guaranteed"],
  ["two guaranteed", containers({ requests: pair("1", "1Gi"), limits: pair("1", "1Gi") }, { requests: pair("2", "1Gi"), limits: pair("2", "1Gi") }), "Guaranteed"],
  ["one without limits", containers({ requests: pair("1", "1Gi"), limits: pair("1", "1Gi") }, {}), "Burstable"],
  ["requests only", containers({ requests: pair("1", "1Gi") }), "Burstable"],
  ["no cpu limit", containers({ requests: pair("1", "1Gi"), limits: { memory: "1Gi" } }), "Burstable"],
  ["zero requests", containers({ requests: pair("0", "0") }), "BestEffort"],
  ["other resources only", containers({ requests: { "ephemeral-storage": "1Gi" }, limits: { "example.com/gpu": "1" } }), "BestEffort"],
  ["nothing", containers({}, {}), "BestEffort"],
])("quality of service: %s", (_name, spec, expected) => {
  expect(qosClassOf(spec)).toBe(expected);
});

const pod = (spec: object): PodObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec }) as unknown as PodObject;

test("defaults of a defaulted pod are the pod itself", () => {
  const once = defaultPod(pod({ hostNetwork: true, volumes: [{ name: "a" }, { name: "b", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }], containers: [
    { name: "c", image: "x", ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } }, env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }], resources: { limits: { cpu: "100u" } } },
  ] }));
  expect(once.spec.containers[0]).toMatchObject({ ports: [{ hostPort: 80, protocol: "TCP" }], resources: { limits: { cpu: "1m" }, requests: { cpu: "1m" } }, livenessProbe: { httpGet: { path: "/", scheme: "HTTP" }, timeoutSeconds: 1 } });
  expect(once.spec.volumes).toEqual([{ name: "a", emptyDir: {} }, { name: "b", projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 3600 } }], defaultMode: 420 } }]);
  expect(defaultPod(once)).toBe(once);
});

test.each<[object, string[]]>([
  [{ containers: [{ name: "c", env: [{ name: "A", value: "1" }, { name: "A", value: "2" }] }] }, ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']],
  [{ containers: [{ name: "c", env: [{ name: "A", value: "1" }, { name: "A", value: "$(A)2" }] }] }, []],
  [{ containers: [{ name: "c", ports: [{ containerPort: 80, protocol: "TCP" }, { containerPort: 80, protocol: "TCP" }] }] }, ["spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"]],
  [{ containers: [{ name: "c", resources: { requests: { memory: "100m" } } }] }, ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer']],
  [{ containers: [], nodeSelector: { "beta.kubernetes.io/os": "linux" } }, ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']],
  [{ containers: [], terminationGracePeriodSeconds: -1 }, ["spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"]],
  [{ containers: [{ name: "c", env: [{ name: "A", value: "1" }, { name: "A", value: "$(A)" }] }] }, ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']],
  [{ containers: [{ name: "c", ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }] }, { name: "d", ports: [{ containerPort: 80, protocol: "TCP" }] }] }, ["spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]"]],
  [{ containers: [{ name: "c", ports: [{ containerPort: 80, hostPort: 80, hostIP: "10.0.0.1", protocol: "TCP" }, { containerPort: 80, hostPort: 80, protocol: "TCP" }] }] }, ["spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]"]],
  [{ containers: [], imagePullSecrets: [{ name: "a" }, { name: "" }, { name: "a" }] }, ['spec.imagePullSecrets[2].name: duplicate name "a"', 'spec.imagePullSecrets[1].name: invalid empty name ""']],
  [{ containers: [], hostAliases: [{ ip: "1.1.1.1" }, { ip: "1.1.1.1" }] }, ['spec.hostAliases[1].ip: duplicate ip "1.1.1.1"']],
  [{ containers: [], affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: "a" } }] } } }, ["spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod"]],
])("warnings of %j", (spec, expected) => {
  expect(podWarnings(pod(spec))).toEqual(expected);
});

test("warnings of annotations, at a pod and at a template", () => {
  const annotations = { foo: "bar", "scheduler.alpha.kubernetes.io/critical-pod": "", "seccomp.security.alpha.kubernetes.io/pod": "", "container.seccomp.security.alpha.kubernetes.io/c": "", "container.apparmor.security.beta.kubernetes.io/c": "", "security.alpha.kubernetes.io/sysctls": "" };
  const spec = pod({ containers: [{ name: "c" }] }).spec;
  const common = (at: string): string[] => [
    `${at}[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead`,
    `${at}[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead`,
    `${at}[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead`,
    `${at}[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead`,
  ];
  expect(podSpecWarnings(spec, "spec", annotations)).toEqual(common("metadata.annotations"));
  expect(podSpecWarnings(spec, "spec.template.spec", annotations)).toEqual([
    ...common("spec.template.metadata.annotations"),
    'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
  ]);
  expect(podSpecWarnings(pod({ containers: [{ name: "c", securityContext: { seccompProfile: { type: "RuntimeDefault" } } }], securityContext: { seccompProfile: { type: "RuntimeDefault" } } }).spec, "spec", annotations)).toHaveLength(2);
});
