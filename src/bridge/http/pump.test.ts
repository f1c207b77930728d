import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { MAX_SPEED, Pump, type Speed } from "./pump.ts";
import { FakeCluster } from "./testing/fake-cluster.ts";

/** A wall clock and an event loop that run only when told. */
class Wall {
  nowMs = 0;
  private waiting: { run: () => void; atMs: number }[] = [];

  later(run: () => void, delayMs: number): () => void {
    const entry = { run, atMs: this.nowMs + delayMs };
    this.waiting.push(entry);
    return () => (this.waiting = this.waiting.filter((other) => other !== entry));
  }

  /** Lets `ms` pass; each turn of the loop takes 1 ms. */
  pass(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 1) {
      const due = this.waiting.filter((entry) => entry.atMs <= this.nowMs);
      this.waiting = this.waiting.filter((entry) => entry.atMs > this.nowMs);
      for (const { run } of due) run();
    }
  }

  get isIdle(): boolean {
    return this.waiting.length === 0;
  }
}

let wall: Wall;
let cluster: FakeCluster;
beforeEach(() => {
  wall = new Wall();
  cluster = new FakeCluster();
  cluster.nowMs = 40_000; // it has booted
});

function start(speed: Speed): Pump {
  const pump = new Pump({ cluster: cluster as never, speed, wallMs: () => wall.nowMs, later: (run, delayMs) => wall.later(run, delayMs) });
  pump.start();
  return pump;
}
const passedMs = (): number => cluster.nowMs - 40_000;

test.each([1, 10, 0.5, 1000])("speed %d: simulated time keeps to the wall clock", (speed) => {
  start(speed);
  wall.pass(2_000);
  expect(passedMs()).toBeGreaterThan(1_980 * speed);
  expect(passedMs()).toBeLessThanOrEqual(2_000 * speed);
});

test("a request is executed at the present simulated time", () => {
  const pump = start(1);
  wall.pass(1_000);
  wall.nowMs += 3;
  pump.catchUp();
  expect(passedMs()).toBe(1_003);
});

test("events run at their own time, all of them, in order", () => {
  const ran: number[] = [];
  fc.assert(fc.property(fc.array(fc.nat(1_000), { maxLength: 300 }), (times) => {
    ran.length = 0;
    wall = new Wall();
    cluster = new FakeCluster();
    for (const atMs of times) cluster.at(atMs, () => ran.push(cluster.nowMs));
    start(1);
    wall.pass(1_200);
    expect(ran).toEqual(times.toSorted((a, b) => a - b));
  }));
});

describe("when the machine cannot keep up", () => {
  /** A wall clock that goes on while the engine works: each event costs 1 ms, and 3 are due per simulated ms. */
  const overload = (): void => {
    for (let atMs = 40_000; atMs < 70_000; atMs += 1) for (let index = 0; index < 3; index++) cluster.events.push({ atMs, run: () => (wall.nowMs += 1) });
  };

  test("work stops after some ms, so that requests get their turn", () => {
    for (let index = 0; index < 100_000; index++) cluster.events.push({ atMs: 40_001, run: () => (wall.nowMs += 0.01) });
    start(1);
    wall.pass(2);
    const turns: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const beforeMs = wall.nowMs;
      wall.pass(1);
      turns.push(wall.nowMs - beforeMs);
    }
    expect(Math.max(...turns)).toBeLessThan(12);
    expect(passedMs()).toBe(1);
  });

  test("time that was missed by more than five seconds is let go instead of made up for", () => {
    overload();
    start(1);
    wall.pass(30_000);
    cluster.events = [];
    wall.pass(1_000);
    const atMs = cluster.nowMs;
    wall.pass(1_000);
    expect(cluster.nowMs - atMs).toBeLessThan(1_100);
  });
});

describe("speed max", () => {
  const HEARTBEAT_MS = 10_000;
  const heartbeats = (): void => {
    const beat = (): void => {
      cluster.changed("Lease");
      cluster.changed("Node");
      cluster.at(cluster.nowMs + HEARTBEAT_MS, beat);
    };
    cluster.at(cluster.nowMs, beat);
  };

  test("an idle cluster keeps real time: it does not run away from its events", () => {
    heartbeats();
    start("max");
    wall.pass(60_000);
    expect(passedMs()).toBeGreaterThan(59_000);
    expect(passedMs()).toBeLessThanOrEqual(60_000);
  });

  test("after an input it runs until six quiet minutes have passed, then keeps real time", () => {
    heartbeats();
    const pump = start("max");
    pump.noteInput();
    for (const afterMs of [5_000, 60_000, 300_000]) cluster.at(40_000 + afterMs, () => cluster.changed("Pod"));
    wall.pass(2_000);
    const fastMs = 300_000 + 6 * 60_000;
    expect(passedMs()).toBeGreaterThanOrEqual(fastMs);
    expect(passedMs()).toBeLessThan(fastMs + 2_000);
  });

  test("never faster than 1,000×", () => {
    const pump = start("max");
    pump.noteInput();
    wall.pass(100);
    expect(passedMs()).toBeLessThanOrEqual(100 * MAX_SPEED);
    expect(passedMs()).toBeGreaterThan(80 * MAX_SPEED);
  });

  test("a cluster that never becomes quiet runs one simulated hour per input", () => {
    const restart = (): void => {
      cluster.changed("Pod");
      cluster.at(cluster.nowMs + 60_000, restart);
    };
    cluster.at(cluster.nowMs, restart);
    const pump = start("max");
    pump.noteInput();
    wall.pass(20_000);
    expect(passedMs()).toBeGreaterThanOrEqual(3_600_000);
    expect(passedMs()).toBeLessThan(3_600_000 + 20_000);
    pump.noteInput();
    wall.pass(20_000);
    expect(passedMs()).toBeGreaterThanOrEqual(2 * 3_600_000);
  });
});

test("an event that throws is reported, and time goes on", () => {
  const bugs: unknown[] = [];
  const pump = new Pump({ cluster: cluster as never, speed: 1, wallMs: () => wall.nowMs, later: (run, delayMs) => wall.later(run, delayMs), onBug: (bug) => bugs.push(bug) });
  let ran = false;
  cluster.at(40_010, () => {
    throw new Error("Kubarium bug");
  });
  cluster.at(40_011, () => (ran = true));
  pump.start();
  wall.pass(100);
  expect([bugs.length, ran, passedMs() >= 90]).toEqual([1, true, true]);
});

test("stop leaves nothing behind", () => {
  const pump = start("max");
  wall.pass(10);
  pump.stop();
  expect(wall.isIdle).toBe(true);
  const atMs = cluster.nowMs;
  wall.pass(100);
  pump.catchUp();
  expect(cluster.nowMs).toBe(atMs);
});
