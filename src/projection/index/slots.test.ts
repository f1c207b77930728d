import fc from "fast-check";
import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("slots are unique, the smallest free ones, and count reaches the highest in use", () => {
  const action = fc.oneof(fc.constant({ do: "take" as const, n: 0 }), fc.record({ do: fc.constant("claim" as const), n: fc.nat(12) }), fc.record({ do: fc.constant("free" as const), n: fc.nat(12) }));
  fc.assert(fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
    const slots = new Slots();
    const held = new Set<number>();
    for (const each of actions) {
      if (each.do === "take") {
        const slot = slots.take();
        expect(held.has(slot)).toBe(false);
        for (let lower = 0; lower < slot; lower += 1) expect(held.has(lower)).toBe(true);
        held.add(slot);
      } else if (each.do === "claim") {
        expect(slots.claim(each.n)).toBe(!held.has(each.n));
        held.add(each.n);
      } else if (held.delete(each.n)) slots.free(each.n);
      expect(slots.count).toBe(Math.max(-1, ...held) + 1);
    }
  }));
});
