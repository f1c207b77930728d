import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimClock } from "./clock.ts";
import { createRng, uuid } from "./rng.ts";
import { msToUs, usOf } from "./time.ts";

/** A little world of timers that schedule, repeat and cancel each other; its log is the run. */
function randomWorld(seed: number): { clock: SimClock; log: string[] } {
  const clock = new SimClock();
  const rng = createRng(seed);
  const log: string[] = [];
  const spawn = (name: string, depth: number): void => {
    clock.after(rng.between(0, msToUs(900)), name, () => {
      log.push(`${clock.now()} ${name} by ${clock.causes.get(clock.causeId())?.parentId}`);
      if (depth > 0) for (let i = rng.below(3); i > 0; i--) spawn(`${name}.${i}`, depth - 1);
      if (rng.below(5) === 0) {
        const cancel = clock.every(rng.between(1, msToUs(400)), `${name}*`, () => log.push(`${clock.now()} ${name}*`));
        clock.after(msToUs(1_500), "stop", cancel);
      }
    });
  };
  for (let i = 0; i < 20; i++) spawn(`e${i}`, 6);
  return { clock, log };
}

describe("the step size has no part in a run", () => {
  test("one step of 10 s, ten of 1 s and 10,000 of 1 ms give the same log", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const logs = [10_000, 1_000, 1].map((stepMs) => {
          const { clock, log } = randomWorld(seed);
          for (let ms = stepMs; ms <= 10_000; ms += stepMs) clock.runTo(usOf(msToUs(ms)));
          return log.join("\n");
        });
        expect(logs[1]).toBe(logs[0]);
        expect(logs[2]).toBe(logs[0]);
      }),
      { numRuns: 20 },
    );
  });

  test("single events give the same log as running to a time", () => {
    const whole = randomWorld(7);
    whole.clock.runTo(usOf(10_000_000));
    const stepped = randomWorld(7);
    while ((stepped.clock.nextAtUs() ?? Infinity) <= 10_000_000) stepped.clock.step();
    expect(stepped.log).toEqual(whole.log);
  });
});

describe("order and causes", () => {
  test("events due together run in the order they were scheduled", () => {
    const clock = new SimClock();
    const ran: number[] = [];
    for (let i = 0; i < 100; i++) clock.after(5, "tie", () => ran.push(i));
    clock.runTo(usOf(5));
    expect(ran).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test("a cancelled event does not run and does not count", () => {
    const clock = new SimClock();
    const cancel = clock.after(1, "never", () => expect.unreachable());
    cancel();
    clock.runTo(usOf(10));
    expect(clock.eventCount).toBe(0);
  });

  test("every event knows what caused it, back to the outside", () => {
    const clock = new SimClock();
    let chain: string[] = [];
    clock.within("kubectl apply", () =>
      clock.after(1, "watch delivery", () => clock.after(1, "bind", () => (chain = clock.causes.chain(clock.causeId()).map((c) => c.label)))),
    );
    clock.runTo(usOf(2));
    expect(chain).toEqual(["bind", "watch delivery", "kubectl apply"]);
  });

  test("a repeating timer names what started it, not its last tick", () => {
    const clock = new SimClock();
    let chain: string[] = [];
    clock.within("start", () => clock.every(1, "tick", () => (chain = clock.causes.chain(clock.causeId()).map((c) => c.label))));
    clock.runTo(usOf(50));
    expect(chain).toEqual(["tick", "start"]);
  });

  test("a negative or endless delay is our bug", () => {
    const clock = new SimClock();
    expect(() => clock.after(-1, "past", () => {})).toThrow(/the delay of "past"/);
    expect(() => clock.after(Number.NaN, "nan", () => {})).toThrow(/the delay of "nan"/);
  });
});

describe("seeded chance", () => {
  test("a fork depends on seed and label only", () => {
    const a = createRng(1);
    const b = createRng(1);
    b.below(10);
    b.fork("other").below(10);
    expect([a.fork("x").hex(16), a.fork("y").hex(16)]).toEqual([b.fork("x").hex(16), b.fork("y").hex(16)]);
    expect(a.fork("x").hex(16)).not.toBe(a.fork("y").hex(16));
    expect(createRng(2).fork("x").hex(16)).not.toBe(createRng(1).fork("x").hex(16));
  });

  test("draws are spread evenly and stay inside their bounds", () => {
    const rng = createRng(3);
    const counts = Array.from({ length: 7 }, () => 0);
    for (let i = 0; i < 70_000; i++) { const n = rng.below(7); counts[n] = (counts[n] ?? 0) + 1; }
    for (let i = 0; i < 1_000; i++) expect(rng.between(2, 4)).toSatisfy((n: number) => n >= 2 && n <= 4);
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.1);
  });

  test("uuids have version 4 and variant bits", () => {
    const rng = createRng(4);
    for (let i = 0; i < 100; i++) expect(uuid(rng)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
