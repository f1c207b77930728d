import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OutflowGuard } from "./outflow.ts";

const MEBIBYTE = 1024 * 1024;
let waiting: number;
let taken: number;
let cuts: number;
let guard: OutflowGuard;
beforeEach(() => {
  vi.useFakeTimers();
  [waiting, taken, cuts] = [0, 0, 0];
  guard = new OutflowGuard({ waitingBytes: () => waiting, takenBytes: () => taken, cutOff: () => (cuts += 1) }, 1_000, 100 * MEBIBYTE);
});
afterEach(() => vi.useRealTimers());

function write(bytes: number): void {
  waiting += bytes;
  guard.afterWrite();
}
function read(bytes: number): void {
  waiting -= bytes;
  taken += bytes;
}

test("a reader that stands still with much waiting is cut off, once", () => {
  write(2 * MEBIBYTE);
  vi.advanceTimersByTime(999);
  expect(cuts).toBe(0);
  vi.advanceTimersByTime(5_000);
  expect(cuts).toBe(1);
});

test("a slow reader is not: any progress counts", () => {
  write(50 * MEBIBYTE);
  for (let second = 0; second < 40; second++) {
    read(MEBIBYTE);
    vi.advanceTimersByTime(1_000);
  }
  expect(cuts).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(cuts).toBe(1);
});

test("little waiting may wait for ever", () => {
  write(MEBIBYTE);
  vi.advanceTimersByTime(3_600_000);
  expect(cuts).toBe(0);
});

test("nobody looks any more when everything is taken, until much waits again", () => {
  write(2 * MEBIBYTE);
  read(2 * MEBIBYTE);
  vi.advanceTimersByTime(10_000);
  expect([cuts, vi.getTimerCount()]).toEqual([0, 0]);
  write(2 * MEBIBYTE);
  vi.advanceTimersByTime(1_000);
  expect(cuts).toBe(1);
});

test("more than the limit ends it at once", () => {
  write(100 * MEBIBYTE + 1);
  expect(cuts).toBe(1);
});

test("an ended connection leaves no timer", () => {
  write(2 * MEBIBYTE);
  guard.done();
  expect(vi.getTimerCount()).toBe(0);
});
