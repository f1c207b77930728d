import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConfigMapObject, DeploymentObject, ServiceObject } from "../../kinds/generated/types.ts";
import { createTestApi, type TestApi } from "../../testing/test-api.ts";
import { differenceOf, equalSets, fieldSet, type FieldSet, fromFieldsV1, intersectionOf, isEmptySet, pathsOf, toFieldsV1, unionOf } from "./field-set.ts";

const APPLY = { "content-type": "application/apply-patch+yaml" };
const CONFIG_MAP = "/api/v1/namespaces/default/configmaps/a";

function apply(api: TestApi, manager: string, data: Readonly<Record<string, string>>, query = ""): { status: number; body: ConfigMapObject & { message?: string } } {
  const { status, body } = api.request("PATCH", `${CONFIG_MAP}?fieldManager=${manager}${query}`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data }, APPLY);
  return { status, body: body as ConfigMapObject };
}
const ownersOf = (body: ConfigMapObject): unknown => body.metadata.managedFields?.map((m) => [m.manager, m.operation, pathsOf(fromFieldsV1(m.fieldsV1))]);

describe("server-side apply", () => {
  test("creates with 201, again with 200 and no new revision", () => {
    const api = createTestApi();
    const made = apply(api, "m1", { a: "1" });
    expect([made.status, ownersOf(made.body)]).toEqual([201, [["m1", "Apply", [".data.a"]]]]);
    const again = apply(api, "m1", { a: "1" });
    expect([again.status, again.body.metadata.resourceVersion]).toEqual([200, made.body.metadata.resourceVersion]);
  });

  test("what a manager no longer says goes, unless another says it, too", () => {
    const api = createTestApi();
    apply(api, "m1", { a: "1", b: "2", c: "3" });
    apply(api, "m2", { b: "2" });
    expect(apply(api, "m1", { a: "1" }).body.data).toEqual({ a: "1", b: "2" });
    expect(apply(api, "m2", {}).body.data).toEqual({ a: "1" });
  });

  test("an ordinary writer takes fields over, and is named in conflicts", () => {
    const api = createTestApi();
    apply(api, "m1", { a: "1" });
    const patched = api.request("PATCH", `${CONFIG_MAP}?fieldManager=kubectl-edit`, { data: { a: "2" } }, { "content-type": "application/merge-patch+json" });
    expect(ownersOf(patched.body as ConfigMapObject)).toEqual([["kubectl-edit", "Update", [".data.a"]]]);
    expect(apply(api, "m1", { a: "1" }).body.message).toBe('Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a');
    expect(apply(api, "m1", { a: "1" }, "&force=true").body.data).toEqual({ a: "1" });
  });

  test("an object belongs to the client that made it", () => {
    const api = createTestApi();
    const made = api.request("POST", "/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply", { metadata: { name: "a", labels: { x: "y" } }, data: { a: "1" } });
    expect(ownersOf(made.body as ConfigMapObject)).toEqual([["kubectl-client-side-apply", "Update", [".data", ".data.a", ".metadata.labels", ".metadata.labels.x"]]]);
    expect(apply(api, "m1", { a: "x" }).body.message).toBe('Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a');
    const other = api.request("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "b" }, data: { a: "1" } }, { "user-agent": "curl/8.0" });
    expect(ownersOf(other.body as ConfigMapObject)).toEqual([["curl", "Update", [".data", ".data.a"]]]);
  });

  test("what a component made belongs to before-first-apply", () => {
    const api = createTestApi();
    api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" }, data: { a: "1", b: "2" } });
    expect(apply(api, "m1", { a: "x" }).body.message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a');
    expect(ownersOf(apply(api, "m1", { a: "1" }).body)).toEqual([["m1", "Apply", [".data.a"]], ["before-first-apply", "Update", [".data.a", ".data.b"]]]);
  });

  test("keyed lists merge by their keys, with the keys' defaults", () => {
    const api = createTestApi();
    const path = "/api/v1/namespaces/default/services/s";
    const body = (port: object): object => ({ apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { ports: [port] } });
    api.request("PATCH", `${path}?fieldManager=m1`, body({ name: "a", port: 80 }), APPLY);
    const second = api.request("PATCH", `${path}?fieldManager=m2`, body({ name: "b", port: 81, protocol: "TCP" }), APPLY).body as ServiceObject;
    expect(second.spec.ports?.map((p) => p.name)).toEqual(["a", "b"]);
    const third = api.request("PATCH", `${path}?fieldManager=m2`, { ...body({}), spec: { ports: [] } }, APPLY).body as ServiceObject;
    expect(third.spec.ports?.map((p) => p.name)).toEqual(["a"]);
  });

  test("the controllers' replicas are left alone by an apply that does not name them", () => {
    const api = createTestApi();
    const path = "/apis/apps/v1/namespaces/default/deployments/d";
    const config = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "x" }] } } } };
    api.request("PATCH", `${path}?fieldManager=m1`, config, APPLY);
    api.request("PATCH", `${path}/scale`, { spec: { replicas: 5 } }, { "content-type": "application/merge-patch+json" });
    expect((api.request("PATCH", `${path}?fieldManager=m1`, config, APPLY).body as DeploymentObject).spec.replicas).toBe(5);
  });

  test.each([
    [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, dta: {} }, 500, "failed to create typed patch object (/a; v1, Kind=ConfigMap): .dta: field not declared in schema"],
    [{ kind: "ConfigMap", metadata: { name: "a" } }, 400, "invalid object type: /, Kind=ConfigMap"],
    [{ apiVersion: "apps/v1", kind: "ConfigMap", metadata: { name: "a" } }, 400, "Incorrect version specified in apply patch. Specified patch version: apps/v1, expected: v1"],
    [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" } }, 400, "the name of the object (b) does not match the name on the URL (a)"],
    [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", managedFields: [] } }, 400, "metadata.managedFields must be nil"],
  ])("refuses %j", (body, status, message) => {
    const response = createTestApi().request("PATCH", `${CONFIG_MAP}?fieldManager=m`, body, APPLY);
    expect([response.status, (response.body as { message: string }).message]).toEqual([status, message]);
  });

  test("any sequence of forced applies leaves exactly what the managers say", () => {
    const data = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), { maxKeys: 3 });
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom("m1", "m2"), data), { minLength: 1, maxLength: 12 }), (steps) => {
      const api = createTestApi();
      const said = new Map<string, Map<string, string>>([["m1", new Map()], ["m2", new Map()]]);
      let last: ConfigMapObject | undefined;
      for (const [manager, wanted] of steps) {
        last = apply(api, manager, wanted, "&force=true").body;
        for (const [other, fields] of said) for (const [k, v] of Object.entries(wanted)) if (other !== manager && fields.get(k) !== v) fields.delete(k);
        said.set(manager, new Map(Object.entries(wanted)));
      }
      const all = Object.fromEntries([...said.values()].flatMap((fields) => [...fields]));
      expect(last?.data ?? {}).toEqual(all);
    }), { numRuns: 60 });
  });
});

const treeOf = (depth: number): fc.Arbitrary<FieldSet> => fc.tuple(
  fc.array(fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'), { maxLength: 3 }),
  depth === 0 ? fc.constant([]) : fc.array(fc.tuple(fc.constantFrom("f:a", "f:b", "f:c"), treeOf(depth - 1)), { maxLength: 2 }),
).map(([members, children]) => fieldSet(members, new Map(children)));
const tree = treeOf(3);

test("field sets are sets", () => {
  fc.assert(fc.property(tree, tree, (a, b) => {
    expect(equalSets(fromFieldsV1(toFieldsV1(a)), a)).toBe(true);
    expect(isEmptySet(intersectionOf(differenceOf(a, b), b))).toBe(true);
    expect(equalSets(unionOf(differenceOf(a, b), intersectionOf(a, b)), a)).toBe(true);
    expect(equalSets(unionOf(a, b), unionOf(b, a))).toBe(true);
    expect(new Set(pathsOf(unionOf(a, b)))).toEqual(new Set([...pathsOf(a), ...pathsOf(b)]));
  }));
});
