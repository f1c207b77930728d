import { describe, expect, test } from "vitest";
import { fieldErrorText } from "../../../apimachinery/status.ts";
import { createTimeText } from "../../../apimachinery/time-text.ts";
import { usOf } from "../../../kernel/time.ts";
import { decode } from "../../decode.ts";
import type { BindingObject, PodObject } from "../../generated/types.ts";
import type { StrategyContext } from "../../kind-definition.ts";
import { Pod } from "../../pod.ts";
import { validatePodUpdate } from "./pod-update.ts";
import { validateBinding, validateEphemeralContainersUpdate, validatePodResize } from "./pod-subresources.ts";

const context: StrategyContext = { now: usOf(0), time: createTimeText("2026-01-01T00:00:00Z"), uid: () => "u" };

function pod(spec: object, metadata: object = {}): PodObject {
  const decoded = decode(Pod, { metadata: { name: "p", namespace: "ns", resourceVersion: "1", ...metadata }, spec: { containers: [{ name: "c", image: "x" }], ...spec } });
  if (!decoded.ok) throw new Error(decoded.error);
  return Pod.prepareForCreate(Pod.defaults(decoded.value.object), context);
}
const problems = (spec: object, metadata: object = {}): string[] => Pod.validate(pod(spec, metadata)).map(fieldErrorText);
const container = (extra: object, pod: object = {}): object => ({ containers: [{ name: "c", image: "x", ...extra }], ...pod });
const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

// Success cases of upstream's TestValidatePodSpec, TestValidatePodCreate, TestValidateEnv, TestValidateVolumes, TestValidateHandler, TestValidateTolerations.
test.each<[string, object]>([
  ["minimal", {}],
  ["all kinds of volumes", { volumes: [
    { name: "a", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } }, { name: "b", hostPath: { path: "/var/log", type: "Directory" } }, { name: "c", configMap: { name: "cm", items: [{ key: "k", path: "a/b", mode: 256 }] } },
    { name: "d", secret: { secretName: "s" } }, { name: "e", persistentVolumeClaim: { claimName: "claim" } }, { name: "f", nfs: { server: "s", path: "/" } }, { name: "g", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
    { name: "h", projected: { sources: [{ configMap: { name: "cm" } }, { downwardAPI: { items: [{ path: "cpu", resourceFieldRef: { containerName: "c", resource: "limits.cpu", divisor: "1m" } }] } }] } },
    { name: "i", ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } } } }, { name: "j" },
  ] }],
  ["env of every source", container({ env: [
    { name: "abc", value: "v" }, { name: "AB_C.d-1" }, { name: "1st" }, { name: "A B" }, { name: "N", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }, { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['key']" } } },
    { name: "L", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app.kubernetes.io/name']" } } }, { name: "S", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }, { name: "C", valueFrom: { configMapKeyRef: { name: "c", key: "k", optional: true } } },
    { name: "R", valueFrom: { resourceFieldRef: { resource: "requests.memory", divisor: "1Mi" } } },
  ], envFrom: [{ configMapRef: { name: "c" } }, { prefix: "pre_", secretRef: { name: "s" } }] })],
  ["probes and hooks", container({
    ports: [{ name: "http", containerPort: 80 }, { name: "dns", containerPort: 53, protocol: "UDP" }, { name: "dns-tcp", containerPort: 53 }],
    livenessProbe: { httpGet: { port: "http", httpHeaders: [{ name: "X-A", value: "b" }] } }, readinessProbe: { tcpSocket: { port: 80 }, successThreshold: 3 }, startupProbe: { exec: { command: ["true"] }, terminationGracePeriodSeconds: 1 },
    lifecycle: { postStart: { exec: { command: ["true"] } }, preStop: { sleep: { seconds: 5 } } },
  })],
  ["sidecar with probes", { initContainers: [{ name: "i", image: "x", restartPolicy: "Always", readinessProbe: { grpc: { port: 1 } }, lifecycle: { preStop: { tcpSocket: { port: 1 } } } }] }],
  ["tolerations", { tolerations: [{ key: "a", operator: "Equal", value: "b", effect: "NoSchedule" }, { operator: "Exists" }, { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: -1 }, { key: "a/b" }] }],
  ["affinity", { affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "k", operator: "Gt", values: ["1"] }], matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] }] } },
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { a: "b" } }, namespaces: ["x"] } }] },
  } }],
  ["resources", container({ resources: { requests: { cpu: "100m", "example.com/gpu": 1, "hugepages-2Mi": "4Mi" }, limits: { memory: "1Gi", cpu: 1, "example.com/gpu": "1", "hugepages-2Mi": "4Mi" } } })],
  ["custom DNS", { dnsPolicy: "None", dnsConfig: { nameservers: ["1.2.3.4", "::1"], searches: ["a.b.", ".", "_x.y"], options: [{ name: "ndots", value: "2" }] } }],
  ["host network", { hostNetwork: true, containers: [{ name: "c", image: "x", ports: [{ containerPort: 80 }] }] }],
  ["negative grace period", { terminationGracePeriodSeconds: -5 }],
  ["image with spaces inside is only checked by the kubelet", container({ image: "a b" })],
])("accepted: %s", (_name, spec) => {
  expect(problems(spec)).toEqual([]);
});

// Error cases of the same upstream tests.
test.each<[string, object, string[]]>([
  ["container name", container({ name: "My_C" }), [`spec.containers[0].name: Invalid value: "My_C": ${LABEL}`]],
  ["container name with dots", container({ name: "a.b" }), ['spec.containers[0].name: Invalid value: "a.b": must not contain dots']],
  ["duplicate containers", { containers: [{ name: "a", image: "x" }, { name: "a", image: "y" }] }, ['spec.containers[1].name: Duplicate value: "a"']],
  ["port out of range", container({ ports: [{ containerPort: 70_000, hostPort: 70_000 }] }), ["spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive", "spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive"]],
  ["port protocol", container({ ports: [{ containerPort: 80, protocol: "HTTP" }] }), ['spec.containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"']],
  ["duplicate port names", container({ ports: [{ name: "http", containerPort: 80 }, { name: "http", containerPort: 81 }] }), ['spec.containers[0].ports[1].name: Duplicate value: "http"']],
  ["port name in capitals", container({ ports: [{ name: "HTTP", containerPort: 80 }] }), [
    'spec.containers[0].ports[0].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)', 'spec.containers[0].ports[0].name: Invalid value: "HTTP": must contain at least one letter (a-z)',
  ]],
  ["host network with another host port", { hostNetwork: true, containers: [{ name: "c", image: "x", ports: [{ containerPort: 80, hostPort: 81 }] }] }, ["spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"]],
  ["unknown field of the pod", container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.whoops" } } }] }), ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.whoops": error converting fieldPath: field label not supported: metadata.whoops']],
  ["field that env cannot have", container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }] }), [
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ]],
  ["no source", container({ env: [{ name: "A", valueFrom: {} }] }), ['spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`']],
  ["two sources", container({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "s", key: "k" } } }] }), ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time']],
  ["env without a name", container({ env: [{ value: "x" }] }), ["spec.containers[0].env[0].name: Required value"]],
  ["two mounts at one path", { volumes: [{ name: "a", emptyDir: {} }, { name: "b", emptyDir: {} }], containers: [{ name: "c", image: "x", volumeMounts: [{ name: "a", mountPath: "/d" }, { name: "b", mountPath: "/d" }] }] }, ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/d": must be unique']],
  ["subPath that climbs", { volumes: [{ name: "a", emptyDir: {} }], containers: [{ name: "c", image: "x", volumeMounts: [{ name: "a", mountPath: "/d", subPath: "../x" }] }] }, ['spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain \'..\'']],
  ["mount of a broken volume", { volumes: [{ name: "a", secret: {} }], containers: [{ name: "c", image: "x", volumeMounts: [{ name: "a", mountPath: "/d" }] }] }, ["spec.volumes[0].secret.secretName: Required value", 'spec.containers[0].volumeMounts[0].name: Not found: "a"']],
  ["two volume types", { volumes: [{ name: "a", emptyDir: {}, configMap: { name: "c" } }] }, ["spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type"]],
  ["no volume type is left", { volumes: [{ name: "a", image: { reference: "x" } }] }, ["spec.volumes[0]: Required value: must specify a volume type"]],
  ["hostPath type", { volumes: [{ name: "a", hostPath: { path: "/a", type: "Dir" } }] }, ['spec.volumes[0].hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"']],
  ["mode", { volumes: [{ name: "a", configMap: { name: "c", defaultMode: 1000, items: [{ key: "", path: "/x" }] } }] }, [
    "spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive", "spec.volumes[0].configMap.items[0].key: Required value", 'spec.volumes[0].configMap.items[0].path: Invalid value: "/x": must be a relative path',
  ]],
  ["two probe handlers", container({ livenessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } }), ["spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"]],
  ["probe numbers", container({ readinessProbe: { exec: {}, periodSeconds: -1, terminationGracePeriodSeconds: 10 } }), [
    "spec.containers[0].readinessProbe.exec.command: Required value", "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0", "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 10: must not be set for readinessProbes",
  ]],
  ["probe scheme", container({ livenessProbe: { httpGet: { port: 0, scheme: "http" } } }), ["spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive", 'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "http": supported values: "HTTP", "HTTPS"']],
  ["sleep longer than the grace period", container({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }), ["spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)"]],
  ["restartPolicy", { restartPolicy: "Sometimes" }, ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"']],
  ["dnsPolicy", { dnsPolicy: "X" }, ['spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"']],
  ["init container's restartPolicy", { initContainers: [{ name: "i", image: "x", restartPolicy: "Never" }] }, ['spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"']],
  ["container's restartPolicy", container({ restartPolicy: "Always" }), ["spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers"]],
  ["names", { hostname: "A", nodeName: "A_", serviceAccountName: "A" }, ["serviceAccountName", "nodeName", "hostname"]],
  ["selector operator", { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }, ["spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term"]],
  ["topology key", { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } } }, [
    "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty", 'topologyKey: Invalid value: "": name part must be non-empty', 'topologyKey: Invalid value: "": name part must consist of',
  ]],
  ["spread", { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "z", whenUnsatisfiable: "x", minDomains: 1, labelSelector: {} }] }, [
    "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero", 'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "x": supported values: "DoNotSchedule", "ScheduleAnyway"',
    "spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not x",
  ]],
  ["security", container({ securityContext: { runAsUser: -1, seccompProfile: { type: "Localhost" } } }), ["spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive", "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost"]],
  ["privilege escalation", container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }), ["cannot set `allowPrivilegeEscalation` to false and `privileged` to true"]],
  ["gates with a node", { nodeName: "n", schedulingGates: [{ name: "a" }, { name: "a" }] }, ['spec.schedulingGates[1]: Duplicate value: "a"', "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"]],
  ["ephemeral containers", { ephemeralContainers: [{ name: "e", image: "x" }] }, ["spec.ephemeralContainers: Forbidden: cannot be set on create"]],
  ["negative limit", container({ resources: { limits: { cpu: "-1" } } }), ['spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0', 'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
  ["extended resource without a limit", container({ resources: { requests: { "example.com/gpu": 1 } } }), ["spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"]],
  ["extended resource with another limit", container({ resources: { requests: { "example.com/gpu": 1 }, limits: { "example.com/gpu": 2 } } }), ['spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2']],
  ["huge pages alone", container({ resources: { limits: { "hugepages-2Mi": "2Mi" } } }), ["spec.containers[0].resources: Forbidden: HugePages require cpu or memory"]],
])("refused: %s", (_name, spec, expected) => {
  const errors = problems(spec);
  expect(errors).toHaveLength(expected.length);
  expected.forEach((text, index) => expect(errors[index]).toContain(text));
});

test("metadata", () => {
  expect(problems({}, { name: "", labels: { "a b": "c d" }, annotations: { "controller.kubernetes.io/pod-deletion-cost": "+10" } })).toEqual([
    "metadata.name: Required value: name or generateName is required",
    expect.stringContaining('metadata.labels: Invalid value: "a b": name part must consist of'),
    expect.stringContaining('metadata.labels: Invalid value: "c d": a valid label must be an empty string or consist of'),
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+10": must be a 32bit integer',
  ]);
});

const CHANGES = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

// Cases of upstream's TestValidatePodUpdate.
describe("update", () => {
  test.each<[string, object, object, string[]]>([
    ["nothing", {}, {}, []],
    ["image", {}, container({ image: "y", imagePullPolicy: "Always" }), []],
    ["image removed", {}, container({ image: "", imagePullPolicy: "Always" }), ["spec.containers[0].image: Required value", "spec.containers[0].image: Required value"]],
    ["container added", {}, { containers: [{ name: "c", image: "x" }, { name: "d", image: "x" }] }, ["spec.containers: Forbidden: pod updates may not add or remove containers"]],
    ["env", {}, container({ env: [{ name: "a", value: "b" }] }), [`spec: Forbidden: ${CHANGES}`]],
    ["node", {}, { nodeName: "n" }, [`spec: Forbidden: ${CHANGES}`]],
    ["deadline set", {}, { activeDeadlineSeconds: 5 }, []],
    ["deadline lowered", { activeDeadlineSeconds: 5 }, { activeDeadlineSeconds: 4 }, []],
    ["deadline raised", { activeDeadlineSeconds: 5 }, { activeDeadlineSeconds: 6 }, ["spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value"]],
    ["deadline removed", { activeDeadlineSeconds: 5 }, {}, ['spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value']],
    ["toleration added", { tolerations: [{ key: "a", operator: "Exists" }] }, { tolerations: [{ key: "a", operator: "Exists" }, { key: "b", operator: "Exists" }] }, []],
    ["toleration's seconds", { tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 1 }] }, { tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 9 }] }, []],
    ["toleration removed", { tolerations: [{ key: "a", operator: "Exists" }] }, {}, ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]],
    ["grace period from negative to 1", { terminationGracePeriodSeconds: -1 }, { terminationGracePeriodSeconds: 1 }, []],
    ["grace period", {}, { terminationGracePeriodSeconds: 5 }, [`spec: Forbidden: ${CHANGES}`]],
    ["gate removed", { schedulingGates: [{ name: "a" }, { name: "b" }] }, { schedulingGates: [{ name: "a" }] }, []],
    ["gate added", { schedulingGates: [{ name: "a" }] }, { schedulingGates: [{ name: "a" }, { name: "b" }] }, ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"]],
    ["gated: selector grows", { schedulingGates: [{ name: "a" }], nodeSelector: { x: "1" } }, { schedulingGates: [{ name: "a" }], nodeSelector: { x: "1", y: "2" } }, []],
    ["gated: selector changes", { schedulingGates: [{ name: "a" }], nodeSelector: { x: "1" } }, { schedulingGates: [{ name: "a" }], nodeSelector: { x: "2" } }, ['spec.nodeSelector: Invalid value: map[string]string{"x":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)']],
    ["not gated: selector grows", { nodeSelector: { x: "1" } }, { nodeSelector: { x: "1", y: "2" } }, [`spec: Forbidden: ${CHANGES}`]],
  ])("%s", (_name, before, after, expected) => {
    const errors = validatePodUpdate(pod(after), pod(before)).map(fieldErrorText);
    expect(errors.map((text, index) => (expected[index] !== undefined && text.startsWith(expected[index]) ? expected[index] : text))).toEqual(expected);
  });

  test("the error shows what changed", () => {
    const [error] = validatePodUpdate(pod({ restartPolicy: "Never" }), pod({}));
    expect(error?.body).toContain('- \trestartPolicy: "Always",\n+ \trestartPolicy: "Never",');
  });

  test("what is shared with the stored pod is not looked at again", () => {
    const stored = pod({});
    expect(validatePodUpdate({ ...stored, metadata: { ...stored.metadata, labels: { a: "b" } } }, stored)).toEqual([]);
  });
});

// Cases of upstream's TestValidatePodStatusUpdate and TestValidateContainerStateTransition.
test.each<[string, object, object, object, string[]]>([
  ["running", {}, { phase: "Running", podIPs: [{ ip: "10.0.0.1" }], hostIP: "1.1.1.1", hostIPs: [{ ip: "1.1.1.1" }] }, {}, []],
  ["bad address", {}, { podIPs: [{ ip: "10.0.0" }] }, {}, ['status.podIPs[0]: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ["two of one family", {}, { podIPs: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }] }, {}, ["may specify no more than one IP for each IP family"]],
  ["own condition", {}, { conditions: [{ type: "a b", status: "True" }] }, {}, ["status.conditions[0].Type: Invalid value"]],
  ["a container that never restarts comes back", { restartPolicy: "Never" }, { containerStatuses: [{ name: "c", state: { running: {} } }] }, { containerStatuses: [{ name: "c", state: { terminated: { exitCode: 1 } } }] }, ["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"]],
  ["a container that restarts comes back", {}, { containerStatuses: [{ name: "c", state: { running: {} } }] }, { containerStatuses: [{ name: "c", state: { terminated: { exitCode: 1 } } }] }, []],
  ["qosClass", {}, { qosClass: "Guaranteed" }, {}, ['status.qosClass: Invalid value: "Guaranteed": field is immutable']],
])("status: %s", (_name, spec, status, before, expected) => {
  const base = pod(spec);
  const stored = { ...base, status: { ...base.status, ...before } } as PodObject;
  const next = Pod.prepareForStatusUpdate({ ...base, status } as PodObject, stored, context);
  const errors = Pod.validateStatusUpdate(next, stored).map(fieldErrorText);
  expect(errors).toHaveLength(expected.length);
  expected.forEach((text, index) => expect(errors[index]).toContain(text));
});

test("a status keeps the spec, the owners and the quality of service", () => {
  const stored = pod({}, { ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: "u" }] });
  const next = Pod.prepareForStatusUpdate({ ...stored, metadata: { ...stored.metadata, ownerReferences: [] }, spec: { containers: [] }, status: { podIP: "10.0.0.1" } }, stored, context);
  expect(next.spec).toBe(stored.spec);
  expect(next.metadata.ownerReferences).toEqual(stored.metadata.ownerReferences);
  expect(next.status).toEqual({ qosClass: "BestEffort", podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }] });
});

test("binding, debugging containers, resizing", () => {
  const binding = (target: object): BindingObject => ({ apiVersion: "v1", kind: "Binding", metadata: { name: "p" }, target }) as BindingObject;
  expect(validateBinding(binding({ kind: "Node" })).map(fieldErrorText)).toEqual(["target.name: Required value"]);
  expect(validateBinding(binding({ kind: "Nod", name: "n" })).map(fieldErrorText)).toEqual(['target.kind: Unsupported value: "Nod": supported values: "Node", "<empty>"']);
  const stored = pod({ ephemeralContainers: [{ name: "e", image: "x" }] });
  expect(validateEphemeralContainersUpdate(pod({ ephemeralContainers: [{ name: "e", image: "x" }, { name: "f", image: "x", targetContainerName: "c" }] }), stored)).toEqual([]);
  expect(validateEphemeralContainersUpdate(pod({}), stored).map(fieldErrorText)).toEqual(['spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed\n']);
  expect(validateEphemeralContainersUpdate(pod({ ephemeralContainers: [{ name: "e", image: "x" }, { name: "c", image: "x", ports: [{ containerPort: 1 }] }] }), stored).map(fieldErrorText)).toEqual([
    'spec.ephemeralContainers[1].name: Duplicate value: "c"', "spec.ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container",
  ]);
  const sized = (cpu: string): PodObject => pod(container({ resources: { requests: { cpu, memory: "1Gi" }, limits: { cpu: "2", memory: "1Gi" } } }));
  expect(validatePodResize(sized("1500m"), sized("1"))).toEqual([]);
  expect(validatePodResize(sized("2"), sized("1")).map(fieldErrorText)).toEqual(['spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing']);
});
