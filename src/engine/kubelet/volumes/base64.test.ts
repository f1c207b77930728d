import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64, encodeBase64Url } from "./base64.ts";

test("text goes through base64 unharmed", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    expect(decodeBase64(Buffer.from(text, "utf8").toString("base64"))).toBe(text);
  }));
});

test("URL-safe, without padding, as Node does it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
    expect(encodeBase64Url(text)).toBe(Buffer.from(text, "latin1").toString("base64url"));
  }));
});
