import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Container, PodObject, ServiceObject } from "../../kinds/generated/types.ts";
import { expand } from "./expansion.ts";
import { makeEnvironment, type EnvironmentInput, expandArguments, expandStatic } from "./environment.ts";
import { podFieldValue, resourceFieldValue } from "./field-value.ts";
import { serviceVariables, visibleServices } from "./service-variables.ts";

describe("TestMapping (expansion)", () => {
  const values: Record<string, string> = { VAR_A: "A", VAR_B: "B", VAR_C: "C", VAR_REF: "$(VAR_A)", VAR_EMPTY: "" };
  test.each([
    ["$(VAR_A)", "A"], ["___$(VAR_B)___", "___B___"], ["___$(VAR_C)", "___C"], ["$(VAR_A)-$(VAR_A)", "A-A"], ["$(VAR_A)-1", "A-1"], ["$(VAR_A)_$(VAR_B)_$(VAR_C)", "A_B_C"],
    ["$$(VAR_B)_$(VAR_A)", "$(VAR_B)_A"], ["$$(VAR_A)_$$(VAR_B)", "$(VAR_A)_$(VAR_B)"], ["f000-$$VAR_A", "f000-$VAR_A"], ["foo\\$(VAR_C)bar", "foo\\Cbar"], ["foo\\\\$(VAR_C)bar", "foo\\\\Cbar"],
    ["$(VAR_A$(VAR_B)", "$(VAR_A$(VAR_B)"], ["foo$$(foo$(VAR_A)", "foo$(fooA"], ["$(VAR_REF)", "$(VAR_A)"], ["$$(VAR_REF)--$(VAR_REF)", "$(VAR_REF)--$(VAR_A)"], ["foo$(VAR_EMPTY)bar", "foobar"],
    ["$(VAR_DNE)", "$(VAR_DNE)"], ["$VAR_A", "$VAR_A"], ["\\$VAR_A", "\\$VAR_A"], ["$$$$(BIG_MONEY)", "$$(BIG_MONEY)"], ["$$$(GOOD_ODDS)", "$$(GOOD_ODDS)"], ["foo)bar)", "foo)bar)"], ["foo($(VAR_A)", "foo(A"],
    ["foo$", "foo$"], ["$", "$"], ["$()", "$()"], ["foo(", "foo("], ["$(", "$("], ["foobar $(", "foobar $("],
  ])("%s", (text, expected) => expect(expand(text, (name) => values[name])).toBe(expected));

  test("text without a dollar is left alone, and nothing ever throws", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const expanded = expand(text, () => "v");
      if (!text.includes("$")) expect(expanded).toBe(text);
    }));
  });
});

const service = (name: string, namespace: string, clusterIP: string | undefined, ports: ServiceObject["spec"]["ports"]): ServiceObject => ({
  apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec: { ...(clusterIP === undefined ? {} : { clusterIP }), ...(ports === undefined ? {} : { ports }) },
});

test("TestFromServices", () => {
  const all = [
    service("foo-bar", "x", "1.2.3.4", [{ port: 8080, protocol: "TCP" }]),
    service("abc-123", "x", "5.6.7.8", [{ name: "u-d-p", port: 8081, protocol: "UDP" }, { name: "t-c-p", port: 8081, protocol: "TCP" }]),
    service("headless", "x", "None", [{ port: 80 }]), service("external", "x", undefined, undefined),
  ];
  expect([...serviceVariables(all)].map((pair) => pair.join("="))).toEqual([
    "FOO_BAR_SERVICE_HOST=1.2.3.4", "FOO_BAR_SERVICE_PORT=8080", "FOO_BAR_PORT=tcp://1.2.3.4:8080", "FOO_BAR_PORT_8080_TCP=tcp://1.2.3.4:8080", "FOO_BAR_PORT_8080_TCP_PROTO=tcp",
    "FOO_BAR_PORT_8080_TCP_PORT=8080", "FOO_BAR_PORT_8080_TCP_ADDR=1.2.3.4",
    "ABC_123_SERVICE_HOST=5.6.7.8", "ABC_123_SERVICE_PORT=8081", "ABC_123_SERVICE_PORT_U_D_P=8081", "ABC_123_SERVICE_PORT_T_C_P=8081", "ABC_123_PORT=udp://5.6.7.8:8081",
    "ABC_123_PORT_8081_UDP=udp://5.6.7.8:8081", "ABC_123_PORT_8081_UDP_PROTO=udp", "ABC_123_PORT_8081_UDP_PORT=8081", "ABC_123_PORT_8081_UDP_ADDR=5.6.7.8",
    "ABC_123_PORT_8081_TCP=tcp://5.6.7.8:8081", "ABC_123_PORT_8081_TCP_PROTO=tcp", "ABC_123_PORT_8081_TCP_PORT=8081", "ABC_123_PORT_8081_TCP_ADDR=5.6.7.8",
  ]);
});

test("links only to the own namespace, and to kubernetes always", () => {
  const kubernetes = service("kubernetes", "default", "10.96.0.1", [{ port: 443 }]);
  const own = service("web", "shop", "10.96.0.9", [{ port: 80 }]);
  expect(visibleServices([own], kubernetes, true)).toEqual([kubernetes, own]);
  expect(visibleServices([own], kubernetes, false)).toEqual([kubernetes]);
  expect(visibleServices([own], undefined, true)).toEqual([own]);
});

const pod: PodObject = {
  apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "ns", uid: "u", labels: { tier: "front", app: "x" }, annotations: { note: 'say "hi"' } },
  spec: { nodeName: "node-1", serviceAccountName: "robot", containers: [{ name: "c" }] },
};

const input = (container: Partial<Container>, extra: Partial<EnvironmentInput> = {}): EnvironmentInput => ({
  pod, container: { name: "c", ...container }, addresses: { podIps: ["10.42.1.2", "fd00::2"], hostIp: "10.0.0.11" }, allocatable: { cpu: "3900m", memory: "8092Mi", "ephemeral-storage": "90Gi" },
  services: { map: new Map([["KUBERNETES_SERVICE_HOST", "10.96.0.1"]]), list: [{ name: "KUBERNETES_SERVICE_HOST", value: "10.96.0.1" }] },
  configMap: (name) => (name === "cm" ? { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "value", "not=ok": "x", "1st": "y" } } : undefined),
  secret: (name) => (name === "sec" ? { apiVersion: "v1", kind: "Secret", metadata: { name }, data: { pw: "czNjcjN0" } } : undefined), ...extra,
});

const environment = (container: Partial<Container>): Record<string, string> | string => {
  const made = makeEnvironment(input(container));
  return made.ok ? Object.fromEntries(made.value.map(({ name, value }) => [name, value])) : made.error;
};

describe("TestMakeEnvironmentVariables", () => {
  const K = { KUBERNETES_SERVICE_HOST: "10.96.0.1" };
  const ref = (fieldPath: string): NonNullable<Container["env"]>[number]["valueFrom"] => ({ fieldRef: { fieldPath } });
  test.each([
    { name: "nothing of its own", container: {}, expected: K },
    { name: "api server = Y, kubelet = Y: the pod's own value wins", container: { env: [{ name: "KUBERNETES_SERVICE_HOST", value: "mine" }] }, expected: { KUBERNETES_SERVICE_HOST: "mine" } },
    { name: "expansion of earlier, later, service and unknown names", container: { env: [{ name: "A", value: "1" }, { name: "B", value: "$(A)$(C)-$(KUBERNETES_SERVICE_HOST)-$$(A)" }, { name: "C", value: "3" }] }, expected: { ...K, A: "1", B: "1$(C)-10.96.0.1-$(A)", C: "3" } },
    { name: "the same name twice: the last one counts", container: { env: [{ name: "A", value: "1" }, { name: "A", value: "$(A)2" }] }, expected: { ...K, A: "12" } },
    { name: "downward api pod", container: { env: [{ name: "N", valueFrom: ref("metadata.name") }, { name: "NS", valueFrom: ref("metadata.namespace") }, { name: "NODE", valueFrom: ref("spec.nodeName") }, { name: "SA", valueFrom: ref("spec.serviceAccountName") }, { name: "IP", valueFrom: ref("status.podIP") }, { name: "IPS", valueFrom: ref("status.podIPs") }, { name: "HOST", valueFrom: ref("status.hostIP") }] }, expected: { ...K, N: "p", NS: "ns", NODE: "node-1", SA: "robot", IP: "10.42.1.2", IPS: "10.42.1.2,fd00::2", HOST: "10.0.0.11" } },
    { name: "configmapkeyref", container: { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "cm", key: "key" } } }] }, expected: { ...K, X: "value" } },
    { name: "configmapkeyref_missing_optional", container: { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "none", key: "key", optional: true } } }] }, expected: K },
    { name: "configmapkeyref_missing_key_optional", container: { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "cm", key: "none", optional: true } } }] }, expected: K },
    { name: "configmapkeyref missing", container: { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "none", key: "key" } } }] }, expected: 'configmap "none" not found' },
    { name: "secretkeyref", container: { env: [{ name: "X", valueFrom: { secretKeyRef: { name: "sec", key: "pw" } } }] }, expected: { ...K, X: "s3cr3t" } },
    { name: "secretkeyref missing key", container: { env: [{ name: "X", valueFrom: { secretKeyRef: { name: "sec", key: "none" } } }] }, expected: "couldn't find key none in Secret ns/sec" },
    { name: "configmap (envFrom), with a prefix; names with = are left out", container: { envFrom: [{ prefix: "p_", configMapRef: { name: "cm" } }] }, expected: { ...K, p_key: "value", p_1st: "y" } },
    { name: "configmap, service env vars: env beats envFrom, and sees it", container: { envFrom: [{ configMapRef: { name: "cm" } }], env: [{ name: "key", value: "$(key)+" }] }, expected: { ...K, key: "value+", "1st": "y" } },
    { name: "configmap_missing", container: { envFrom: [{ configMapRef: { name: "none" } }] }, expected: 'configmap "none" not found' },
    { name: "configmap_missing_optional", container: { envFrom: [{ configMapRef: { name: "none", optional: true } }] }, expected: K },
    { name: "secret", container: { envFrom: [{ secretRef: { name: "sec" } }] }, expected: { ...K, pw: "s3cr3t" } },
    { name: "secret_missing", container: { envFrom: [{ secretRef: { name: "none" } }] }, expected: 'secret "none" not found' },
  ])("$name", ({ container, expected }) => expect(environment(container)).toEqual(expected));

  test("containers without variables of their own share one list", () => {
    const shared = input({});
    const made = makeEnvironment(shared);
    expect(made.ok && made.value).toBe(shared.services.list);
  });
});

test("TestExtractFieldPathAsString", () => {
  const value = (path: string): unknown => {
    const result = podFieldValue(pod, path, { podIps: [], hostIp: "" });
    return result.ok ? result.value : result.error;
  };
  expect(value("metadata.labels")).toBe('app="x"\ntier="front"');
  expect(value("metadata.annotations")).toBe('note="say \\"hi\\""');
  expect(value("metadata.labels['tier']")).toBe("front");
  expect(value("metadata.labels['none']")).toBe("");
  expect(value("metadata.uid")).toBe("u");
  expect(value("spec.restartPolicy")).toBe("unsupported fieldPath: spec.restartPolicy");
});

describe("TestExtractContainerResourceValue", () => {
  const container: Container = { name: "foo", resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "9", memory: "128Mi" } } };
  test.each([
    ["limits.cpu", undefined, "9"], ["requests.cpu", undefined, "1"], ["requests.cpu", "1m", "100"], ["limits.memory", "1Mi", "128"], ["requests.memory", undefined, "67108864"], ["requests.ephemeral-storage", undefined, "0"],
    ["limits.ephemeral-storage", "1Gi", "90"],
  ])("%s by %s", (resource, divisor, expected) => {
    const result = resourceFieldValue({ resource, ...(divisor === undefined ? {} : { divisor }) }, pod, container, { cpu: "4", memory: "8Gi", "ephemeral-storage": "90Gi" });
    expect(result).toEqual({ ok: true, value: expected });
  });

  test("a limit that is not set is what the node can give", () => {
    expect(resourceFieldValue({ resource: "limits.cpu" }, pod, { name: "c" }, { cpu: "3900m" })).toEqual({ ok: true, value: "4" });
    expect(resourceFieldValue({ resource: "limits.gpu" }, pod, { name: "c" }, {})).toEqual({ ok: false, error: "unsupported container resource : limits.gpu" });
  });
});

test("command lines: probes see plain values only, containers all", () => {
  expect(expandArguments(["echo", "$(A) $(B) $$(A)"], [{ name: "A", value: "1" }])).toEqual(["echo", "1 $(B) $(A)"]);
  expect(expandStatic(["cat", "$(FILE)"], [{ name: "FILE", value: "/tmp/x" }])).toEqual(["cat", "/tmp/x"]);
  expect(expandArguments(undefined, [])).toEqual([]);
});
