import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedMap } from "./sorted-map.ts";

const key = fc.string({ unit: fc.constantFrom("a", "b", "c", "/", "-", "."), maxLength: 5 });

test("behaves like a plain map whose keys are sorted", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), key, fc.nat()), { maxLength: 200 }), key, (operations, from) => {
    const sorted = new SortedMap<number>();
    const model = new Map<string, number>();
    for (const [isSet, k, value] of operations) {
      if (isSet) { sorted.set(k, value); model.set(k, value); } else expect(sorted.delete(k)).toBe(model.delete(k));
    }
    const keys = [...model.keys()].sort();
    expect(sorted.size).toBe(model.size);
    expect(sorted.values()).toEqual(keys.map((k) => model.get(k)));
    expect(sorted.values(from)).toEqual(keys.filter((k) => k.startsWith(from)).map((k) => model.get(k)));
    const seen: string[] = [];
    sorted.scan(from, (k) => { seen.push(k); return true; });
    expect(seen).toEqual(keys.filter((k) => k >= from));
  }));
});

test("keeps its order over many chunks", () => {
  const sorted = new SortedMap<number>();
  for (let i = 0; i < 5_000; i++) sorted.set(`k${String((i * 7_919) % 5_000).padStart(4, "0")}`, i);
  for (let i = 0; i < 5_000; i += 2) sorted.delete(`k${String(i).padStart(4, "0")}`);
  const keys: string[] = [];
  sorted.scan("", (k) => keys.push(k) > 0);
  expect(keys).toEqual(Array.from({ length: 2_500 }, (_, i) => `k${String(2 * i + 1).padStart(4, "0")}`));
});
