import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldErrorText } from "../apimachinery/status.ts";
import { ConfigMap } from "./config-map.ts";
import { DaemonSet } from "./daemon-set.ts";
import { decode } from "./decode.ts";
import { Deployment } from "./deployment.ts";
import { EndpointSlice } from "./endpoint-slice.ts";
import { Event } from "./event.ts";
import type { FieldType, ScalarType } from "./field-schema.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { Lease } from "./lease.ts";
import { Namespace } from "./namespace.ts";
import { Node } from "./node.ts";
import { PriorityClass } from "./priority-class.ts";
import { ReplicaSet } from "./replica-set.ts";
import { schemaOf } from "./schema.ts";
import { Secret } from "./secret.ts";
import { Service } from "./service.ts";
import { ALL_KINDS } from "./testdata/all-kinds.ts";
import { context, make, problemsOf, updateProblems } from "./testdata/make.ts";
import { Ingress } from "./waiting/ingress.ts";
import { NetworkPolicy } from "./waiting/network-policy.ts";

const any = (definition: unknown): KindDefinition => definition as KindDefinition;
const template = (labels: object = { a: "b" }, spec: object = {}): object => ({ metadata: { labels }, spec: { containers: [{ name: "c", image: "x" }], ...spec } });
const workload = (extra: object = {}): object => ({ spec: { selector: { matchLabels: { a: "b" } }, template: template(), ...extra } });
const withIp = (spec: object): object => ({ spec: { clusterIP: "10.96.0.5", clusterIPs: ["10.96.0.5"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", ports: [{ port: 80 }], ...spec } });
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

function expectProblems(actual: readonly string[], expected: readonly string[]): void {
  expect(actual.map((text, index) => (expected[index] !== undefined && text.includes(expected[index]) ? expected[index] : text))).toEqual(expected);
}

// Cases of upstream's TestValidateDeployment, TestValidateReplicaSet, TestValidateDaemonSet, TestValidateServiceCreate, TestValidateNode, …
describe("create", () => {
  test.each<[string, KindDefinition, object, string[]]>([
    ["deployment", any(Deployment), workload(), []],
    ["deployment: empty selector", any(Deployment), workload({ selector: {} }), ["spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment"]],
    ["deployment: bad operator", any(Deployment), workload({ selector: { matchExpressions: [{ key: "a", operator: "Is" }] } }), ['spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator', "invalid label selector"]],
    ["deployment: restartPolicy", any(Deployment), workload({ template: template({ a: "b" }, { restartPolicy: "Never", activeDeadlineSeconds: 5 }) }), ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"', "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"]],
    ["deployment: strategy", any(Deployment), workload({ strategy: { type: "Blue" } }), ['spec.strategy: Unsupported value: apps.DeploymentStrategy{Type:"Blue", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"']],
    ["deployment: Recreate with numbers", any(Deployment), workload({ strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } }), ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]],
    ["deployment: percents", any(Deployment), workload({ strategy: { rollingUpdate: { maxUnavailable: "150%", maxSurge: "abc" } } }), [
      'spec.strategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"abc"}: a valid percent string must be a numeric string followed by an ending \'%\' (e.g. \'1%\',  or \'93%\', regex used for validation is \'[0-9]+%\')',
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"150%"}: must not be greater than 100%',
    ]],
    ["deployment: ephemeral containers", any(Deployment), workload({ template: template({ a: "b" }, { ephemeralContainers: [{ name: "e", image: "x" }] }) }), ["spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"]],
    ["deployment: numbers", any(Deployment), workload({ minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: -1 }), ["spec.minReadySeconds: Invalid value: -1", "spec.revisionHistoryLimit: Invalid value: -1", "spec.progressDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0", "spec.progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds"]],
    ["deployment: image with spaces is the pod's business", any(Deployment), workload({ template: template({ a: "b" }, { containers: [{ name: "c", image: " x" }] }) }), []],
    ["replica set: no selector", any(ReplicaSet), workload({ selector: null }), ["spec.selector: Required value", 'spec.template.metadata.labels: Invalid value: map[string]string{"a":"b"}: `selector` does not match template `labels`']],
    ["daemon set: no selector", any(DaemonSet), workload({ selector: null }), ['spec.template.metadata.labels: Invalid value: map[string]string{"a":"b"}: `selector` does not match template `labels`']],
    ["daemon set: both ways", any(DaemonSet), workload({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }), ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:0, IntVal:1, StrVal:""}: may not be set when maxUnavailable is non-zero']],
    ["daemon set: neither", any(DaemonSet), workload({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }), ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"]],
    ["daemon set: OnDelete", any(DaemonSet), workload({ updateStrategy: { type: "OnDelete" } }), []],
    ["service: name", any(Service), { ...withIp({}), metadata: {} }, []],
    ["service: ports need names", any(Service), withIp({ ports: [{ port: 80 }, { port: 81, name: "http" }] }), ["spec.ports[0].name: Required value"]],
    ["service: duplicate names", any(Service), withIp({ ports: [{ port: 80, name: "a" }, { port: 81, name: "a" }] }), ['spec.ports[1].name: Duplicate value: "a"']],
    ["service: duplicate node ports", any(Service), withIp({ type: "NodePort", ports: [{ port: 80, name: "a", nodePort: 30080 }, { port: 81, name: "b", nodePort: 30080 }] }), ["spec.ports[1].nodePort: Duplicate value: 30080"]],
    ["service: same port, two protocols", any(Service), withIp({ ports: [{ port: 53, name: "a", protocol: "UDP" }, { port: 53, name: "b" }] }), []],
    ["service: target port name", any(Service), withIp({ ports: [{ port: 80, targetPort: "HTTP_PORT" }] }), ["spec.ports[0].targetPort: Invalid value: \"HTTP_PORT\": must contain only", "spec.ports[0].targetPort: Invalid value: \"HTTP_PORT\": must contain at least one letter"]],
    ["service: headless without ports", any(Service), { spec: { clusterIP: "None", clusterIPs: ["None"] } }, []],
    ["service: headless NodePort", any(Service), { spec: { type: "NodePort", clusterIP: "None", clusterIPs: ["None"], ports: [{ port: 80 }] } }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    ["service: bad clusterIP", any(Service), withIp({ clusterIP: "x", clusterIPs: ["x"] }), [`spec.clusterIPs[0]: Invalid value: "x": ${IP}`]],
    ["service: external name", any(Service), { spec: { type: "ExternalName", externalName: "A_" } }, ['spec.externalName: Invalid value: "A_": a lowercase RFC 1123 subdomain']],
    ["service: external name with ports and an address", any(Service), withIp({ type: "ExternalName", externalName: "a.b." }), ["spec.clusterIPs: Forbidden: may not be set for ExternalName services", "spec.ipFamilies: Forbidden", "spec.ipFamilyPolicy: Forbidden"]],
    ["service: selector", any(Service), withIp({ selector: { a: "b c" } }), ['spec.selector: Invalid value: "b c": a valid label must be']],
    ["service: affinity seconds", any(Service), withIp({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }), ["spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400"]],
    ["service: external IPs", any(Service), withIp({ externalIPs: ["127.0.0.1", "x", "0.0.0.0"] }), ["spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)", `spec.externalIPs[1]: Invalid value: "x": ${IP}`, "spec.externalIPs[2]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)"]],
    ["service: traffic policy of a ClusterIP", any(Service), withIp({ externalTrafficPolicy: "Local" }), ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
    ["service: load balancer fields", any(Service), withIp({ allocateLoadBalancerNodePorts: true, loadBalancerClass: "a", loadBalancerSourceRanges: ["10.0.0.0"] }), [
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'", 'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'", "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ]],
    ["config map: keys", any(ConfigMap), { data: { "..": "x", "a b": "y", "..a": "z" } }, ['data[..]: Invalid value: "..": must not be \'..\'', 'data[..a]: Invalid value: "..a": must not start with \'..\'', 'data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, \'-\', \'_\' or \'.\' (e.g. \'key.name\',  or \'KEY_NAME\',  or \'key-name\', regex used for validation is \'[-._a-zA-Z0-9]+\')']],
    ["config map: too large", any(ConfigMap), { data: { a: "x".repeat(1024 * 1024 + 1) } }, [": Too long: may not be more than 1048576 bytes"]],
    ["secret: tls", any(Secret), { type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" } }, ["data[tls.key]: Required value"]],
    ["secret: docker", any(Secret), { type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "hello" } }, ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'h\' looking for beginning of value']],
    ["secret: a type called like a member of every object", any(Secret), { type: "constructor" }, []],
    ["config map: a key called like a member of every object", any(ConfigMap), { data: { constructor: "x" } }, []],
    ["secret: token", any(Secret), { type: "kubernetes.io/service-account-token" }, ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]],
    ["node: taints", any(Node), { spec: { taints: [{ key: "a", effect: "X" }, { key: "a", value: "v", effect: "X" }, { key: "b" }] } }, [
      'metadata.taints[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"', 'metadata.taints[1].effect: Unsupported value: "X"',
      'metadata.taints[1]: Duplicate value: core.Taint{Key:"a", Value:"v", Effect:"X", TimeAdded:<nil>}: taints must be unique by key and effect pair', "metadata.taints[2].effect: Required value",
    ]],
    ["namespace: finalizers", any(Namespace), { spec: { finalizers: ["foo"] } }, ['spec.finalizers: Invalid value: "foo": name is neither a standard finalizer name nor is it fully qualified']],
    ["lease", any(Lease), { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }, ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0", "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"]],
    ["event of the new kind", any(Event), { eventTime: "2026-01-01T00:00:00.000000Z", involvedObject: { namespace: "ns" } }, ["reportingComponent: Required value", "reportingComponent: Invalid value", "reportingComponent: Invalid value", "reportingInstance: Required value", "action: Required value", "reason: Required value"]],
    ["endpoint slice", any(EndpointSlice), { addressType: "IPv5", endpoints: [{}], ports: [{ port: 1 }, { port: 2 }] }, ['addressType: Unsupported value: "IPv5": supported values: "FQDN", "IPv4", "IPv6"', "endpoints[0].addresses: Required value: must contain at least 1 address", 'ports[1].name: Duplicate value: ""']],
    ["priority class", any(PriorityClass), { value: 5, preemptionPolicy: "x" }, ['preemptionPolicy: Unsupported value: "x": supported values: "PreemptLowerPriority", "Never"']],
    ["ingress: paths", any(Ingress), { spec: { rules: [{ host: "1.2.3.4", http: { paths: [{ path: "foo", pathType: "Prefix", backend: {} }, { path: "/a//b/..", pathType: "Exact", backend: { service: { name: "s", port: { name: "x", number: 1 } } } }] } }] } }, [
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address', 'spec.rules[0].http.paths[0].path: Invalid value: "foo": must be an absolute path', "spec.rules[0].http.paths[0].backend: Required value: resource or service backend is required",
      "spec.rules[0].http.paths[1].path: Invalid value: \"/a//b/..\": must not contain '//'", "spec.rules[0].http.paths[1].path: Invalid value: \"/a//b/..\": cannot end with '/..'", 'spec.rules[0].http.paths[1].backend: Invalid value: "": cannot set both port name & port number',
    ]],
    ["network policy", any(NetworkPolicy), { spec: { podSelector: {}, policyTypes: ["In"], ingress: [{ ports: [{ protocol: "HTTP", port: 80, endPort: 79 }, { port: "x", endPort: 1 }, { endPort: 1 }], from: [{}, { podSelector: {}, ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } }] }] } }, [
      'spec.ingress[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"', "spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`", "spec.ingress[0].ports[1].endPort: Invalid value: 1: may not be specified when `port` is non-numeric",
      "spec.ingress[0].ports[2].endPort: Invalid value: 1: may not be specified when `port` is not specified", "spec.ingress[0].from[0]: Required value: must specify a peer", 'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
      "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer", 'spec.policyTypes[0]: Unsupported value: "In": supported values: "Ingress", "Egress"',
    ]],
  ])("%s", (_name, definition, object, expected) => {
    expectProblems(problemsOf(definition, object), expected);
  });

  test("names follow the kind", () => {
    expect(problemsOf(Service, withIp({}), { name: "1svc" })[0]).toContain("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character");
    expect(problemsOf(Namespace, {}, { name: "a.b" })).toEqual(['metadata.name: Invalid value: "a.b": must not contain dots']);
    expect(problemsOf(Deployment, workload(), { name: "a.b" })).toEqual([]);
  });
});

// Cases of upstream's TestValidateDeploymentUpdate, TestValidateServiceUpdate, TestValidateConfigMapUpdate, TestValidateSecretUpdate, TestValidateNodeUpdate.
describe("update", () => {
  test.each<[string, KindDefinition, object, object, string[]]>([
    ["deployment: selector", any(Deployment), workload(), workload({ selector: { matchLabels: { a: "c" } }, template: template({ a: "c" }) }), ['spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"a":"c"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable']],
    ["deployment: anything else", any(Deployment), workload(), workload({ replicas: 5, paused: true }), []],
    ["service: address", any(Service), withIp({}), withIp({ clusterIP: "10.96.0.6", clusterIPs: ["10.96.0.6"] }), ['spec.clusterIPs[0]: Invalid value: []string{"10.96.0.6"}: may not change once set']],
    ["service: to NodePort", any(Service), withIp({}), withIp({ type: "NodePort" }), []],
    ["service: class", any(Service), withIp({ type: "LoadBalancer", loadBalancerClass: "a.b/c" }), withIp({ type: "LoadBalancer", loadBalancerClass: "b.b/c" }), ['spec.loadBalancerClass: Invalid value: "b.b/c": may not change once set']],
    ["config map: immutable", any(ConfigMap), { immutable: true, data: { a: "1" } }, { data: { a: "2" } }, ["immutable: Forbidden: field is immutable when `immutable` is set", "data: Forbidden: field is immutable when `immutable` is set"]],
    ["secret: type", any(Secret), { type: "a/b" }, { type: "a/c" }, ['type: Invalid value: "a/c": field is immutable']],
    ["node: CIDR", any(Node), { spec: { podCIDR: "10.0.0.0/24" } }, { spec: { podCIDR: "10.0.1.0/24" } }, ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid']],
    ["node: CIDR once", any(Node), {}, { spec: { podCIDR: "10.0.1.0/24" } }, []],
    ["endpoint slice: address type", any(EndpointSlice), { addressType: "IPv4" }, { addressType: "IPv6" }, ['addressType: Invalid value: "IPv6": field is immutable']],
    ["priority class: value", any(PriorityClass), { value: 1 }, { value: 2, preemptionPolicy: "Never" }, ["value: Forbidden: may not be changed in an update.", 'preemptionPolicy: Invalid value: "Never": field is immutable']],
  ])("%s", (_name, definition, before, after, expected) => {
    expectProblems(updateProblems(definition, before, after), expected);
  });

  test("generation follows the spec, a Deployment's also the annotations, an EndpointSlice's all but metadata", () => {
    const generation = (definition: KindDefinition, before: object, after: object, metadata: object = {}): number | undefined =>
      definition.prepareForUpdate(make(definition, after, metadata), make(definition, before), context).metadata.generation;
    expect(generation(any(Deployment), workload(), workload())).toBe(1);
    expect(generation(any(Deployment), workload(), workload({ replicas: 2 }))).toBe(2);
    expect(generation(any(Deployment), workload(), workload(), { annotations: { a: "b" } })).toBe(2);
    expect(generation(any(ReplicaSet), workload(), workload(), { annotations: { a: "b" } })).toBe(1);
    expect(generation(any(EndpointSlice), { addressType: "IPv4" }, { addressType: "IPv4", ports: [{ port: 1 }] })).toBe(2);
    expect(generation(any(EndpointSlice), { addressType: "IPv4" }, { addressType: "IPv4" }, { labels: { a: "b" } })).toBe(1);
    expect(generation(any(ConfigMap), {}, { data: { a: "b" } })).toBeUndefined();
  });

  test("an update keeps the status, a status update keeps the spec", () => {
    const stored = { ...make(Deployment, workload()), status: { replicas: 3 } };
    const next = { ...make(Deployment, workload({ replicas: 9 }), { labels: { l: "1" } }), status: { replicas: 7 } };
    expect(Deployment.prepareForUpdate(next, stored, context)).toMatchObject({ spec: { replicas: 9 }, status: { replicas: 3 } });
    expect(Deployment.prepareForStatusUpdate(next, stored, context)).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 7 }, metadata: { labels: undefined } });
    expect(Deployment.validateStatusUpdate({ ...next, status: { replicas: 1, readyReplicas: 2, availableReplicas: 3 } }, stored).map(fieldErrorText)).toEqual([
      "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas", "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas", "status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas",
    ]);
  });

  test("a DaemonSet counts changes of its template", () => {
    const stored = make(DaemonSet, workload());
    const annotation = (after: object): string | undefined => DaemonSet.prepareForUpdate(make(DaemonSet, after), stored, context).metadata.annotations?.["deprecated.daemonset.template.generation"];
    expect([annotation(workload()), annotation(workload({ minReadySeconds: 5 })), annotation(workload({ template: template({ a: "b", c: "d" }) }))]).toEqual(["1", "1", "2"]);
  });
});

const SCALARS: Readonly<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("x", "Always", "None", "ClusterIP", "LoadBalancer", "TCP", "Exists", "In", "10.0.0.1", "::1", "/a/../b", "kubernetes.io/config.mirror", "constructor")),
  int32: fc.integer({ min: -2, max: 70_000 }), int64: fc.integer({ min: -2, max: 70_000 }), float: fc.double({ noNaN: true }), bool: fc.boolean(), bytes: fc.constantFrom("", "YQ=="),
  Time: fc.constantFrom("2026-01-01T00:00:00Z", null), MicroTime: fc.constantFrom("2026-01-01T00:00:00.000001Z", null), Duration: fc.constant("1s"),
  Quantity: fc.constantFrom("0", "-1", "100m", "1Gi", "500u", 2), IntOrString: fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.constantFrom("http", "25%", "150%", "")), RawExtension: fc.constant({}), FieldsV1: fc.constant({}),
};

/** Values of a type: right in shape, arbitrary in content. */
function arbitraryOf(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  if (type.kind === "scalar") return SCALARS[type.scalar];
  if (type.kind === "list") return fc.array(arbitraryOf(type.of, depth), { maxLength: 2 });
  if (type.kind === "map") return fc.dictionary(fc.constantFrom("a", "a b", "cpu", "memory", "example.com/x", "hugepages-2Mi", "constructor"), arbitraryOf(type.of, depth), { maxKeys: 2 });
  const fields = depth === 0 ? [] : (schemaOf(type.schema)?.fields ?? []);
  return fc.subarray([...fields], { maxLength: Math.min(fields.length, 5) }).chain((chosen) => fc.record(Object.fromEntries(chosen.map((field) => [field.name, arbitraryOf(field.type, depth - 1)]))));
}

const objects = fc.constantFrom(...ALL_KINDS).chain((definition) => fc.tuple(fc.constant(definition), arbitraryOf({ kind: "object", schema: definition.schemaName }, 9) as fc.Arbitrary<object>, arbitraryOf({ kind: "object", schema: definition.schemaName }, 9) as fc.Arbitrary<object>));

test("whatever decodes can be defaulted, prepared, validated and shown", () => {
  let decodedCount = 0;
  fc.assert(fc.property(objects, ([definition, value, other]) => {
    const nameless = decode(definition, value);
    if (nameless.ok) definition.validate(definition.prepareForCreate(definition.defaults(nameless.value.object), context));
    // Warnings and cells see stored objects, which have names.
    const decoded = decode(definition, { ...value, metadata: { name: "x", resourceVersion: "1" } });
    const second = decode(definition, { ...other, metadata: { name: "x", resourceVersion: "1" } });
    if (!decoded.ok || !second.ok) return;
    decodedCount += 1;
    const defaulted = definition.defaults(decoded.value.object);
    const prepared = definition.prepareForCreate(defaulted, context);
    definition.validate(prepared);
    definition.warnings(prepared);
    const next = definition.defaults(second.value.object);
    definition.validateUpdate(definition.prepareForUpdate(next, prepared, context), prepared);
    definition.validateStatusUpdate(definition.prepareForStatusUpdate(next, prepared, context), prepared);
    for (const column of definition.columns) column.cell(defaulted, context);
    for (const read of Object.values(definition.selectableFields)) expect(typeof read(prepared)).toBe("string");
    expect(definition.defaults(defaulted)).toEqual(defaulted);
    const again = decode(definition, JSON.parse(JSON.stringify(defaulted)));
    expect(again.ok && again.value.object).toEqual(JSON.parse(JSON.stringify(defaulted)));
  }), { numRuns: 3000 });
  expect(decodedCount).toBeGreaterThan(1000);
});
