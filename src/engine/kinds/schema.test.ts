/* oxlint-disable unicorn/no-thenable -- "then" is JSON Schema's word */
import { expect, test } from "vitest";
import { ConfigMap } from "./config-map.ts";
import { Deployment } from "./deployment.ts";
import { editorSchema } from "./editor-schema.ts";
import { openApiSchema } from "./openapi.ts";
import { Pod } from "./pod.ts";
import { elementSchemaOf, fieldAt, fieldOf, mergeKeyOf, patchStrategiesOf, schemaNames, schemaOf } from "./schema.ts";

test.each([
  ["apps/v1.Deployment", "spec.template.spec.containers", "name"],
  ["core/v1.Pod", "spec.containers.ports", "containerPort"],
  ["core/v1.Service", "spec.ports", "port"],
  ["core/v1.Pod", "spec.containers.env", "name"],
  ["core/v1.Pod", "spec.volumes", "name"],
  ["core/v1.Pod", "spec.containers.volumeMounts", "mountPath"],
  ["core/v1.Pod", "spec.tolerations", undefined],
  ["core/v1.Pod", "spec.containers.args", undefined],
  ["core/v1.Pod", "spec.hostAliases", "ip"],
  ["core/v1.Pod", "status.conditions", "type"],
  ["core/v1.Pod", "metadata.ownerReferences", "uid"],
  ["core/v1.Pod", "spec.topologySpreadConstraints", "topologyKey"],
  ["core/v1.Pod", "spec.nothing.here", undefined],
])("%s %s merges by %s", (schema, path, key) => {
  expect(mergeKeyOf(schema, path.split("."))).toBe(key);
});

test("patch strategies", () => {
  expect(patchStrategiesOf("apps/v1.Deployment", ["spec", "strategy"])).toEqual(["retainKeys"]);
  expect(patchStrategiesOf("core/v1.Pod", ["spec", "volumes"])).toEqual(["merge", "retainKeys"]);
  expect(patchStrategiesOf("core/v1.Pod", ["metadata", "finalizers"])).toEqual(["merge"]);
});

test.each([
  ["apps/v1.DeploymentSpec", "replicas", "int32"],
  ["core/v1.PodSpec", "containers", "[]v1.Container"],
  ["core/v1.PodSpec", "terminationGracePeriodSeconds", "int64"],
  ["meta/v1.ObjectMeta", "labels", "map[string]string"],
  ["meta/v1.ObjectMeta", "generation", "int64"],
  ["core/v1.Container", "imagePullPolicy", "v1.PullPolicy"],
  ["core/v1.ResourceRequirements", "limits", "v1.ResourceList"],
  ["core/v1.Secret", "data", "map[string][]uint8"],
])("Go calls %s.%s a %s", (schema, field, goType) => {
  expect(fieldOf(schema, field)?.goType).toBe(goType);
});

test("inlined structs are spread out in place", () => {
  expect(schemaOf("core/v1.Volume")?.fields.slice(0, 3).map((field) => field.name)).toEqual(["name", "hostPath", "emptyDir"]);
  expect(fieldAt("core/v1.Pod", ["spec", "containers", "livenessProbe", "httpGet", "port"])?.type).toEqual({ kind: "scalar", scalar: "IntOrString" });
  expect(fieldAt("core/v1.Pod", ["metadata", "labels", "app"])).toBeUndefined();
});

test("every type that a field names exists", () => {
  for (const name of schemaNames()) {
    for (const field of schemaOf(name)?.fields ?? []) {
      const target = elementSchemaOf(field.type);
      expect(target === undefined || schemaOf(target) !== undefined, `${name}.${field.name}`).toBe(true);
    }
  }
});

const KINDS = [Pod, ConfigMap, Deployment] as unknown as Parameters<typeof openApiSchema>[0];

function danglingReferences(root: unknown, prefix: string, components: object): string[] {
  if (typeof root !== "object" || root === null) return [];
  return Object.entries(root).flatMap(([key, value]) => {
    if (key !== "$ref" || typeof value !== "string") return danglingReferences(value, prefix, components);
    return Object.hasOwn(components, value.slice(prefix.length).replaceAll("~1", "/")) ? [] : [value];
  });
}

test("OpenAPI components are complete and carry the kinds and merge keys", () => {
  const components = openApiSchema(KINDS);
  expect(danglingReferences(components, "#/components/schemas/", components)).toEqual([]);
  const deployment = components["io.k8s.api.apps.v1.Deployment"];
  expect(deployment?.["x-kubernetes-group-version-kind"]).toEqual([{ group: "apps", kind: "Deployment", version: "v1" }]);
  const podSpec = components["io.k8s.api.core.v1.PodSpec"] as { properties: Record<string, Record<string, unknown>>; required: string[] };
  expect(podSpec.required).toEqual(["containers"]);
  expect(podSpec.properties["containers"]).toMatchObject({ "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge", "x-kubernetes-list-map-keys": ["name"] });
  expect(podSpec.properties["restartPolicy"]?.["enum"]).toEqual(["Always", "Never", "OnFailure"]);
});

test("the editor's schema is complete and chooses by apiVersion and kind", () => {
  const schema = editorSchema(KINDS) as { definitions: Record<string, { additionalProperties: boolean; properties: Record<string, unknown> }>; then: { allOf: unknown[] } };
  expect(danglingReferences(schema, "#/definitions/", schema.definitions)).toEqual([]);
  expect(schema.definitions["apps/v1.DeploymentSpec"]).toMatchObject({ additionalProperties: false, required: ["selector", "template"], properties: { replicas: { type: ["integer", "null"] } } });
  expect(schema.then.allOf).toContainEqual({ if: { properties: { apiVersion: { const: "apps/v1" } }, required: ["apiVersion"] }, then: { properties: { kind: { enum: ["Deployment", "DeploymentList"] } } } });
});
