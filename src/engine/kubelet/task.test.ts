import { describe, expect, test } from "vitest";
import { SimClock } from "../kernel/clock.ts";
import { usOf } from "../kernel/time.ts";
import { all, CANCELLED, runTask, sleep, type Task, until, untilDone, within } from "./task.ts";

const world = (): { clock: SimClock; log: string[]; say: (text: string) => void } => {
  const clock = new SimClock();
  const log: string[] = [];
  return { clock, log, say: (text) => log.push(`${clock.now()} ${text}`) };
};

test("waits in simulated time and gives its value", () => {
  const { clock, log, say } = world();
  const task = function* (): Task<number> {
    yield* sleep(clock, 10, "a");
    say("slept");
    return yield* until<number>((done) => clock.after(5, "b", () => done(7)));
  };
  runTask(task(), (value) => say(`end ${String(value)}`));
  clock.runTo(usOf(100));
  expect(log).toEqual(["10 slept", "15 end 7"]);
});

test("answers that come at once do not pile up on the stack", () => {
  let sum = 0;
  const task = function* (): Task<undefined> {
    for (let i = 0; i < 100_000; i++) sum += yield* untilDone<number>((done) => done(1));
    return undefined;
  };
  runTask(task());
  expect(sum).toBe(100_000);
});

describe("cancelling", () => {
  test("ends at a wait that can be given up", () => {
    const { clock, log, say } = world();
    const task = function* (): Task<undefined> {
      try {
        yield* sleep(clock, 50, "a");
        say("never");
      } finally {
        say("tidied");
      }
      return undefined;
    };
    const running = runTask(task(), (value) => say(value === CANCELLED ? "cancelled" : "ended"));
    clock.after(10, "cancel", () => running.cancel());
    clock.runTo(usOf(100));
    expect(log).toEqual(["10 tidied", "10 cancelled"]);
  });

  test("waits for one that cannot", () => {
    const { clock, log, say } = world();
    const task = function* (): Task<undefined> {
      yield* untilDone<undefined>((done) => { clock.after(50, "call", () => done(undefined)); });
      say("never");
      return undefined;
    };
    const running = runTask(task(), (value) => say(value === CANCELLED ? "cancelled" : "ended"));
    clock.after(10, "cancel", () => running.cancel());
    clock.runTo(usOf(100));
    expect(log).toEqual(["50 cancelled"]);
  });

  test("from inside the task itself", () => {
    const { clock, log, say } = world();
    const task = function* (): Task<undefined> {
      yield* sleep(clock, 1, "a");
      running.cancel();
      say("still in this step");
      yield* sleep(clock, 1, "b");
      say("never");
      return undefined;
    };
    const running = runTask(task(), (value) => say(value === CANCELLED ? "cancelled" : "ended"));
    clock.runTo(usOf(100));
    expect(log).toEqual(["1 still in this step", "1 cancelled"]);
  });

  test("abandoned: not even its end is told", () => {
    const { clock, log, say } = world();
    const running = runTask(sleep(clock, 10, "a"), () => say("end"));
    running.abandon();
    clock.runTo(usOf(100));
    expect(log).toEqual([]);
  });
});

test("all: ends with the last; cancelled, all are", () => {
  const { clock, log, say } = world();
  const one = function* (us: number): Task<undefined> {
    yield* sleep(clock, us, "one");
    say(`done ${us}`);
    return undefined;
  };
  runTask(all([one(10), one(30), one(20)]), () => say("all"));
  clock.runTo(usOf(100));
  expect(log).toEqual(["10 done 10", "20 done 20", "30 done 30", "30 all"]);
  runTask(all([one(10), one(20)]), (value) => say(value === CANCELLED ? "cancelled" : "ended")).cancel();
  clock.runTo(usOf(200));
  expect(log.slice(4)).toEqual(["100 cancelled"]);
});

test("within: the value in time, or nothing", () => {
  const { clock, log, say } = world();
  const task = function* (): Task<undefined> {
    const quick = yield* within(clock, 20, "limit", sleep(clock, 10, "quick"));
    say(`quick ${quick !== undefined}`);
    const slow = yield* within(clock, 20, "limit", sleep(clock, 100, "slow"));
    say(`slow ${slow !== undefined}`);
    return undefined;
  };
  runTask(task());
  clock.runTo(usOf(1_000));
  expect(log).toEqual(["10 quick true", "30 slow false"]);
});
