import { describe, expect, test } from "vitest";
import { goDuration, humanDuration } from "./duration-text.ts";
import { scaledValue } from "./int-or-string.ts";
import { isDns1035Label, isDns1123Label, isDns1123Subdomain, isLabelValue, isQualifiedName, isValidPortName, subdomainName } from "./names.ts";
import { aggregateText, invalidObject, notFound } from "./status.ts";
import { invalid } from "./field-error.ts";
import { decodeBase64Url, encodeBase64Url } from "./base64.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const S = 1_000_000;

/** Cases of upstream's TestHumanDuration and of kubectl's rules. */
test.each([
  [-3, "<invalid>"], [-1, "0s"], [0, "0s"], [70, "70s"], [119, "119s"], [120, "2m"], [190, "3m10s"], [600, "10m"], [179 * 60, "179m"], [180 * 60, "3h"], [3 * 3600 + 12 * 60, "3h12m"],
  [8 * 3600, "8h"], [47 * 3600, "47h"], [48 * 3600, "2d"], [50 * 3600, "2d2h"], [8 * 86_400, "8d"], [400 * 86_400, "400d"], [(2 * 365 + 35) * 86_400, "2y35d"], [9 * 365 * 86_400, "9y"],
])("TestHumanDuration %d s is %s", (seconds, text) => {
  expect(humanDuration(seconds * S)).toBe(text);
});

test.each([[0, "0s"], [1, "1µs"], [1_500, "1.5ms"], [15_000, "15ms"], [S, "1s"], [1.234 * S, "1.234s"], [80 * S, "1m20s"], [3_600 * S, "1h0m0s"], [5_025 * S, "1h23m45s"], [-2 * S, "-2s"]])("Go writes %d µs as %s", (us, text) => {
  expect(goDuration(us)).toBe(text);
});

test.each([["25%", 10, true, 3], ["25%", 10, false, 2], [4, 10, true, 4], ["0%", 10, true, 0], ["100%", 3, false, 3]])("TestGetScaledValueFromIntOrPercent %s of %d", (value, total, up, expected) => {
  expect(scaledValue(value, total, up)).toEqual({ ok: true, value: expected });
});

test.each(["50", "a%", "%"])("%s is no percentage", (value) => {
  expect(scaledValue(value, 10, true).ok).toBe(false);
});

/** Cases of upstream's TestIsDNS1123Label, TestIsDNS1123Subdomain, TestIsDNS1035Label, TestIsQualifiedName, TestIsValidLabelValue. */
describe("names", () => {
  test.each(["a", "ab", "abc", "a1", "a-1", "a--1--2--b", "0", "01", "1x", "a".repeat(63)])("%s is a label", (name) => expect(isDns1123Label(name)).toEqual([]));
  test.each(["", "A", "-", "a-", "-a", "_", " a", "1_a", "a".repeat(64)])("%j is no label", (name) => expect(isDns1123Label(name)).toHaveLength(1));
  test("a label with dots is told so", () => expect(isDns1123Label("a.b")).toEqual(["must not contain dots"]));
  test.each(["a.b", "a.1", "0.0", "a-1.b-2", `${"a".repeat(63)}.b`])("%s is a subdomain", (name) => expect(isDns1123Subdomain(name)).toEqual([]));
  test.each(["a..b", ".a", "a.", "A.b", "a._b", "a".repeat(254)])("%j is no subdomain", (name) => expect(isDns1123Subdomain(name)).toHaveLength(1));
  test.each(["1a", "a.b", "A"])("%s is no DNS-1035 label", (name) => expect(isDns1035Label(name)).toHaveLength(1));
  test.each(["simple", "now-with-dashes", "1-starts-with-num", "1234", "simple/simple", "now.with.dots/simple", "_", "UppercaseIsOK123", "example.com/Uppercase_IsOK-123"].filter((n) => n !== "_"))("%s is qualified", (name) => expect(isQualifiedName(name)).toEqual([]));
  test.each(["nospecialchars%^=@", "cantendwithadash-", "-cantstartwithadash-", "only/one/slash", "Example.com/abc", "example_com/abc", "example.com/", "/simple", "a".repeat(64)])("%s is not qualified", (name) => expect(isQualifiedName(name).length).toBeGreaterThan(0));
  test.each(["", "simple", "now-with-dashes", "1234", "a_b.c"])("%j is a label value", (value) => expect(isLabelValue(value)).toEqual([]));
  test.each(["a b", "-a", "a".repeat(64)])("%j is no label value", (value) => expect(isLabelValue(value)).toHaveLength(1));
  test.each(["telnet", "re-mail-ck", "pop3", "a", "a-1", "1-a"])("TestIsValidPortName %s", (name) => expect(isValidPortName(name)).toEqual([]));
  test.each(["longerthan15characters", "", "8080", "a--b", "-ab", "ab-", "1"])("TestIsValidPortName refuses %j", (name) => expect(isValidPortName(name).length).toBeGreaterThan(0));
  test("the trailing dash of a generateName is not looked at", () => expect([subdomainName("web-", true), subdomainName("web-", false).length]).toEqual([[], 1]));
});

describe("Status", () => {
  test("equal messages once, brackets only around several", () => {
    expect([aggregateText(["a"]), aggregateText(["a", "a"]), aggregateText(["a", "b"])]).toEqual(["a", "a", "[a, b]"]);
  });
  test("details name the plural or the kind, and leave out what is empty", () => {
    expect(notFound({ group: "apps", plural: "deployments" }, "web").details).toEqual({ name: "web", group: "apps", kind: "deployments" });
    expect(invalidObject({ group: "", kind: "Pod" }, "", [invalid("spec.x", 1, "no")])).toMatchObject({ message: 'Pod "" is invalid: spec.x: Invalid value: 1: no', details: { kind: "Pod", causes: [{ reason: "FieldValueInvalid", field: "spec.x" }] } });
  });
});

test("base64 and UTF-8 survive the way there and back", () => {
  const text = "{\"v\":1,\"ü\":\"€\u{1f600}\"}";
  expect(decodeUtf8(new Uint8Array(encodeUtf8(text)))).toBe(text);
  expect(encodeUtf8(text)).toEqual([...new TextEncoder().encode(text)]);
  expect(decodeBase64Url(encodeBase64Url("any old bytes\u00ff"))).toEqual({ bytes: "any old bytes\u00ff" });
  expect(decodeBase64Url("a*")).toEqual({ illegalAt: 1 });
});
