import { expect, test } from "vitest";
import { SimClock } from "../../kernel/clock.ts";
import { usOf } from "../../kernel/time.ts";
import { BoundedRunner } from "./bounded-runner.ts";

function runs(askAtMs: readonly number[], untilMs = 10_000, maxIntervalMs = 3_600_000): number[] {
  const clock = new SimClock();
  const at: number[] = [];
  const runner = new BoundedRunner(clock, "test", 1_000_000, maxIntervalMs * 1_000, 2, () => at.push(Math.round(clock.now() / 1_000)));
  for (const ms of askAtMs) clock.after(ms * 1_000, "ask", () => runner.run());
  clock.runTo(usOf(untilMs * 1_000));
  return at;
}

test.each([
  ["once", [0], [0]],
  ["a burst of two at once, the third when a token has come back", [0, 1, 2], [0, 1, 1_001]],
  ["asked all the time: once a second", Array.from({ length: 400 }, (_, i) => i * 10), [0, 10, 1_000, 2_000, 3_000, 4_000]],
  ["with pauses, at once", [0, 2_000, 4_000], [0, 2_000, 4_000]],
])("%s", (_name, asks, expected) => {
  expect(runs(asks)).toEqual(expected);
});

test("at least once per longest interval", () => {
  expect(runs([0], 10_000, 3_000)).toEqual([0, 3_000, 6_000, 9_000]);
});
