import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalQuantity, parseQuantity, QUANTITY_FORMAT_ERROR, QUANTITY_SUFFIX_ERROR, quantityMilli, quantityText, quantityValue, roundUpToMilli } from "./quantity.ts";

// Cases of upstream's TestQuantityParse and TestQuantityString.
test.each([
  ["0", "0"], ["0n", "0"], ["0Ki", "0"], ["-0", "0"], ["00", "0"], ["+", "0"], [".", "0"], ["m", "0"],
  ["1Ki", "1Ki"], ["8Ki", "8Ki"], ["7Mi", "7Mi"], ["5Ei", "5Ei"], ["1024Ki", "1Mi"], ["1025Ki", "1025Ki"], ["1.5Gi", "1536Mi"],
  ["100m", "100m"], ["1000m", "1"], ["0.5", "500m"], ["0.25", "250m"], [".25", "250m"], ["1.", "1"], ["2000", "2k"], ["1500", "1500"], ["1500k", "1500k"],
  ["5000000k", "5G"], ["1e3", "1e3"], ["1E3", "1e3"], ["1e-3", "1e-3"], ["12e2", "1200"], ["100e0", "100"], ["+5", "5"], ["-5m", "-5m"],
  ["0.5Ki", "512"], ["0.5Mi", "512Ki"], ["0.0001Ki", "102400u"], ["0.1Ki", "102400m"], ["1023", "1023"], ["512Mi", "512Mi"], ["0512Mi", "512Mi"], ["1n", "1n"], ["0.1n", "1n"], ["1.0000000001", "1000000001n"],
  ["9223372036854775807", "9223372036854775807"], ["10000000000000000000", "9223372036854775807"], ["1e99", "9223372036854775807"], ["64M", "64M"], ["0.5m", "500u"],
])("%s is written %s", (text, expected) => {
  expect(canonicalQuantity(text)).toEqual({ ok: true, value: expected });
});

test.each([
  ["", QUANTITY_FORMAT_ERROR], ["1.1.M", QUANTITY_FORMAT_ERROR], ["1+1.0M", QUANTITY_FORMAT_ERROR], ["64MB", QUANTITY_FORMAT_ERROR], ["abc", QUANTITY_FORMAT_ERROR], ["1 Gi", QUANTITY_FORMAT_ERROR],
  ["0.1mi", QUANTITY_SUFFIX_ERROR], ["0.1am", QUANTITY_FORMAT_ERROR], ["aoeu", QUANTITY_FORMAT_ERROR], ["1K", QUANTITY_SUFFIX_ERROR], ["1i", QUANTITY_SUFFIX_ERROR], ["1Mi5", QUANTITY_SUFFIX_ERROR], ["1e", QUANTITY_SUFFIX_ERROR],
])("%j is no quantity", (text, expected) => {
  expect(parseQuantity(text)).toEqual({ ok: false, error: expected });
});

test("values round up", () => {
  expect(quantityValue("1.1")).toBe(2);
  expect(quantityValue("1Gi")).toBe(1_073_741_824);
  expect(quantityMilli("0.0001")).toBe(1);
  expect(quantityMilli("2")).toBe(2000);
  expect(quantityMilli(undefined)).toBe(0);
  expect(quantityText(roundUpToMilli({ nanos: 500_000n, format: "DecimalSI" }))).toBe("1m");
});

test("canonical text is stable and means the same", () => {
  const suffix = fc.constantFrom("n", "u", "m", "", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "E-2");
  fc.assert(fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.nat(9999), suffix, (whole, fraction, unit) => {
    const first = parseQuantity(`${whole}.${fraction}${unit}`);
    if (!first.ok) throw new Error(first.error);
    const again = parseQuantity(quantityText(first.value));
    expect(again.ok && again.value.nanos).toBe(first.value.nanos);
    expect(again.ok && quantityText(again.value)).toBe(quantityText(first.value));
  }));
});

test("a megabyte of digits is read in no time", () => {
  expect(canonicalQuantity("9".repeat(1_000_000))).toEqual({ ok: true, value: "9223372036854775807" });
  expect(canonicalQuantity(`0.${"0".repeat(1_000_000)}1`)).toEqual({ ok: true, value: "1n" });
  expect(canonicalQuantity("1e-999999999")).toEqual({ ok: true, value: "1e-9" });
});
