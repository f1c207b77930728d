import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addQuantities, canonicalQuantity, compareQuantities, parseQuantity, QUANTITY_FORMAT_ERROR, QUANTITY_SUFFIX_ERROR, quantityMilli, quantityOf, quantityText, quantityValue } from "./quantity.ts";

/** Cases of upstream's TestQuantityParse and TestQuantityString: canonical text of what was given. */
test.each([
  ["0", "0"], ["0n", "0"], ["0Ki", "0"], ["0.0", "0"], ["1", "1"], ["1000", "1k"], ["1000m", "1"], ["0.5", "500m"], ["100m", "100m"], ["0.1", "100m"], ["1.5", "1500m"],
  ["1Ki", "1Ki"], ["1024Ki", "1Mi"], ["1024Mi", "1Gi"], ["8Gi", "8Gi"], ["1.5Gi", "1536Mi"], ["1000Ki", "1000Ki"], ["1025", "1025"], ["0.5Ki", "512"], ["0.5Mi", "512Ki"], ["0.05Gi", "53687091200m"],
  ["10Pi", "10Pi"], ["12.5e3", "12500"], ["1e3", "1e3"], ["1E6", "1e6"], ["1E", "1E"], ["100e-3", "100e-3"], ["5e0", "5"], ["1000000", "1M"], ["3.0e2", "300"], ["-1", "-1"], ["-100m", "-100m"], ["+5", "5"],
  ["1n", "1n"], ["1u", "1u"], ["0.1n", "1n"], ["1.0000000001", "1000000001n"], ["00.50", "500m"], [".5", "500m"], ["1.", "1"], ["9223372036854775807", "9223372036854775807"], ["9.3E", "9223372036854775807"],
])("TestQuantityParse %s is %s", (text, canonical) => {
  expect(canonicalQuantity(text)).toEqual({ ok: true, value: canonical });
});

/** Upstream's invalid cases. */
test.each([
  ["1.1.M", QUANTITY_FORMAT_ERROR], ["1+1.0M", QUANTITY_FORMAT_ERROR], ["aoeu", QUANTITY_FORMAT_ERROR], ["", QUANTITY_FORMAT_ERROR], ["1 Gi", QUANTITY_FORMAT_ERROR], ["lots", QUANTITY_FORMAT_ERROR], ["-3.01e-", QUANTITY_SUFFIX_ERROR],
  ["0.1mi", QUANTITY_SUFFIX_ERROR], [".5i", QUANTITY_SUFFIX_ERROR], ["1i", QUANTITY_SUFFIX_ERROR], ["-3.01i", QUANTITY_SUFFIX_ERROR], ["1MiB", QUANTITY_FORMAT_ERROR], ["1K", QUANTITY_SUFFIX_ERROR], ["1mM", QUANTITY_SUFFIX_ERROR],
])("%j is refused", (text, message) => {
  expect(parseQuantity(text)).toEqual({ ok: false, error: message });
});

test("CPU counts in thousandths, memory in bytes, both rounded up", () => {
  expect([quantityMilli("100m"), quantityMilli("2"), quantityMilli("0.0001"), quantityMilli(undefined)]).toEqual([100, 2_000, 1, 0]);
  expect([quantityValue("64Mi"), quantityValue("1500m"), quantityValue("110"), quantityValue("nonsense")]).toEqual([67_108_864, 2, 110, 0]);
});

describe("arithmetic", () => {
  test("a sum keeps the way of writing of its first part", () => {
    const add = (a: string, b: string): string => {
      const [x, y] = [parseQuantity(a), parseQuantity(b)];
      return x.ok && y.ok ? quantityText(addQuantities(x.value, y.value)) : "?";
    };
    expect([add("1Gi", "512Mi"), add("100m", "1"), add("0", "1Gi"), add("1", "1Ki")]).toEqual(["1536Mi", "1100m", "1Gi", "1025"]);
  });

  test("any amount survives being written and read", () => {
    fc.assert(fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.constantFrom("DecimalSI" as const, "BinarySI" as const, "DecimalExponent" as const), (units, format) => {
      const quantity = quantityOf(units, format);
      const again = parseQuantity(quantityText(quantity));
      expect(again.ok && compareQuantities(again.value, quantity)).toBe(0);
    }));
  });
});
