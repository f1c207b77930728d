import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { toGoYaml } from "./go-yaml.ts";

const testdata = (name: string): string => readFileSync(new URL(`../testdata/${name}`, import.meta.url), "utf8");

test("strings are quoted, folded and escaped as kubectl 1.32 printed them", () => {
  const data = JSON.parse(testdata("strings.json")) as Record<string, string>;
  const text = toGoYaml({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "q", creationTimestamp: null }, data });
  expect(text.split("\n")).toEqual(testdata("strings.yaml").split("\n"));
});

test.each([
  [{ a: [] }, "a: []\n"],
  [{ a: {} }, "a: {}\n"],
  [{ b: [{ c: 1, a: [{ x: true }, "y"] }, []], a: null }, "a: null\nb:\n- a:\n  - x: true\n  - \"y\"\n  c: 1\n- []\n"],
  [[[1, [2]], { a: 1 }], "- - 1\n  - - 2\n- a: 1\n"],
  [{ a: { b: { c: "x\ny\n" } } }, "a:\n  b:\n    c: |\n      x\n      y\n"],
  [{ args: ["a\nb", "c"] }, "args:\n- |-\n  a\n  b\n- c\n"],
  ["x", "x\n"],
])("%j", (value, expected) => {
  expect(toGoYaml(value)).toBe(expected);
});

test("whatever is written reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (value) => {
      const back: unknown = parse(toGoYaml(value), { version: "1.1" });
      expect(back ?? null).toEqual(JSON.parse(JSON.stringify(value)) ?? null);
    }),
    { numRuns: 500 },
  );
});
