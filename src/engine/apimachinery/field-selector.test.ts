import { expect, test } from "vitest";
import { matchesFields, parseFieldSelector, requiredValue } from "./field-selector.ts";

test.each([
  ["", []],
  ["a=b", [{ field: "a", operator: "=", value: "b" }]],
  ["a==b,c!=d", [{ field: "a", operator: "=", value: "b" }, { field: "c", operator: "!=", value: "d" }]],
  ["a=b\\,c", [{ field: "a", operator: "=", value: "b,c" }]],
  ["a=,", [{ field: "a", operator: "=", value: "" }]],
])("TestSelectorParse %j", (text, terms) => {
  expect(parseFieldSelector(text)).toEqual({ ok: true, value: terms });
});

test.each([
  ["metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
  ["metadata.name in (c1)", "invalid selector: 'metadata.name in (c1)'; can't understand 'metadata.name in (c1)'"],
  ["x=a||y=b", "invalid field selector: unescaped character in value: ="],
  ["a=b\\x", "invalid field selector: invalid escape sequence: \\x"],
])("%j is refused", (text, message) => {
  expect(parseFieldSelector(text)).toEqual({ ok: false, error: message });
});

test("terms are joined by AND, and say what an index can be asked for", () => {
  const parsed = parseFieldSelector("spec.nodeName=n1,status.phase!=Failed");
  if (!parsed.ok) throw new Error(parsed.error);
  const on = (nodeName: string, phase: string) => matchesFields(parsed.value, (f) => (f === "spec.nodeName" ? nodeName : phase));
  expect([on("n1", "Running"), on("n2", "Running"), on("n1", "Failed")]).toEqual([true, false, false]);
  expect([requiredValue(parsed.value, "spec.nodeName"), requiredValue(parsed.value, "status.phase")]).toEqual(["n1", undefined]);
});
