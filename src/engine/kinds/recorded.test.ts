import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { aggregateText, fieldErrorText } from "../apimachinery/status.ts";
import { createTimeText } from "../apimachinery/time-text.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import { usOf } from "../kernel/time.ts";
import { decode } from "./decode.ts";
import { groupVersion, type KindDefinition, type StrategyContext } from "./kind-definition.ts";
import { ALL_KINDS } from "./testdata/all-kinds.ts";

// What a v1.33.13 kube-apiserver answered to POSTs; what admission adds and what differs per run is taken out of the stored objects.
// Lists that Go leaves null are empty here; every uid is "u1".

type Json = Record<string, unknown> & { apiVersion?: string; kind?: string; metadata?: Record<string, unknown> };
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), "utf8")) as T;

const context: StrategyContext = { now: usOf(0), time: createTimeText("2026-01-01T00:00:00Z"), uid: () => "u1" };

function definitionOf(object: Json): KindDefinition | undefined {
  return ALL_KINDS.find((definition) => definition.kind === object.kind && groupVersion(definition) === object.apiVersion);
}

function place(definition: KindDefinition, object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: "u1", ...(definition.scope === "Namespaced" ? { namespace } : {}) } };
}

const defaults = read<readonly { name: string; request: Json; stored: Json }[]>("recorded-defaults").filter(({ request }) => definitionOf(request) !== undefined);

test("the recordings cover every kind that we have", () => {
  expect(new Set(defaults.map(({ request }) => request.kind)).size).toBeGreaterThanOrEqual(10);
});

test.each(defaults)("defaults: $name", ({ request, stored }) => {
  const definition = definitionOf(request) as KindDefinition;
  const decoded = decode(definition, request);
  if (!decoded.ok) throw new Error(decoded.error);
  const placed = place(definition, definition.defaults(decoded.value.object), "s-defaults");
  const prepared = definition.prepareForCreate(placed, context);
  const { uid: _, ...metadata } = prepared.metadata;
  const result = JSON.parse(JSON.stringify({ ...prepared, metadata: { generation: definition.tracksGeneration ? 1 : undefined, ...metadata } })) as Json;
  expect(result).toEqual(stored);
  // Below the metadata even the order of the fields is Go's.
  const { metadata: _a, ...ours } = result;
  const { metadata: _b, ...theirs } = stored;
  expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
  expect(definition.validate(withAllocated(prepared))).toEqual([]);
});

/** A Service is valid with its address, a pod with its service account. */
function withAllocated(object: KubeObject): KubeObject {
  const spec = (object as KubeObject & { spec?: Record<string, unknown> }).spec;
  if (object.kind === "Service" && spec?.["type"] !== "ExternalName") {
    const ip = (spec?.["clusterIP"] as string | undefined) ?? "10.96.0.9";
    return { ...object, spec: { ...spec, clusterIP: ip, clusterIPs: [ip], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" } } as KubeObject;
  }
  return object;
}

const invalid = read<readonly { name: string; code: number; request: Json; message: string }[]>("recorded-invalid").filter(({ request }) => definitionOf(request) !== undefined);

test.each(invalid)("refused: $name", ({ request, code, message }) => {
  const definition = definitionOf(request) as KindDefinition;
  const decoded = decode(definition, request);
  if (code === 400) {
    expect(decoded.ok ? "decoded" : `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: ${decoded.error}`).toBe(message);
    return;
  }
  if (!decoded.ok) throw new Error(decoded.error);
  const namespace = (request.metadata?.["namespace"] as string | undefined) ?? "s-invalid";
  const prepared = withAllocated(definition.prepareForCreate(place(definition, definition.defaults(decoded.value.object), namespace), context));
  const errors = definition.validate(prepared);
  const qualified = definition.group === "" ? definition.kind : `${definition.kind}.${definition.group}`;
  expect(`${qualified} "${prepared.metadata.name}" is invalid: ${aggregateText(errors.map(fieldErrorText))}`).toBe(message);
});
