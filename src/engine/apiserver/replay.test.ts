import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createTestApi } from "../testing/test-api.ts";
import { differences, PRESET, type RecordedScenario, send, withoutManagedFields } from "./testing/replay.ts";

/** Exchanges recorded from a running kube-apiserver v1.33: `testdata/recorded-api.json`. Same requests, same answers. */
const scenarios = JSON.parse(readFileSync(new URL("./testdata/recorded-api.json", import.meta.url), "utf8")) as readonly RecordedScenario[];

describe.each(scenarios)("$id", ({ id, steps }) => {
  const api = createTestApi();
  const bindings = new Map(PRESET[id] ?? []);
  test.each(steps.map((step, i) => ({ step, name: `${i}: ${step.request.method} ${step.request.path}${step.note === undefined ? "" : ` (${step.note})`}` })))("$name", ({ step }) => {
    const answer = send(api, step, bindings);
    api.runMs(1);
    expect(answer.code, "not a crash").toBeGreaterThan(199);
    if (step.response === undefined) return;
    const { code, body, warning = [] } = step.response;
    expect(differences(body, id === "s-apply" ? answer.body : withoutManagedFields(answer.body), bindings), JSON.stringify(answer.body)).toEqual([]);
    if (code !== undefined) expect(answer.code).toBe(code);
    expect(answer.warning).toEqual(warning);
  });
});
