import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatRequest, formatResponse, RequestReader, ResponseReader, utf8Length } from "./message.ts";
import { parseUrl } from "./url.ts";

const chunks = (text: string, cuts: readonly number[]): string[] => {
  const points = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return points.slice(1).map((end, i) => text.slice(points[i], end));
};

test("requests survive any cutting, one after the other", () => {
  const body = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(1_000), { maxLength: 6 }), (bodies, cuts) => {
      const reader = new RequestReader();
      const got: string[] = [];
      for (const chunk of chunks(bodies.map((text, i) => formatRequest("POST", `/${i}`, "web", { "X-N": String(i) }, text)).join(""), cuts)) {
        reader.push(chunk);
        for (let parsed = reader.next(); parsed.type !== "more"; parsed = reader.next()) {
          if (parsed.type === "bad") throw new Error(parsed.reason);
          got.push(parsed.message.body);
        }
      }
      expect(got).toEqual(bodies);
    }),
  );
});

describe("responses", () => {
  const read = (text: string, closed = false, isHead = false): unknown => {
    const reader = new ResponseReader(isHead);
    reader.push(text);
    if (closed) reader.close();
    return reader.next();
  };
  test.each([
    ["with a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, { type: "message", message: { status: 200, headers: { "content-length": "2" }, body: "hi" } }],
    ["not all there", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", false, { type: "more" }],
    ["cut off", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", true, { type: "bad", reason: "unexpected end of the body" }],
    ["without a length it ends with the connection", "HTTP/1.1 200 OK\r\n\r\nhi", true, { type: "message", message: { status: 200, headers: {}, body: "hi" } }],
    ["no content", "HTTP/1.1 204 No Content\r\n\r\n", false, { type: "message", message: { status: 204, headers: {}, body: "" } }],
    ["closed before anything came", "", true, { type: "bad", reason: "unexpected end of the response" }],
    ["not HTTP", "SSH-2.0-x\r\n\r\n", false, { type: "bad", reason: "malformed status line" }],
    ["a silly length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", false, { type: "bad", reason: "bad Content-Length" }],
  ])("%s", (_name, text, closed, expected) => {
    expect(read(text, closed)).toEqual(expected);
  });
  test("a HEAD response has no body whatever its length says", () => {
    expect(read("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", false, true)).toMatchObject({ type: "message", message: { body: "" } });
  });
  test("formatting counts bytes, not characters", () => {
    expect(formatResponse(200, {}, "é€😀")).toBe("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\né€😀");
    expect(utf8Length("é€😀")).toBe(9);
  });
});

test.each([
  ["http://web", { scheme: "http", host: "web", port: 80, target: "/", authority: "web" }],
  ["http://web:8080/a/b?c=d#e", { scheme: "http", host: "web", port: 8080, target: "/a/b?c=d", authority: "web:8080" }],
  ["https://web:443", { scheme: "https", host: "web", port: 443, target: "/", authority: "web" }],
  ["10.0.0.1:30080?x", { scheme: "http", host: "10.0.0.1", port: 30080, target: "/?x", authority: "10.0.0.1:30080" }],
  ["http://web:0/", undefined],
  ["http://web:65536/", undefined],
  ["ftp://web/", undefined],
  ["http://", undefined],
  ["http://a b/", undefined],
])("%s", (text, expected) => {
  expect(parseUrl(text)).toEqual(expected);
});
