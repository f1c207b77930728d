import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../kernel/rng.ts";
import { ipOf } from "../addresses/ip.ts";
import { ACK, type FlowTuple, FIN, Packet, PSH, RST, SYN, TCP, UDP } from "../datapath/packet.ts";
import { ConntrackTable, tupleHash } from "./conntrack-table.ts";
import { conntrackLine } from "./conntrack-text.ts";
import { type ConntrackEntry, invert, sameFlow } from "./entry.ts";
import { keepSource, rewrite, setDestination, setSource } from "./nat.ts";
import { CT_ESTABLISHED, CT_INVALID, CT_NEW, trackPacket } from "./track.ts";

const CLIENT = ipOf("10.42.1.2");
const SERVER = ipOf("10.42.2.2");

function send(table: ConntrackTable, flags: number, options: { reply?: boolean; atS?: number; proto?: number } = {}): Packet {
  const [src, dst, sport, dport] = options.reply === true ? [SERVER, CLIENT, 8080, 40_000] : [CLIENT, SERVER, 40_000, 8080];
  const packet = new Packet(options.proto ?? TCP, src, dst, sport, dport);
  packet.flags = flags;
  packet.atUs = (options.atS ?? 0) * 1e6;
  trackPacket(table, packet);
  if (packet.entry !== undefined && !packet.entry.confirmed && packet.ctState === CT_NEW && !(packet.isReply && (flags & RST) !== 0)) table.confirm(packet.entry, packet.atUs);
  return packet;
}

const line = (table: ConntrackTable, atS: number): string => table.list(atS * 1e6).map((entry) => conntrackLine(entry, atS * 1e6)).join("\n");

describe("TCP as seen from the middle", () => {
  test.each([
    [[[SYN, false]], "SYN_SENT", 120],
    [[[SYN, false], [SYN | ACK, true]], "SYN_RECV", 60],
    [[[SYN, false], [SYN | ACK, true], [ACK, false]], "ESTABLISHED", 86_400],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [PSH | ACK, false], [PSH | ACK, true]], "ESTABLISHED", 86_400],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [FIN | ACK, false]], "FIN_WAIT", 120],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [FIN | ACK, false], [ACK, true]], "CLOSE_WAIT", 3_600],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [FIN | ACK, false], [FIN | ACK, true]], "LAST_ACK", 30],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [FIN | ACK, false], [FIN | ACK, true], [ACK, false]], "TIME_WAIT", 120],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [FIN | ACK, true], [FIN | ACK, false], [ACK, true]], "TIME_WAIT", 120],
    [[[SYN, false], [SYN | ACK, true], [ACK, false], [RST, false]], "CLOSE", 10],
  ] as const)("%j", (packets, state, seconds) => {
    const table = new ConntrackTable();
    for (const [flags, reply] of packets) send(table, flags, { reply });
    expect(line(table, 0)).toMatch(new RegExp(`^tcp      6 ${seconds} ${state} src=10\\.42\\.1\\.2 dst=10\\.42\\.2\\.2 sport=40000 dport=8080 `));
  });

  test.each([
    ["SYN+ACK out of the blue", SYN | ACK, CT_INVALID],
    ["FIN out of the blue", FIN | ACK, CT_INVALID],
    ["RST out of the blue", RST, CT_INVALID],
    ["ACK from the middle of a connection (tcp_loose)", ACK, CT_NEW],
  ])("%s", (_name, flags, state) => {
    expect(send(new ConntrackTable(), flags).ctState).toBe(state);
  });

  test("a refused connection leaves nothing behind", () => {
    const table = new ConntrackTable();
    send(table, SYN);
    expect(send(table, RST | ACK, { reply: true }).entry).toBeDefined(); // the RST itself is still un-NATed
    expect(table.list(0)).toEqual([]);
  });

  test("a SYN after TIME_WAIT begins a new connection with the same ports", () => {
    const table = new ConntrackTable();
    for (const [flags, reply] of [[SYN, false], [SYN | ACK, true], [ACK, false], [FIN | ACK, false], [FIN | ACK, true], [ACK, false]] as const) send(table, flags, { reply });
    expect(send(table, SYN, { atS: 5 }).ctState).toBe(CT_NEW);
    expect(line(table, 5)).toMatch(/^tcp      6 120 SYN_SENT/);
  });
});

describe("UDP", () => {
  test("30 seconds, and 120 once it has become a stream", () => {
    const table = new ConntrackTable();
    send(table, 0, { proto: UDP });
    expect(line(table, 0)).toBe("udp      17 30 src=10.42.1.2 dst=10.42.2.2 sport=40000 dport=8080 [UNREPLIED] src=10.42.2.2 dst=10.42.1.2 sport=8080 dport=40000 mark=0 use=1");
    expect(send(table, 0, { proto: UDP, reply: true, atS: 1 }).ctState).toBe(CT_ESTABLISHED);
    expect(line(table, 1)).toMatch(/^udp      17 30 .*dport=40000 mark=0 use=1$/);
    send(table, 0, { proto: UDP, atS: 3 });
    send(table, 0, { proto: UDP, reply: true, atS: 3 });
    expect(line(table, 3)).toMatch(/^udp      17 120 .* \[ASSURED\] mark=0 use=1$/);
    expect(send(table, 0, { proto: UDP, atS: 200 }).ctState).toBe(CT_NEW); // expired
  });
});

describe("NAT", () => {
  const entryFor = (table: ConntrackTable, srcPort = 40_000): ConntrackEntry => table.create({ src: CLIENT, dst: ipOf("10.96.0.1"), proto: TCP, srcPort, dstPort: 80 }, 0);
  test("both directions are rewritten from the entry, in two halves", () => {
    const table = new ConntrackTable();
    const entry = entryFor(table);
    setDestination(entry, SERVER, 8080);
    setSource(table, entry, ipOf("10.42.1.0"), true, 0, createRng(1));
    const there = Object.assign(new Packet(TCP, CLIENT, ipOf("10.96.0.1"), 40_000, 80), { entry });
    expect([rewrite(there, "dst"), rewrite(there, "src")]).toEqual([true, true]);
    expect(sameFlow(there, invert(entry.reply))).toBe(true);
    const back = Object.assign(new Packet(TCP, entry.reply.src, entry.reply.dst, entry.reply.srcPort, entry.reply.dstPort), { entry, isReply: true });
    expect([rewrite(back, "dst"), rewrite(back, "src")]).toEqual([true, true]);
    expect(sameFlow(back, invert(entry.original))).toBe(true);
  });

  test("two flows that would look the same to the server get different ports; a port that is free is kept", () => {
    const table = new ConntrackTable();
    const rng = createRng(2);
    const first = { ...entryFor(table), expiresUs: 1e6 };
    setDestination(first, SERVER, 8080);
    keepSource(table, first, 0, rng);
    table.confirm(first, 0);
    const second = table.create({ src: CLIENT, dst: ipOf("10.96.0.2"), proto: TCP, srcPort: 40_000, dstPort: 80 }, 0);
    setDestination(second, SERVER, 8080);
    keepSource(table, second, 0, rng);
    expect([first.snat, second.snat]).toEqual([false, true]);
    expect(second.reply.dstPort).not.toBe(40_000);
    const third = entryFor(table, 40_001);
    setSource(table, third, ipOf("10.0.0.11"), false, 0, rng);
    expect(third.reply.dstPort).toBe(40_001);
  });
});

test("the table finds what is in it, by either direction, and nothing else", () => {
  const tuple = fc.record({ src: fc.nat(3), dst: fc.nat(3), proto: fc.constantFrom(TCP, UDP), srcPort: fc.nat(2), dstPort: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(fc.tuple(tuple, fc.boolean()), { maxLength: 60 }), (operations) => {
      const table = new ConntrackTable();
      const model: ConntrackEntry[] = [];
      const matches = (entry: ConntrackEntry, wanted: FlowTuple): boolean => sameFlow(entry.original, wanted) || sameFlow(entry.reply, wanted);
      for (const [wanted, isRemoval] of operations) {
        const known = model.find((entry) => matches(entry, wanted));
        const found = table.find(wanted, 0);
        expect(found?.entry === undefined).toBe(known === undefined);
        if (isRemoval && found !== undefined) {
          table.remove(found.entry);
          model.splice(model.indexOf(found.entry), 1);
        } else if (found === undefined && !model.some((entry) => matches(entry, invert(wanted)))) {
          const entry = table.create(wanted, 0);
          entry.expiresUs = 1;
          table.confirm(entry, 0);
          model.push(entry);
        }
      }
      expect(new Set(table.list(0))).toEqual(new Set(model));
    }),
  );
});

test("hashes spread", () => {
  const hashes = new Set(Array.from({ length: 10_000 }, (_, i) => tupleHash({ src: CLIENT + (i % 100), dst: SERVER, proto: TCP, srcPort: 32_768 + i, dstPort: 80 })));
  expect(hashes.size).toBeGreaterThan(9_990);
});
