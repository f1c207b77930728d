import { expect, test } from "vitest";
import { SimClock } from "../kernel/clock.ts";
import { secondsToUs, usOf } from "../kernel/time.ts";
import { Backoff } from "./backoff.ts";

const at = (clock: SimClock, seconds: number): void => clock.runTo(usOf(secondsToUs(seconds)));

test("TestSlowBackoff: 10, 20, 40, 80, 160, 300, 300 s", () => {
  const clock = new SimClock();
  const backoff = new Backoff(clock, secondsToUs(10), secondsToUs(300));
  const waits = Array.from({ length: 7 }, () => {
    backoff.next("a", clock.now());
    return backoff.get("a") / 1e6;
  });
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
});

test("TestBackoffReset: after more than twice the maximum it begins anew", () => {
  const clock = new SimClock();
  const backoff = new Backoff(clock, secondsToUs(1), secondsToUs(10));
  for (let i = 0; i < 5; i++) backoff.next("a", clock.now());
  at(clock, 20);
  backoff.next("a", clock.now());
  expect(backoff.get("a")).toBe(secondsToUs(10));
  at(clock, 41);
  backoff.next("a", clock.now());
  expect(backoff.get("a")).toBe(secondsToUs(1));
});

test("TestIsInBackOffSinceUpdate", () => {
  const clock = new SimClock();
  const backoff = new Backoff(clock, secondsToUs(1), secondsToUs(10));
  const isIn = (seconds: number): boolean => backoff.isInBackOffSinceUpdate("a", secondsToUs(seconds));
  expect(isIn(0)).toBe(false);
  backoff.next("a", clock.now());
  expect([isIn(0), isIn(0.9), isIn(1), isIn(2)]).toEqual([true, true, false, false]);
  at(clock, 2);
  backoff.next("a", clock.now());
  expect([isIn(3.9), isIn(4), isIn(23)]).toEqual([true, false, false]);
});

test("counted from an event: a container's end", () => {
  const clock = new SimClock();
  const backoff = new Backoff(clock, secondsToUs(10), secondsToUs(300));
  backoff.next("a", 0);
  at(clock, 8);
  expect(backoff.isInBackOffSince("a", secondsToUs(1))).toBe(true);
  at(clock, 11);
  expect(backoff.isInBackOffSince("a", secondsToUs(1))).toBe(false);
  backoff.forget("a");
  expect(backoff.get("a")).toBe(0);
});
