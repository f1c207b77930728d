import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDns, type DnsMessage, encodeDns, isEncodable } from "./message.ts";

const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => `${labels.join(".")}.`);
const ip = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 }))).map((bytes) => bytes.join("."));
const record = fc.oneof(
  fc.record({ name, type: fc.constant("A" as const), ttl: fc.integer({ min: 0, max: 100_000 }), data: ip }),
  fc.record({ name, type: fc.constantFrom("CNAME" as const, "PTR" as const), ttl: fc.constant(30), data: name }),
  fc.record({ name, type: fc.constant("SRV" as const), ttl: fc.constant(30), data: fc.tuple(fc.nat(65_535), name).map(([port, target]) => `0 100 ${port} ${target}`) }),
  fc.record({ name, type: fc.constant("SOA" as const), ttl: fc.constant(30), data: name.map((n) => `ns.dns.${n} hostmaster.${n} 1767225600 7200 1800 86400 30`) }),
);
const message: fc.Arbitrary<DnsMessage> = fc.record({
  id: fc.nat(65_535), isResponse: fc.boolean(), authoritative: fc.boolean(), truncated: fc.boolean(), recursionDesired: fc.boolean(), recursionAvailable: fc.boolean(),
  rcode: fc.constantFrom("NOERROR" as const, "NXDOMAIN" as const, "SERVFAIL" as const), question: fc.record({ name, type: fc.constantFrom("A" as const, "AAAA" as const, "SRV" as const) }),
  answers: fc.array(record, { maxLength: 5 }), authority: fc.array(record, { maxLength: 2 }), additional: fc.array(record, { maxLength: 3 }),
});

test("what is encoded decodes to the same", () => {
  fc.assert(fc.property(message, (original) => void expect(decodeDns(encodeDns(original))).toEqual(original)));
});

test("any bytes are a message or none, never an error", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 80 }), (bytes) => void decodeDns(String.fromCharCode(...bytes))));
  fc.assert(
    fc.property(message, fc.nat(200), fc.nat(255), (original, at, byte) => {
      const wire = encodeDns(original);
      void decodeDns(wire.slice(0, at) + String.fromCharCode(byte) + wire.slice(at + 1));
    }),
  );
});

test("a query has the size that it has on the wire", () => {
  const query: DnsMessage = {
    id: 1, isResponse: false, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false, rcode: "NOERROR",
    question: { name: "example.com.", type: "A" }, answers: [], authority: [], additional: [],
  };
  expect(encodeDns(query).length).toBe(12 + 13 + 4);
  expect(encodeDns({ ...query, isResponse: true, answers: [{ name: "example.com.", type: "A", ttl: 30, data: "203.0.113.10" }] }).length).toBe(12 + 13 + 4 + 16);
});

test.each([["a".repeat(64), false], ["", false], ["a..b", false], [`${"a.".repeat(130)}`, false], ["web.default.svc.cluster.local.", true], [".", true], ["wéb", false]])("%j can be asked for: %j", (text, expected) => {
  expect(isEncodable(text)).toBe(expected);
});
