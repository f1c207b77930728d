import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deepEqual, deepFreeze, type JsonObject, shareStructure } from "./deep.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMerge, type PatchField } from "./strategic-merge.ts";

/** Appendix A of RFC 7396. */
test.each([
  [{ a: "b" }, { a: "c" }, { a: "c" }], [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }], [{ a: "b" }, { a: null }, {}], [{ a: "b", b: "c" }, { a: null }, { b: "c" }], [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }], [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }], [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }], [["a", "b"], ["c", "d"], ["c", "d"]],
  [{ a: "b" }, ["c"], ["c"]], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: "b", c: null }, { a: "b" }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])("merge patch %j + %j", (target, patch, expected) => {
  expect(applyMergePatch(deepFreeze(target), deepFreeze(patch))).toEqual(expected);
});

/** Appendix A of RFC 6902. */
test.each<[unknown, unknown[], unknown]>([
  [{ foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { foo: "bar", baz: "qux" }],
  [{ foo: ["bar", "baz"] }, [{ op: "add", path: "/foo/1", value: "qux" }], { foo: ["bar", "qux", "baz"] }],
  [{ baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
  [{ foo: ["bar", "qux", "baz"] }, [{ op: "remove", path: "/foo/1" }], { foo: ["bar", "baz"] }],
  [{ baz: "qux" }, [{ op: "replace", path: "/baz", value: "boo" }], { baz: "boo" }],
  [{ foo: { bar: 1, waldo: 2 }, qux: {} }, [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }], { foo: { bar: 1 }, qux: { thud: 2 } }],
  [{ foo: ["all", "grass", "cows", "eat"] }, [{ op: "move", from: "/foo/1", path: "/foo/3" }], { foo: ["all", "cows", "eat", "grass"] }],
  [{ baz: "qux", foo: ["a", 2] }, [{ op: "test", path: "/baz", value: "qux" }, { op: "test", path: "/foo/1", value: 2 }], { baz: "qux", foo: ["a", 2] }],
  [{ foo: ["bar"] }, [{ op: "add", path: "/foo/-", value: ["abc"] }], { foo: ["bar", ["abc"]] }],
  [{ "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }, { op: "copy", from: "/~1", path: "/x" }], { "/": 9, "~1": 10, x: 9 }],
])("JSON patch on %j", (document, operations, expected) => {
  expect(applyJsonPatch(deepFreeze(document), operations)).toEqual({ ok: true, value: expected });
});

test.each<[unknown, unknown[]]>([
  [{ a: 1 }, [{ op: "remove", path: "/none" }]], [{ a: 1 }, [{ op: "replace", path: "/none", value: 1 }]], [{ a: 1 }, [{ op: "test", path: "/a", value: 2 }]], [{ a: [] }, [{ op: "add", path: "/a/2", value: 1 }]],
  [{ a: 1 }, [{ op: "bogus", path: "/a" }]], [{ a: 1 }, ["x"]], [{ a: 1 }, [{ op: "add", path: "/b/c", value: 1 }]],
])("JSON patch that does not apply to %j", (document, operations) => {
  expect(applyJsonPatch(document, operations).ok).toBe(false);
});

/** Fields of the item type that upstream's strategicpatch tests use. */
const FIELDS: Readonly<Record<string, PatchField>> = {
  mergingList: { strategies: ["merge"], mergeKey: "name", schema: "item", isMap: false },
  nonMergingList: { strategies: [], mergeKey: undefined, schema: "item", isMap: false },
  mergingIntList: { strategies: ["merge"], mergeKey: undefined, schema: undefined, isMap: false },
  retainKeysMap: { strategies: ["retainKeys"], mergeKey: undefined, schema: "item", isMap: false },
  retainKeysMergingList: { strategies: ["merge", "retainKeys"], mergeKey: "name", schema: "item", isMap: false },
  simpleMap: { strategies: [], mergeKey: undefined, schema: undefined, isMap: true },
  replacingItem: { strategies: ["replace"], mergeKey: undefined, schema: "item", isMap: false },
};
const merge = (original: JsonObject, patch: JsonObject): unknown => {
  const result = applyStrategicMerge(deepFreeze(original), deepFreeze(patch), "item", (schema, field) => (schema === "item" ? FIELDS[field] : undefined));
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
};

/** Cases of upstream's TestStrategicMergePatch (patch.go, patch_test.go). */
test.each<[string, JsonObject, JsonObject, unknown]>([
  ["add new field", { name: "1" }, { value: "1" }, { name: "1", value: "1" }],
  ["remove field", { name: "1", value: "1" }, { value: null }, { name: "1" }],
  ["merge a map", { simpleMap: { key1: "1", key2: "1" } }, { simpleMap: { key2: "2", key3: null } }, { simpleMap: { key1: "1", key2: "2" } }],
  ["merge lists of maps", { mergingList: [{ name: "1" }, { name: "2", value: "2" }] }, { mergingList: [{ name: "1", value: "a" }] }, { mergingList: [{ name: "1", value: "a" }, { name: "2", value: "2" }] }],
  ["a new item stands before what only the server has", { mergingList: [{ name: "1" }] }, { mergingList: [{ name: "2" }] }, { mergingList: [{ name: "2" }, { name: "1" }] }],
  ["replace non-merging list", { nonMergingList: [{ name: "1" }] }, { nonMergingList: [{ name: "2" }] }, { nonMergingList: [{ name: "2" }] }],
  ["delete an item", { mergingList: [{ name: "1" }, { name: "2" }] }, { mergingList: [{ name: "1", $patch: "delete" }] }, { mergingList: [{ name: "2" }] }],
  ["replace a merging list", { mergingList: [{ name: "1" }] }, { mergingList: [{ name: "3" }, { $patch: "replace" }] }, { mergingList: [{ name: "3" }] }],
  ["replace a map by directive", { simpleMap: { a: "1" } }, { simpleMap: { b: "2", $patch: "replace" } }, { simpleMap: { b: "2" } }],
  ["delete a map by directive", { simpleMap: { a: "1" } }, { simpleMap: { $patch: "delete" } }, { simpleMap: {} }],
  ["merge primitives as a set", { mergingIntList: [1, 2] }, { mergingIntList: [2, 3] }, { mergingIntList: [1, 2, 3] }],
  ["delete from primitives", { mergingIntList: [1, 2, 3] }, { "$deleteFromPrimitiveList/mergingIntList": [1] }, { mergingIntList: [2, 3] }],
  ["set the order of primitives", { mergingIntList: [1, 2] }, { "$setElementOrder/mergingIntList": [2, 1, 3], mergingIntList: [3] }, { mergingIntList: [2, 1, 3] }],
  ["order items and keep the server's own", { mergingList: [{ name: "1" }, { name: "2" }, { name: "x" }] }, { "$setElementOrder/mergingList": [{ name: "2" }, { name: "1" }], mergingList: [{ name: "1", value: "v" }] }, { mergingList: [{ name: "2" }, { name: "1", value: "v" }, { name: "x" }] }],
  ["order alone", { mergingList: [{ name: "1" }, { name: "2" }] }, { "$setElementOrder/mergingList": [{ name: "2" }, { name: "1" }] }, { mergingList: [{ name: "2" }, { name: "1" }] }],
  ["retain keys", { retainKeysMap: { name: "foo", other: "bar" } }, { retainKeysMap: { $retainKeys: ["name", "value"], value: "v" } }, { retainKeysMap: { name: "foo", value: "v" } }],
  ["retain keys in an item", { retainKeysMergingList: [{ name: "bar", b: 1 }] }, { retainKeysMergingList: [{ $retainKeys: ["a", "name"], a: 2, name: "bar" }] }, { retainKeysMergingList: [{ name: "bar", a: 2 }] }],
  ["nulls in what is new are dropped", {}, { simpleMap: { a: null, b: "1" } }, { simpleMap: { b: "1" } }],
  ["directives in what is new are dropped", {}, { mergingList: [{ name: "1" }, { name: "2", $patch: "delete" }] }, { mergingList: [{ name: "1" }] }],
  ["a replacing field is not merged", { replacingItem: { a: 1 } }, { replacingItem: { b: 2 } }, { replacingItem: { b: 2 } }],
])("strategic merge: %s", (_name, original, patch, expected) => {
  expect(merge(original, patch)).toEqual(expected);
});

test.each<[string, JsonObject, JsonObject, string]>([
  ["merge key missing", { mergingList: [{ name: "1" }] }, { mergingList: [{ image: "noname" }] }, "500: map: map[image:noname] does not contain declared merge key: name"],
  ["retain keys that leave out a patched key", { retainKeysMap: {} }, { retainKeysMap: { $retainKeys: ["a"], b: 1 } }, "400: invalid patch format of retainKeys"],
  ["order is no list", { mergingIntList: [1] }, { "$setElementOrder/mergingIntList": 5 }, "400: invalid patch format of setElementOrder list"],
  ["unknown directive", { simpleMap: { a: "1" } }, { simpleMap: { $patch: "explode" } }, "500: unknown patch type: explode in map: map[$patch:explode]"],
])("strategic merge refuses: %s", (_name, original, patch, expected) => {
  expect(merge(original, patch)).toBe(expected);
});

describe("trees", () => {
  test("undefined is absent", () => {
    expect([deepEqual({ a: undefined }, {}), deepEqual({ a: null }, {}), deepEqual([1, { b: [2] }], [1, { b: [2] }]), deepEqual({ a: 1, b: undefined }, { a: 1, c: undefined })]).toEqual([true, false, true, true]);
  });

  test("shareStructure gives back what was there wherever nothing changed", () => {
    const before = deepFreeze({ a: { x: [1, 2] }, b: { y: 1 } });
    expect(shareStructure({ a: { x: [1, 2] }, b: { y: 1 } }, before)).toBe(before);
    const next = shareStructure({ a: { x: [1, 2] }, b: { y: 2 } }, before);
    expect(next).toEqual({ a: { x: [1, 2] }, b: { y: 2 } });
    expect(next.a).toBe(before.a);
  });

  test("shareStructure changes no value", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (next, before) => {
      expect(deepEqual(shareStructure(next, before), next)).toBe(true);
      expect(shareStructure(structuredClone(next), next)).toBe(next);
    }));
  });
});
