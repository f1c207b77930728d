import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex, type RegexSyntax } from "./regex.ts";

const match = (pattern: string, text: string, syntax: RegexSyntax = "extended"): unknown => {
  const regex = compileRegex(pattern, syntax);
  if (!regex.ok) return regex.error;
  const found = regex.value.match(text, 0);
  return found === undefined ? undefined : [found.start, found.groups];
};

describe("POSIX.1-2017, Base Definitions, 9", () => {
  test.each<readonly [string, string, unknown]>([
    ["a|ab", "xab", [1, ["ab"]]], // leftmost, then longest
    ["(a|ab)(c|bcd)", "abcd", [0, ["abcd", "a", "bcd"]]],
    ["x*", "aaa", [0, [""]]],
    ["a{2,3}", "aaaa", [0, ["aaa"]]],
    ["a{2}b{0,1}c{1,}", "aacc", [0, ["aacc"]]],
    ["^-([0-9]+)$", "-12", [0, ["-12", "12"]]],
    ["[[:digit:]]+", "ab12", [2, ["12"]]],
    ["[^a-c]+", "abcxyz", [3, ["xyz"]]],
    ["[]a]+", "x]a]", [1, ["]a]"]]],
    ["a.c", "a\nc", [0, ["a\nc"]]],
    ["(ab)?c", "c", [0, ["c", undefined]]],
    ["\\bfoo\\b", "a foo b", [2, ["foo"]]],
    ["\\.", "a.b", [1, ["."]]],
    ["a+?", "aa", [0, ["aa"]]],
    ["(", "x", "Unmatched ( or \\("],
    [")", "a)b", [1, [")"]]],
    ["[a", "x", "Unmatched [, [^, [:, [., or [="],
    ["a{3,2}", "x", "Invalid content of \\{\\}"],
    ["[b-a]", "x", "Invalid range end"],
    ["[[:foo:]]", "x", "Invalid character class name"],
    ["a\\", "x", "Trailing backslash"],
    ["(a)\\1", "aa", "Invalid back reference"],
  ])("extended %s on %j", (pattern, text, expected) => expect(match(pattern, text)).toEqual(expected));

  test.each<readonly [string, string, unknown]>([
    ["a\\(b\\)", "ab", [0, ["ab", "b"]]],
    ["a+", "a+", [0, ["a+"]]],
    ["a\\+", "aa", [0, ["aa"]]],
    ["a\\{2\\}", "aaa", [0, ["aa"]]],
    ["a\\|b", "b", [0, ["b"]]],
    ["a^b$c", "a^b$c", [0, ["a^b$c"]]],
    ["^*a", "*a", [0, ["*a"]]],
  ])("basic %s on %j", (pattern, text, expected) => expect(match(pattern, text, "basic")).toEqual(expected));
});

test("no pattern can make it hang", () => {
  expect(match("(a+)+$", `${"a".repeat(5_000)}b`)).toBeUndefined();
  expect(match("(x|x|x)*y", "x".repeat(2_000))).toBeUndefined();
  expect(match("((((a{255}){255}){255}){255})", "a")).toBe("Regular expression too big");
});

test("agrees with JavaScript where the two mean the same", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a)", "(b|ab)", "(ab)");
  const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{1,2}")).map(([a, b]) => a + b);
  fc.assert(fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), fc.stringMatching(/^[abc]{0,12}$/), (pieces, text) => {
    const pattern = pieces.join("");
    const compiled = compileRegex(pattern, "extended");
    if (!compiled.ok) throw new Error(compiled.error);
    const mine = compiled.value.match(text, 0);
    const theirs = new RegExp(pattern, "s").exec(text);
    expect(mine?.start).toBe(theirs?.index);
    // POSIX wants the longest, JavaScript the first: ours is never shorter.
    if (mine !== undefined && theirs !== null) expect(mine.end - mine.start).toBeGreaterThanOrEqual(theirs[0].length);
  }), { numRuns: 500 });
});
