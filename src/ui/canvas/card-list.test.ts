import { expect, test } from "vitest";
import { approach } from "./card-list.ts";

test.each([
  { name: "nothing to do is the same array", current: ["a", "b"], wanted: ["b", "a"], mounts: 4, next: ["a", "b"] },
  { name: "whoever left goes at once", current: ["a", "b", "c"], wanted: ["b"], mounts: 4, next: ["b"] },
  { name: "newcomers a few at a time, in order", current: ["a"], wanted: ["a", "b", "c", "d"], mounts: 2, next: ["a", "b", "c"] },
  { name: "none while a burst lasts, but leavers go", current: ["a", "b"], wanted: ["b", "c", "d"], mounts: 0, next: ["b"] },
])("$name", ({ current, wanted, mounts, next }) => {
  const result = approach(current, wanted, mounts);
  expect(result).toEqual(next);
  if (current.length === next.length && current.every((uid, i) => uid === next[i])) expect(result).toBe(current);
});
