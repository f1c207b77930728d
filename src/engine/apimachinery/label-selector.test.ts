import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelSelectorText, matchesLabels, matchesLabelSelector, selectorFromObject, selectorText } from "./label-selector.ts";
import { parseLabelSelector } from "./label-selector-parser.ts";

const parsed = (text: string): string => {
  const result = parseLabelSelector(text);
  return result.ok ? selectorText(result.value) : `error: ${result.error}`;
};

/** Cases of upstream's TestSelectorParse: what is accepted, in canonical text. */
test.each([
  ["", ""], ["x=a,y=b,z=c", "x=a,y=b,z=c"], ["x!=a,y=b", "x!=a,y=b"], ["x=", "x="], ["x= ", "x="], ["x=,z= ", "x=,z="], ["x= ,z= ", "x=,z="], ["!x", "!x"], ["x>1", "x>1"], ["x>1,z<5", "x>1,z<5"],
  ["x in (c,a,b)", "x in (a,b,c)"], ["x notin (a)", "x notin (a)"], ["x in ()", "x in ()"], ["x in (,)", "x in ()"], ["x in (abc,)", "x in (,abc)"], ["x==a", "x==a"], ["notin,in", "in,notin"], ["in in (in)", "in in (in)"],
  ["b=1,a=2", "a=2,b=1"],
])("TestSelectorParse %j", (text, canonical) => {
  expect(parsed(text)).toBe(canonical);
});

test.each([
  ["a=b=c", "found '=', expected: ',' or 'end of string'"],
  ["odd in y", "unable to parse requirement: found 'y' expected: '('"],
  ["x= a b", "found 'b', expected: ',' or 'end of string'"],
  ["idx>foo", `unable to parse requirement: values[0]: Invalid value: "foo": for 'Gt', 'Lt' operators, the value must be an integer`],
  ["x=a||y=b", "unable to parse requirement: values[0][x]: Invalid value: \"a||y\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"],
  ["!x=a", "found '=', expected: ',' or 'end of string'"],
  ["x<", 'unable to parse requirement: values[0]: Invalid value: "": for \'Gt\', \'Lt\' operators, the value must be an integer'],
  [",a", "found ',', expected: !, identifier, or 'end of string'"],
  ["a,", "found '', expected: identifier after ','"],
  ["x in (a", "unable to parse requirement: found '', expected: ',' or ')'"],
  ["a foo", "unable to parse requirement: found 'foo', expected: in, notin, =, ==, !=, gt, lt"],
])("%j is refused", (text, message) => {
  expect(parsed(text)).toBe(`error: ${message}`);
});

/** Cases of upstream's TestSelectorMatches. */
test.each<[string, Record<string, string>, boolean]>([
  ["", { x: "y" }, true], ["x=y", { x: "y" }, true], ["x=y,z=w", { x: "y", z: "w" }, true], ["x!=y,z!=w", { x: "z", z: "a" }, true],
  ["notin=in", { notin: "in" }, true], ["x", { x: "z" }, true], ["!x", { y: "z" }, true], ["x>1", { x: "2" }, true], ["x<1", { x: "0" }, true],
  ["x=z", {}, false], ["x=y", { x: "z" }, false], ["x=y,z=w", { x: "w", z: "w" }, false], ["x!=y,z!=w", { x: "z", z: "w" }, false], ["x", { y: "z" }, false],
  ["!x", { x: "z" }, false], ["x>1", { x: "0" }, false], ["x<1", { x: "2" }, false], ["x in (a,b)", {}, false], ["x notin (a,b)", {}, true], ["x in (abc,)", { x: "" }, true],
])("TestSelectorMatches %j on %j", (text, labels, expected) => {
  const selector = parseLabelSelector(text);
  expect(selector.ok && matchesLabels(selector.value, labels)).toBe(expected);
});

describe("LabelSelector objects", () => {
  test("none selects nothing, an empty one everything", () => {
    expect([matchesLabelSelector(undefined, { a: "b" }), matchesLabelSelector({}, { a: "b" })]).toEqual([false, true]);
  });

  test("text as kubectl shows it", () => {
    expect(labelSelectorText({ matchLabels: { b: "2" }, matchExpressions: [{ key: "a", operator: "In", values: ["y", "x"] }, { key: "c", operator: "DoesNotExist" }] })).toBe("a in (x,y),b=2,!c");
    expect(labelSelectorText({})).toBe("<none>");
    expect(labelSelectorText({ matchExpressions: [{ key: "a", operator: "Near" }] })).toBe("<error>");
  });

  test("unknown operators are named", () => {
    expect(selectorFromObject({ matchExpressions: [{ key: "a", operator: "Near" }] })).toEqual({ ok: false, error: '"Near" is not a valid label selector operator' });
  });
});

test("any text is either read or refused, and what is read can be read again", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", "b", "=", "!", "<", ">", ",", "(", ")", " ", "in", " notin "), maxLength: 12 }), (text) => {
    const first = parseLabelSelector(text);
    if (!first.ok) return;
    const again = parseLabelSelector(selectorText(first.value));
    expect(again.ok && selectorText(again.value)).toBe(selectorText(first.value));
  }));
});
