import fc from "fast-check";
import { describe, expect, test } from "vitest";
import fields from "../../../../scripts/data/k8s-1.33-fields.json" with { type: "json" };
import { decodeProtobuf } from "./decode.ts";
import { messageNameOf } from "./message-table.ts";
import { bytes, envelope, field, int, join, message, text } from "../testing/protobuf-writer.ts";

/** The whole body of `kubectl create namespace demo`, kubectl 1.33, as recorded. */
const CREATE_NAMESPACE = `
  6b 38 73 00 0a 0f 0a 02 76 31 12 09 4e 61 6d 65 73 70 61 63 65 12 1c 0a 14 0a 04 64 65 6d 6f 12 00 1a 00 22 00 2a 00 32 00 38 00 42 00
  12 00 1a 02 0a 00 1a 00 22 00`;

const hex = (dump: string): Uint8Array => Uint8Array.from(dump.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
const decoded = (body: Uint8Array): unknown => {
  const result = decodeProtobuf(body);
  return result.ok ? result.value : { error: result.error.message };
};

describe("decodeProtobuf", () => {
  test("kubectl create namespace demo, as recorded", () => {
    expect(decoded(hex(CREATE_NAMESPACE))).toEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "demo" } });
  });

  test.each([
    {
      name: "zero values of non-pointer fields are left out",
      body: envelope("v1", "Pod", message(1, text(1, "p"), text(3, ""), int(7, 0)), message(2, text(3, ""), int(11, 0))),
      json: { metadata: { name: "p" } },
    },
    {
      name: "a present zero of a pointer field is kept",
      body: envelope("apps/v1", "Deployment", message(2, int(1, 0), message(2))),
      json: { spec: { replicas: 0, selector: {} } },
    },
    {
      name: "false of a pointer field is kept, false of another left out",
      body: envelope("v1", "ServiceAccount", int(4, 0)),
      json: { automountServiceAccountToken: false },
    },
    {
      name: "inlined messages stand in the parent: a volume's source",
      body: envelope("v1", "Pod", message(2, message(1, text(1, "tmp"), message(2, message(2))))),
      json: { spec: { volumes: [{ name: "tmp", emptyDir: {} }] } },
    },
    {
      name: "inlined messages stand in the parent: a probe's handler, with an IntOrString of each type",
      body: envelope("v1", "Pod", message(2, message(2, text(1, "c"),
        message(10, message(1, message(2, text(1, "/"), message(2, int(1, 0), int(2, 8080), text(3, ""))))),
        message(11, message(1, message(2, text(1, "/"), message(2, int(1, 1), int(2, 0), text(3, "http")))), int(2, 5))))),
      json: { spec: { containers: [{
        name: "c",
        livenessProbe: { httpGet: { path: "/", port: 8080 } },
        readinessProbe: { httpGet: { path: "/", port: "http" }, initialDelaySeconds: 5 },
      }] } },
    },
    {
      name: "maps of strings, quantities and bytes",
      body: join(
        envelope("v1", "Secret", message(1, message(11, text(1, "app"), text(2, "web")), message(11, text(1, "__proto__"), text(2, "x"))),
          message(2, text(1, "k"), bytes(2, Uint8Array.of(0, 255, 16))), text(3, "Opaque"))),
      json: { metadata: { labels: Object.fromEntries([["app", "web"], ["__proto__", "x"]]) }, data: { k: "AP8Q" }, type: "Opaque" },
    },
    {
      name: "quantities",
      body: envelope("v1", "Pod", message(2, message(2, text(1, "c"), message(8, message(1, text(1, "cpu"), message(2, text(1, "250m"))))))),
      json: { spec: { containers: [{ name: "c", resources: { limits: { cpu: "250m" } } }] } },
    },
    {
      name: "times: seconds, null for an empty one",
      body: envelope("v1", "Pod", message(1, text(1, "p"), message(8), message(9, int(1, 1_767_225_600), int(2, 5))), message(3, message(7, int(1, 1_767_225_601)))),
      json: { metadata: { name: "p", deletionTimestamp: "2026-01-01T00:00:00Z" }, status: { startTime: "2026-01-01T00:00:01Z" } },
    },
    {
      name: "MicroTime has six digits",
      body: envelope("coordination.k8s.io/v1", "Lease", message(2, message(4, int(1, 1_767_225_600), int(2, 12_345_678)))),
      json: { spec: { renewTime: "2026-01-01T00:00:00.012345Z" } },
    },
    {
      name: "negative numbers are 64-bit two's complement",
      body: envelope("v1", "Pod", message(2, int(25, -10))),
      json: { spec: { priority: -10 } },
    },
    {
      name: "lists of numbers, one by one and packed",
      body: envelope("v1", "Pod", message(2, message(14, int(4, 1000), bytes(4, Uint8Array.of(0xe9, 0x07, 0x02))))),
      json: { spec: { securityContext: { supplementalGroups: [1000, 1001, 2] } } },
    },
    {
      name: "extra values of a user: a map of lists",
      body: envelope("authorization.k8s.io/v1", "SubjectAccessReview", message(2, text(3, "bob"), message(5, text(1, "scopes"), message(2, text(1, "a"), text(1, "b"))))),
      json: { spec: { user: "bob", extra: { scopes: ["a", "b"] } } },
    },
    {
      name: "fields that a newer client knows are skipped",
      body: envelope("v1", "Namespace", message(1, text(1, "demo"), text(999, "new"), field(998, 5, [1, 2, 3, 4]), field(997, 1, [1, 2, 3, 4, 5, 6, 7, 8]))),
      json: { metadata: { name: "demo" } },
    },
    {
      name: "DeleteOptions, as kubectl drain sends them",
      body: envelope("v1", "DeleteOptions", int(1, 0), message(2, text(1, "u-1")), text(4, "Background"), text(5, "All")),
      json: { gracePeriodSeconds: 0, preconditions: { uid: "u-1" }, propagationPolicy: "Background", dryRun: ["All"] },
    },
  ])("$name", ({ body, json }) => {
    const { apiVersion, kind, ...rest } = decoded(body) as Record<string, unknown>;
    expect([apiVersion, kind], JSON.stringify(rest)).not.toContain(undefined);
    expect(rest).toEqual(json);
  });

  test.each([
    { name: "nothing", body: [], error: "empty data" },
    { name: "JSON under the wrong Content-Type", body: [...Buffer.from("{}")], error: "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]" },
    { name: "the magic only", body: [0x6b, 0x38, 0x73, 0], error: "empty body" },
    { name: "a length past the end", body: [0x6b, 0x38, 0x73, 0, 0x0a, 0x7f, 0x01], error: "unexpected EOF" },
    { name: "a varint without an end", body: [0x6b, 0x38, 0x73, 0, 0x08, ...Array(12).fill(0xff)], error: "proto: integer overflow" },
    { name: "a group", body: [0x6b, 0x38, 0x73, 0, 0x0b], error: "proto: illegal wireType 3" },
    { name: "field number 0", body: [0x6b, 0x38, 0x73, 0, 0x00, 0x00], error: "proto: illegal tag 0 (wire type 0)" },
    { name: "text where a message should be", body: [...envelope("v1", "Pod", int(1, 5))], error: "proto: wrong wireType = 0" },
    { name: "no kind", body: [...envelope("v1", "", text(1, "x"))], error: `Object 'Kind' is missing in 'runtime.TypeMeta{APIVersion:"v1", Kind:""}'` },
    { name: "an unknown kind", body: [...envelope("v1", "Pot")], error: `no kind "Pot" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"` },
    { name: "a custom resource's group", body: [...envelope("apps.example.com/v1", "Deployment")], error: `no kind "Deployment" is registered for version "apps.example.com/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"` },
  ])("refuses $name", ({ body, error }) => {
    expect(decoded(Uint8Array.from(body as number[]))).toEqual({ error });
  });

  test("never throws, whatever the bytes", () => {
    const valid = hex(CREATE_NAMESPACE);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(valid.length - 1), fc.nat(255), (tail, at, byte) => {
      decodeProtobuf(Uint8Array.from([...valid.subarray(0, 4), ...tail]));
      decodeProtobuf(Uint8Array.from([...valid.subarray(0, at), byte, ...valid.subarray(at + 1)]));
      decodeProtobuf(valid.subarray(0, at));
    }));
  });
});

describe("the table", () => {
  const scalars = new Set(["string", "int", "bool", "bytes", "float", "Time", "MicroTime", "Quantity", "IntOrString", "Duration", "RawExtension", "FieldsV1", "[]string"]);
  test("every type that a field names is there", () => {
    const unknown = Object.values(fields as unknown as Record<string, [number, string, string, string][]>)
      .flatMap((rows) => rows.map(([, , type]) => type.replace(/^(\[\]|\{\})/, "")))
      .filter((type) => !scalars.has(type) && !Object.hasOwn(fields, type));
    expect(unknown).toEqual([]);
  });

  test("no message contains itself: the decoder's recursion is bounded by the table, not by the bytes", () => {
    const table = fields as unknown as Record<string, [number, string, string, string][]>;
    const cycleFrom = (name: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(name)) return [...path, name];
      return (table[name] ?? []).map(([, , type]) => cycleFrom(type.replace(/^(\[\]|\{\})/, ""), [...path, name])).find((cycle) => cycle !== undefined);
    };
    expect(Object.keys(table).map((name) => cycleFrom(name, [])).filter((cycle) => cycle !== undefined)).toEqual([]);
  });

  test.each([
    ["v1", "Pod", "core/v1.Pod"],
    ["apps/v1", "Deployment", "apps/v1.Deployment"],
    ["rbac.authorization.k8s.io/v1", "Role", "rbac/v1.Role"],
    ["networking.k8s.io/v1", "Ingress", "networking/v1.Ingress"],
    ["autoscaling/v2", "HorizontalPodAutoscaler", "autoscaling/v2.HorizontalPodAutoscaler"],
    ["authentication.k8s.io/v1", "TokenRequest", "authentication/v1.TokenRequest"],
    ["certificates.k8s.io/v1", "CertificateSigningRequest", "certificates/v1.CertificateSigningRequest"],
    ["policy/v1", "DeleteOptions", "meta/v1.DeleteOptions"],
    ["v1", "constructor", undefined],
  ])("%s %s", (apiVersion, kind, name) => {
    expect(messageNameOf(apiVersion, kind)).toBe(name);
  });
});
