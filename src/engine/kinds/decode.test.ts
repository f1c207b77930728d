import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, decodeType } from "./decode.ts";
import { canonicalBase64, decodeBase64, encodeBase64 } from "./decoding/base64.ts";
import { Event } from "./event.ts";
import { KINDS } from "./registry.ts";
import { schemaNames } from "./schema.ts";

const kind = (name: string) => {
  const definition = KINDS.find((k) => k.kind === name);
  if (definition === undefined) throw new Error(name);
  return definition;
};
const outcome = (name: string, value: unknown): unknown => {
  const result = decode(kind(name), value);
  return result.ok ? result.value : result.error;
};
const container = (extra: object) => ({ spec: { containers: [{ name: "c", image: "x", ...extra }] } });

test.each<[string, string, unknown, string]>([
  ["a string for a number", "Deployment", { spec: { replicas: "3" } }, "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"],
  ["a map for the containers", "Deployment", { spec: { template: { spec: { containers: { name: "c" } } } } }, "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container"],
  ["a bool in data", "ConfigMap", { data: { a: true } }, "json: cannot unmarshal bool into Go struct field ConfigMap.data of type string"],
  ["a number in labels", "Pod", { metadata: { labels: { version: 1 } } }, "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"],
  ["a string for a bool", "Pod", container({ securityContext: { runAsNonRoot: "yes" } }), "json: cannot unmarshal string into Go struct field SecurityContext.spec.containers.securityContext.runAsNonRoot of type bool"],
  ["a number as env value", "Pod", container({ env: [{ name: "A", value: 1 }] }), "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string"],
  ["a string for a list", "Pod", container({ command: "sh -c" }), "json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string"],
  ["a fraction of a replica", "ReplicaSet", { spec: { replicas: 1.5 } }, "json: cannot unmarshal number 1.5 into Go struct field ReplicaSetSpec.spec.replicas of type int32"],
  ["too large for int32", "Service", { spec: { ports: [{ port: 3_000_000_000 }] } }, "json: cannot unmarshal number 3000000000 into Go struct field ServicePort.spec.ports.port of type int32"],
  ["a named string type", "Pod", container({ imagePullPolicy: true }), "json: cannot unmarshal bool into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy"],
  ["a list for a struct", "Pod", { spec: [] }, "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec"],
  ["a string for the resources", "Pod", container({ resources: { limits: "1Gi" } }), "json: cannot unmarshal string into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList"],
  ["an inlined struct's field", "Pod", { spec: { volumes: [{ name: "v", emptyDir: "yes" }] } }, "json: cannot unmarshal string into Go struct field Volume.spec.volumes.emptyDir of type v1.EmptyDirVolumeSource"],
  ["a bool for a port", "Service", { spec: { ports: [{ targetPort: true }] } }, "json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32"],
  ["a bad quantity", "Pod", container({ resources: { requests: { memory: "64MB" } } }), "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ["a bad suffix", "Pod", container({ resources: { requests: { memory: "64K" } } }), "unable to parse quantity's suffix"],
  ["a struct for a quantity", "Pod", container({ resources: { requests: { memory: {} } } }), "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ["a bad quantity outweighs an earlier wrong type", "Pod", container({ env: 1, resources: { requests: { cpu: "x" } } }), "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ["of two wrong types the first counts", "Deployment", { spec: { paused: "x", replicas: "3" } }, "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool"],
  ["bad base64", "ConfigMap", { binaryData: { a: "a$==" } }, "illegal base64 data at input byte 1"],
  ["a bad time", "Pod", { metadata: { deletionTimestamp: "soon" } }, 'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'],
  ["a month too many", "Pod", { metadata: { deletionTimestamp: "2026-13-01T00:00:00Z" } }, 'parsing time "2026-13-01T00:00:00Z": month out of range'],
  ["a number for a time", "Pod", { metadata: { deletionTimestamp: 5 } }, "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.deletionTimestamp of type string"],
  ["a lease time without microseconds", "Lease", { spec: { renewTime: "2026-01-01T00:00:00Z" } }, 'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"'],
  ["not an object at all", "Pod", [], "json: cannot unmarshal array into Go value of type v1.Pod"],
])("%s", (_name, kindName, value, expected) => {
  expect(outcome(kindName, value)).toBe(expected);
});

test("unknown fields in the document's order", () => {
  const value = { spec: { contaners: [], containers: [{ name: "c", image: "x", img: "y" }, { name: "d", env: [{ nme: null }] }], replicas: 2 }, sepc: {} };
  expect(outcome("Pod", value)).toMatchObject({ strictErrors: ['unknown field "spec.contaners"', 'unknown field "spec.containers[0].img"', 'unknown field "spec.containers[1].env[0].nme"', 'unknown field "spec.replicas"', 'unknown field "sepc"'] });
});

test("field names are case-sensitive", () => {
  expect(outcome("Pod", { Spec: {}, spec: { nodename: "x" } })).toMatchObject({ strictErrors: ['unknown field "Spec"', 'unknown field "spec.nodename"'] });
});

test("no more than a hundred unknown fields are reported, each once", () => {
  const junk = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`junk${i}`, 1]));
  expect((outcome("Pod", junk) as { strictErrors: string[] }).strictErrors).toHaveLength(100);
});

test("what Go would print: its order, zero values of structs, nothing empty", () => {
  const value = {
    spec: { template: { spec: { hostNetwork: false, nodeSelector: {}, containers: [{ image: "x", name: "c", env: null, args: [], command: ["b"], livenessProbe: { httpGet: {} } }] } }, replicas: 0, paused: false, selector: { matchLabels: { z: "1", a: "2" } } },
    metadata: { namespace: "n", name: "d", labels: null, annotations: {} }, apiVersion: "apps/v1", kind: "Deployment",
  };
  const decoded = (outcome("Deployment", value) as { object: unknown }).object;
  expect(JSON.stringify(decoded)).toBe(JSON.stringify({
    kind: "Deployment", apiVersion: "apps/v1", metadata: { name: "d", namespace: "n" },
    spec: {
      replicas: 0, selector: { matchLabels: { a: "2", z: "1" } },
      template: { metadata: { creationTimestamp: null }, spec: { containers: [{ name: "c", image: "x", command: ["b"], resources: {}, livenessProbe: { httpGet: { port: 0 } } }] } },
      strategy: {},
    },
    status: {},
  }));
});

test("quantities, times and base64 become canonical", () => {
  expect(outcome("Pod", container({ resources: { requests: { cpu: 0.5, memory: "1024Mi" }, limits: { cpu: 1000, memory: null } } }))).toMatchObject({
    object: { spec: { containers: [{ resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1k", memory: "0" } } }] } },
  });
  expect(outcome("Pod", { metadata: { deletionTimestamp: "2026-01-01T02:00:00.5+02:00" } })).toMatchObject({ object: { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } } });
  expect(outcome("Lease", { spec: { renewTime: "2026-01-01T01:00:00.000001+01:00" } })).toMatchObject({ object: { spec: { renewTime: "2026-01-01T00:00:00.000001Z" } } });
  expect(outcome("ConfigMap", { binaryData: { a: "aGVs\nbG9=" } })).toMatchObject({ object: { binaryData: { a: "aGVsbG8=" } } });
});

test("pointers keep their zero, other scalars lose it", () => {
  expect(outcome("Pod", { spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, hostPID: false, containers: [{ name: "c", stdin: false }] } })).toMatchObject({
    object: { spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [{ name: "c", resources: {} }] } },
  });
  expect(Object.keys((outcome("Pod", { spec: { hostPID: false } }) as { object: { spec: object } }).object.spec)).toEqual(["containers"]);
});

test("an event shows the null of its unset times", () => {
  const result = decode(Event, { metadata: { name: "e" }, involvedObject: {} });
  expect(result.ok && result.value.object).toMatchObject({ eventTime: null, firstTimestamp: null, lastTimestamp: null });
});

test("a key called __proto__ is a key", () => {
  const value: unknown = JSON.parse('{"data":{"__proto__":"x","a":"b"}}');
  const { object } = outcome("ConfigMap", value) as { object: { data: object } };
  expect(Object.getPrototypeOf(object.data)).toBe(Object.prototype);
  expect(JSON.stringify(object.data)).toBe('{"__proto__":"x","a":"b"}');
});

test("base64 of any text comes back", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const wellFormed = Buffer.from(text).toString();
    expect(decodeBase64(encodeBase64(wellFormed))).toBe(wellFormed);
    expect(encodeBase64(wellFormed)).toBe(Buffer.from(wellFormed).toString("base64"));
    expect(canonicalBase64(encodeBase64(wellFormed))).toEqual({ ok: true, value: encodeBase64(wellFormed) });
  }));
});

test("whatever is decoded, decoding it again changes nothing", () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), fc.constantFrom("1Gi", "aGk=", "2026-01-01T00:00:00Z", "x"));
  const keys = fc.constantFrom("metadata", "spec", "template", "containers", "name", "image", "labels", "ports", "containerPort", "replicas", "selector", "matchLabels", "resources", "limits", "cpu", "status", "data", "env", "value", "volumes", "emptyDir", "sizeLimit", "type", "conditions", "lastTransitionTime");
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ depthSize: "medium", withCrossShrink: true }, leaf, fc.array(tie("tree"), { maxLength: 3 }), fc.dictionary(keys, tie("tree"), { maxKeys: 5 })),
  }));
  fc.assert(fc.property(fc.constantFrom(...KINDS), tree, (definition, value) => {
    const first = decode(definition, value);
    if (!first.ok) return;
    const again = decode(definition, first.value.object);
    expect(again).toEqual({ ok: true, value: { object: first.value.object, strictErrors: [] } });
    expect(JSON.stringify(again.ok && again.value.object)).toBe(JSON.stringify(first.value.object));
  }), { numRuns: 2000 });
});

test("junk never throws, for any type", () => {
  fc.assert(fc.property(fc.constantFrom(...schemaNames()), fc.anything(), (name, value) => {
    decodeType(name, value);
  }), { numRuns: 3000 });
});
