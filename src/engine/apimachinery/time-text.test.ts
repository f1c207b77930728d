import fc from "fast-check";
import { expect, test } from "vitest";
import { usOf } from "../kernel/time.ts";
import { createTimeText, formatUnixSeconds, parseUnixUs } from "./time-text.ts";

test("agrees with the platform's calendar on any second of 1900 to 2200", () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_208_988_800, max: 7_258_118_400 }), (unix) => {
      const text = formatUnixSeconds(unix);
      expect(`${text}.000Z`).toBe(new Date(unix * 1000).toISOString());
      expect(parseUnixUs(`${text}Z`)).toBe(unix * 1e6);
    }),
  );
});

test.each([
  ["2026-01-01T02:00:00+02:00", 0],
  ["2026-01-01T00:00:01.5Z", 1_500_000],
  ["2025-12-31T23:59:59Z", -1_000_000],
])("%s is %d µs after the epoch", (text, expected) => {
  expect(createTimeText("2026-01-01T00:00:00Z").parse(text)).toBe(expected);
});

test.each(["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T25:00:00Z"])("%j is not a time", (text) => {
  expect(createTimeText("2026-01-01T00:00:00Z").parse(text)).toBeUndefined();
});

test("objects carry seconds, leases and events microseconds", () => {
  const text = createTimeText("2026-01-01T00:00:00Z");
  expect(text.seconds(usOf(65_000_123))).toBe("2026-01-01T00:01:05Z");
  expect(text.micros(usOf(65_000_123))).toBe("2026-01-01T00:01:05.000123Z");
});

test("an epoch that is no time says what to write", () => {
  expect(() => createTimeText("soon")).toThrow(/RFC 3339 time like/);
});
