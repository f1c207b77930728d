import { expect, test } from "vitest";
import { converterError } from "./converter-error.ts";

const container = (fields: object): object => ({ spec: { template: { spec: { containers: [{ name: "c", ...fields }] } } } });

test.each<[string, unknown, string | undefined]>([
  ["nothing wrong", { metadata: { name: "a", labels: { a: "b" } }, spec: { replicas: 3 } }, undefined],
  ["null is nothing", { spec: { replicas: null } }, undefined],
  ["text for a number", { spec: { replicas: "3" } }, "unrecognized type: int32"],
  ["a fraction for a whole number", { spec: { replicas: 1.5 } }, "cannot convert float64 to int32"],
  ["a number for text in a map", { metadata: { labels: { a: 1 } } }, "cannot convert int64 to string"],
  ["a truth value for text", { metadata: { labels: { a: true } } }, "unrecognized type: string"],
  ["a map for a list", container({ env: { A: "B" } }), "cannot restore slice from map"],
  ["text for a list", container({ command: "sleep" }), "cannot restore slice from string"],
  ["text for a map", { spec: { template: { metadata: { labels: "app" } } } }, "cannot restore map from string"],
  ["text for a struct", container({ resources: "lots" }), "cannot restore struct from: string"],
  ["a number for an environment variable", container({ env: [{ name: "A", value: 1 }] }), "cannot convert int64 to string"],
  ["a number for a named string", container({ imagePullPolicy: 1 }), "cannot convert int64 to v1.PullPolicy"],
  ["text for a truth value", container({ stdin: "yes" }), "unrecognized type: bool"],
  ["a quantity reads itself", container({ resources: { requests: { cpu: true } } }), undefined],
  ["the first field in Go's order is named", { spec: { paused: "no", replicas: "3" } }, "unrecognized type: int32"],
  ["no object at all", [], "cannot restore struct from: slice"],
])("%s", (_name, value, expected) => expect(converterError("apps/v1.Deployment", value)).toBe(expected));
