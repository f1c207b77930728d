import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseManifest } from "./manifest.ts";

const recorded = JSON.parse(readFileSync(new URL("./testdata/broken-manifests.json", import.meta.url), "utf8")) as Record<string, { text: string; error: string }>;
const problems = (text: string): string[] => parseManifest(text, "f.yaml", false).flatMap((document) => (document.ok ? [] : [document.problem.message]));

describe("broken files read as kubectl 1.33 put it", () => {
  test.each(Object.entries(recorded).filter(([name]) => name !== "empty" && name !== "onlycomment"))("%s", (_, { text, error }) => {
    expect(problems(text)).toEqual([error]);
  });

  test.each(["", "# nothing\n", "---\n---\n"])("%j holds no objects", (text) => {
    expect(parseManifest(text, "f.yaml")).toEqual([]);
  });
});

describe("limits", () => {
  test("5 MB is turned away before it is read", () => {
    expect(problems(`apiVersion: v1\nkind: ConfigMap\ndata:\n  a: ${"x".repeat(5_000_000)}\n`)).toEqual(["Request entity too large: limit is 3145728"]);
  });

  test("any text gives documents or problems, never an exception", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."ab:- \n\t{}[]\"'&*!|>%@#,?0~") }), (text) => void parseManifest(text, "f.yaml")), { numRuns: 2_000 });
  });
});

describe("documents", () => {
  const text = "# two\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    app.kubernetes.io/name: x\nspec:\n  containers:\n  - name: c\n    image: nginx\n---\napiVersion: v1\nkind: Nope\nmetadata:\n  name: on\n";
  const documents = parseManifest(text, "f.yaml", false).flatMap((document) => (document.ok ? [document.document] : []));

  test("each is read by itself, with YAML 1.1's idea of booleans", () => {
    expect(documents.map(({ value, line }) => [value["kind"], line])).toEqual([["Pod", 1], ["Nope", 13]]);
    expect(documents[1]?.value["metadata"]).toEqual({ name: true });
  });

  test.each([
    [0, "spec.containers[0].image", 11, 12, 17],
    [0, "spec.containers[0]", 10, 5, 10],
    [0, "metadata.labels[app.kubernetes.io/name]", 7, 29, 30],
    [0, "spec.containers[3].image", 9, 3, 13],
    [0, "status.nothing", 2, 1, 2],
    [1, "kind", 14, 7, 11],
    [1, "metadata.name", 16, 9, 11],
  ])("document %i: %s stands in line %i, columns %i to %i", (index, field, line, column, endColumn) => {
    expect(documents[index]?.positionOf(field)).toMatchObject({ line, column });
    if (field !== "spec.containers[0]") expect(documents[index]?.positionOf(field).endColumn).toBe(endColumn);
  });
});
