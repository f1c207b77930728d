import { expect, test } from "vitest";
import { clockText } from "./clock-text.ts";

test.each([
  [0, 1, "0:00:00.0"], [999_999, 1, "0:00:00.9"], [59_999_999, 0, "0:00:59"], [133_450_000, 1, "0:02:13.4"], [3_600_000_001, 6, "1:00:00.000001"], [90_061_500_000, 3, "25:01:01.500"],
])("%d µs with %d decimals is %s", (us, decimals, text) => expect(clockText(us, decimals)).toBe(text));
