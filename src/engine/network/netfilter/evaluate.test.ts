import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../kernel/rng.ts";
import { ipOf } from "../addresses/ip.ts";
import { Packet, TCP, UDP } from "../datapath/packet.ts";
import { ChainBody } from "./chain.ts";
import { evaluateTable, type MatchContext } from "./evaluate.ts";
import { Hits } from "./hits.ts";
import { Netfilter, Table } from "./netfilter.ts";
import { ruleFromText } from "./parse-rule.ts";

const context = (netfilter = new Netfilter(), seed = 1): MatchContext => ({
  netfilter, rng: createRng(seed), inDevice: "cni0", outDevice: "eth0", physIn: "veth1", physOut: "", isLocal: (address) => address === ipOf("10.0.0.11") || address >>> 24 === 127,
});

function packet(over: Partial<Pick<Packet, "src" | "dst" | "proto" | "srcPort" | "dstPort" | "mark" | "ctState">> = {}): Packet {
  return Object.assign(new Packet(TCP, ipOf("10.42.1.2"), ipOf("10.96.0.20"), 40_000, 80), { length: 60, ctState: 1 }, over);
}

/** A table with one chain of these rules under FORWARD, and what it says of a packet. */
function verdict(rules: readonly string[], subject: Packet, policy: "ACCEPT" | "DROP" = "ACCEPT", ctx = context()): string {
  const table = new Table("filter");
  table.chain("FORWARD").policy = policy;
  for (const text of rules) table.ensureRule(ruleFromText("FORWARD", text), "last");
  return evaluateTable(table, "FORWARD", subject, ctx).type;
}

describe("matches", () => {
  test.each([
    ["-s 10.42.0.0/16 -j DROP", {}, "DROP"],
    ["! -s 10.42.0.0/16 -j DROP", {}, "ACCEPT"],
    ["-d 10.96.0.20 -j DROP", {}, "DROP"],
    ["-d 10.96.0.21 -j DROP", {}, "ACCEPT"],
    ["-p tcp --dport 80 -j DROP", {}, "DROP"],
    ["-m tcp -p tcp --dport 79:81 -j DROP", {}, "DROP"],
    ["-m tcp -p tcp ! --dport 80 -j DROP", {}, "ACCEPT"],
    ["-p udp --dport 80 -j DROP", {}, "ACCEPT"],
    ["! -p udp -j DROP", {}, "DROP"],
    ["-m tcp -p tcp --sport 40000 -j DROP", {}, "DROP"],
    ["-i cni0 -j DROP", {}, "DROP"],
    ["-i cni+ -j DROP", {}, "DROP"],
    ["! -i cni+ -j DROP", {}, "ACCEPT"],
    ["-o eth1 -j DROP", {}, "ACCEPT"],
    ["-m mark --mark 0x4000/0x4000 -j DROP", { mark: 0x4001 }, "DROP"],
    ["-m mark ! --mark 0x4000/0x4000 -j DROP", { mark: 0x4001 }, "ACCEPT"],
    ["-m conntrack --ctstate NEW -j DROP", {}, "DROP"],
    ["-m conntrack --ctstate RELATED,ESTABLISHED -j DROP", { ctState: 2 }, "DROP"],
    ["-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP", { ctState: 1 }, "DROP"],
    ["-m conntrack --ctstate INVALID -j DROP", { ctState: 8 }, "DROP"],
    ["-m addrtype --dst-type LOCAL -j DROP", { dst: ipOf("10.0.0.11") }, "DROP"],
    ["-m addrtype --dst-type LOCAL -j DROP", {}, "ACCEPT"],
    ["-m addrtype --src-type LOCAL -j DROP", { src: ipOf("127.0.0.1") }, "DROP"],
    ["-m addrtype ! --dst-type LOCAL -j DROP", {}, "DROP"],
    ["-m multiport -p tcp --dports 79,80,443 -j DROP", {}, "DROP"],
    ["-m multiport -p tcp --destination-ports 443,8000:9000 -j DROP", {}, "ACCEPT"],
    ["-m physdev --physdev-in veth1 -j DROP", {}, "DROP"],
    ["-m physdev --physdev-is-bridged -j DROP", {}, "ACCEPT"],
    ['-m comment --comment "no more than a word" -j DROP', {}, "DROP"],
    ["-m statistic --mode random --probability 0 -j DROP", {}, "ACCEPT"],
    ["-m statistic --mode random --probability 1 -j DROP", {}, "DROP"],
  ])("%s on %j: %s", (rule, over, expected) => {
    expect(verdict([rule], packet(over))).toBe(expected);
  });
});

describe("targets and chains", () => {
  test("RETURN in a user chain goes on after the jump; in a built-in chain it means the policy", () => {
    const table = new Table("filter");
    for (const [chain, text] of [["FORWARD", "-j USER"], ["FORWARD", "-j DROP"], ["USER", "-s 10.42.1.2 -j RETURN"], ["USER", "-j ACCEPT"]] as const) table.ensureRule(ruleFromText(chain, text), "last");
    expect(evaluateTable(table, "FORWARD", packet(), context()).type).toBe("DROP");
    expect(evaluateTable(table, "FORWARD", packet({ src: ipOf("10.42.1.3") }), context()).type).toBe("ACCEPT");
    expect(verdict(["-j RETURN", "-j ACCEPT"], packet(), "DROP")).toBe("DROP");
  });

  test("goto does not come back", () => {
    const table = new Table("filter");
    for (const [chain, text] of [["FORWARD", "-j A"], ["FORWARD", "-j ACCEPT"], ["A", "-g B"], ["A", "-j DROP"], ["B", "-s 1.2.3.4 -j DROP"]] as const) table.ensureRule(ruleFromText(chain, text), "last");
    expect(evaluateTable(table, "FORWARD", packet(), context()).type).toBe("ACCEPT");
  });

  test.each([
    ["--or-mark 0x00004000", 0x1, 0x4001],
    ["--xor-mark 0x00004000", 0x4001, 0x1],
    ["--set-xmark 0x2000/0x2000", 0x4000, 0x6000],
    ["--set-mark 0x7", 0x4000, 0x7],
    ["--and-mark 0xff", 0x4012, 0x12],
  ])("MARK %s turns %d into %d and goes on", (option, before, after) => {
    const subject = packet({ mark: before });
    expect(verdict([`-j MARK ${option}`, "-j DROP"], subject)).toBe("DROP");
    expect(subject.mark).toBe(after);
  });

  test("a rule without target counts; counters count what matched", () => {
    const table = new Table("filter");
    table.ensureRule(ruleFromText("FORWARD", "-p tcp"), "last");
    for (let i = 0; i < 3; i++) evaluateTable(table, "FORWARD", packet(), context());
    evaluateTable(table, "FORWARD", packet({ proto: UDP }), context());
    const chain = table.chain("FORWARD");
    expect([chain.packetsOf(0), chain.bytesOf(0), chain.packets, chain.bytes]).toEqual([3, 180, 4, 240]);
  });

  test("a loop of chains ends", () => {
    const table = new Table("filter");
    for (const [chain, text] of [["FORWARD", "-j A"], ["A", "-j B"], ["B", "-j A"]] as const) table.ensureRule(ruleFromText(chain, text), "last");
    expect(evaluateTable(table, "FORWARD", packet(), context()).type).toBe("ACCEPT");
  });

  test("a jump to a chain that is gone passes on", () => {
    expect(verdict(["-j NOWHERE", "-j DROP"], packet())).toBe("DROP");
  });
});

test("recent: sources are remembered for the time given; the hundred-and-first pushes the oldest out", () => {
  const netfilter = new Netfilter();
  const ctx = context(netfilter);
  const at = (seconds: number, src = "10.42.1.2"): Packet => Object.assign(packet({ src: ipOf(src) }), { atUs: seconds * 1e6 });
  expect(verdict(["-m recent --name L --rcheck --seconds 10 --reap -j DROP"], at(0), "ACCEPT", ctx)).toBe("ACCEPT");
  verdict(["-m recent --name L --set -j ACCEPT"], at(0), "ACCEPT", ctx);
  expect(verdict(["-m recent --name L --rcheck --seconds 10 --reap -j DROP"], at(9), "ACCEPT", ctx)).toBe("DROP");
  expect(verdict(["-m recent --name L --rcheck --seconds 10 --reap -j DROP"], at(11), "ACCEPT", ctx)).toBe("ACCEPT");
  for (let i = 0; i <= 100; i++) netfilter.recent.set("M", i, i);
  expect(netfilter.recent.sources("M").length).toBe(100);
  expect(netfilter.recent.check("M", 0, 0, false, 0)).toBe(false);
});

/** The index may only leave out what cannot match: on random tables and packets both ways agree on verdict, mark, hits and draws. */
test("indexed and linear evaluation agree", () => {
  const address = fc.constantFrom("10.96.0.1", "10.96.0.2", "10.96.0.3", "10.42.1.2", "10.0.0.11");
  const word = fc.oneof(
    address.map((a) => `-d ${a}`), address.map((a) => `! -d ${a}`), fc.constant("-d 10.96.0.0/24"), address.map((a) => `-s ${a}`), fc.constant("! -s 10.42.0.0/16"),
    fc.constantFrom("-p tcp -m tcp --dport 80", "-m udp -p udp --dport 53", "-p tcp -m tcp --dport 80:90", "-p tcp -m tcp ! --dport 80", "-p tcp -m statistic --mode random --probability 0.5 -m tcp --dport 443"),
    fc.constantFrom("-m statistic --mode random --probability 0.5", "-m mark --mark 0x1/0x1", "-m addrtype --dst-type LOCAL", "-i cni0", "-o eth9"),
  );
  const target = fc.constantFrom("-j ACCEPT", "-j DROP", "-j RETURN", "-j MARK --xor-mark 0x1", "-j USER", "-g USER", "");
  const rule = fc.tuple(fc.uniqueArray(word, { maxLength: 2, selector: (text) => /-[sdpi] |-m \w+/.exec(text)?.[0] ?? text }), target).map(([words, end]) => [...words, end].join(" ").trim());
  const rules = fc.array(rule, { minLength: 8, maxLength: 30 });
  const subject = fc.record({ src: address, dst: address, proto: fc.constantFrom(TCP, UDP, 1), dstPort: fc.constantFrom(53, 80, 85, 443), mark: fc.constantFrom(0, 1) });
  fc.assert(
    fc.property(rules, rules, fc.array(subject, { minLength: 1, maxLength: 8 }), fc.nat(1_000), (main, user, packets, seed) => {
      const table = new Table("filter");
      table.replaceChain("FORWARD", new ChainBody(main.map((text) => ruleFromText("FORWARD", text))));
      table.replaceChain("USER", new ChainBody(user.filter((text) => !text.includes("USER")).map((text) => ruleFromText("USER", text))));
      const run = (linear: boolean): unknown => {
        const ctx = context(new Netfilter(), seed);
        return packets.map((input) => {
          const p = packet({ ...input, src: ipOf(input.src), dst: ipOf(input.dst) });
          const hits = new Hits();
          return [evaluateTable(table, "FORWARD", p, ctx, hits, linear).type, p.mark, hits.read("filter", 0, hits.length)];
        });
      };
      expect(run(false)).toEqual(run(true));
    }),
    { numRuns: 300 },
  );
});
