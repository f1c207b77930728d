import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGoJson } from "./go-json.ts";

test("agrees with the platform's parser on any JSON", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    expect(parseGoJson(text)).toMatchObject({ ok: true, value: { value: JSON.parse(text) as unknown } });
  }));
});

test("refuses what the platform's parser refuses", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "1", "-", ".", "e", "t", "true", "null", "\\", "u", " "), maxLength: 10 }), (text) => {
    let valid = true;
    try { JSON.parse(text); } catch { valid = false; }
    expect(parseGoJson(text).ok).toBe(valid);
  }));
});

test.each([
  ["", "unexpected end of JSON input"], ['{"a"', "unexpected end of JSON input"], ["not", "invalid character 'o' in literal null (expecting 'u')"], ["{a}", "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"], ['{"a":1 2}', "invalid character '2' after object key:value pair"], ["[1 2]", "invalid character '2' after array element"], ["1 2", "invalid character '2' after top-level value"],
  ["-x", "invalid character 'x' in numeric literal"], ["1.x", "invalid character 'x' after decimal point in numeric literal"], ['"\\q"', "invalid character 'q' in string escape code"], ["<html>", "invalid character '<' looking for beginning of value"], ["'x'", "invalid character '\\'' looking for beginning of value"],
])("%j: %s", (text, message) => {
  expect(parseGoJson(text)).toEqual({ ok: false, error: message });
});

test("keys given twice are told with their paths, and the last one counts", () => {
  const parsed = parseGoJson('{"spec":{"c":[{"image":"a","image":"b"}]},"spec":{"x":1}}');
  expect(parsed).toMatchObject({ ok: true, value: { value: { spec: { x: 1 } }, duplicates: ["spec.c[0].image", "spec"] } });
});

test("a key called __proto__ is a key", () => {
  const parsed = parseGoJson('{"__proto__":{"polluted":true}}');
  expect(parsed.ok && Object.keys(parsed.value.value as object)).toEqual(["__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
