import { describe, expect, test } from "vitest";
import { Table } from "./netfilter.ts";
import { parseRule, ruleFromText, splitWords } from "./parse-rule.ts";
import { ruleText } from "./rule-text.ts";
import { asctime } from "./save-text.ts";

/** Written as iptables is called, printed as iptables-save prints. */
describe("iptables-save wording", () => {
  test.each([
    ["-m comment --comment demo/web:http -s 10.42.1.5 -j KUBE-MARK-MASQ", '-s 10.42.1.5/32 -m comment --comment "demo/web:http" -j KUBE-MARK-MASQ'],
    ["-m comment --comment plain_word-1 -j ACCEPT", "-m comment --comment plain_word-1 -j ACCEPT"],
    ['-m comment --comment "say \\"hi\\"" -j ACCEPT', '-m comment --comment "say \\"hi\\"" -j ACCEPT'],
    ["-j MARK --or-mark 0x00004000", "-j MARK --set-xmark 0x4000/0x4000"],
    ["-j MARK --xor-mark 0x00004000", "-j MARK --set-xmark 0x4000/0x0"],
    ["-m mark ! --mark 0x00004000/0x00004000 -j RETURN", "-m mark ! --mark 0x4000/0x4000 -j RETURN"],
    ["-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"],
    ["-j MASQUERADE --random-fully", "-j MASQUERADE --random-fully"],
    ["-m udp -p udp -d 10.96.0.10 --dport 53 -j DROP", "-d 10.96.0.10/32 -p udp -m udp --dport 53 -j DROP"],
    ["-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP", "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"],
    ["-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT", "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
    ["-m statistic --mode random --probability 0.3333333333 -j X", "-m statistic --mode random --probability 0.33333333349 -j X"],
    ["-m statistic --mode random --probability 0.1428571429 -j X", "-m statistic --mode random --probability 0.14285714272 -j X"],
    ["-m multiport -p tcp --destination-ports 8080,8443 -j X", "-p tcp -m multiport --dports 8080,8443 -j X"],
    ["-p tcp --dport 8080 -j X", "-p tcp -m tcp --dport 8080 -j X"],
    ["! -i cni+ -o eth0 -j X", "! -i cni+ -o eth0 -j X"],
    ["-m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP", "-m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP"],
    ["-m addrtype --dst-type LOCAL ! -d 127.0.0.0/8 -j X", "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j X"],
  ])("%s", (written, printed) => {
    const text = ruleText(ruleFromText("C", written));
    expect(text).toBe(`-A C ${printed}`);
    expect(ruleText(ruleFromText("C", text.slice(5)))).toBe(text); // what is printed can be read back
  });
});

describe("bad rules are told in iptables' words", () => {
  test.each([
    ["-p bogus -j ACCEPT", 'unknown protocol "bogus" specified'],
    ["-s 300.1.1.1 -j ACCEPT", "host/network `300.1.1.1' not found"],
    ["-m nosuch -j ACCEPT", "Couldn't load match `nosuch':No such file or directory"],
    ["--dport 80 -j ACCEPT", 'unknown option "--dport"'],
    ["-p tcp --dport 99999 -j ACCEPT", "invalid port/service `99999' specified"],
    ["-j", 'option "-j" requires an argument'],
    ["-j A-NAME-THAT-IS-LONGER-THAN-28-CHARS", "Invalid target name `A-NAME-THAT-IS-LONGER-THAN-28-CHARS' (28 chars max)"],
    ["-m conntrack --ctstate SOON -j ACCEPT", 'Bad ctstate "SOON"'],
    ["-m statistic --mode random --probability 2 -j X", 'statistic: bad probability "2"'],
    ["--frobnicate", 'unknown option "--frobnicate"'],
  ])("%s", (text, message) => {
    expect(parseRule("C", splitWords(text))).toEqual({ ok: false, error: message });
  });
});

test("rules are put in and taken out without touching the counters of others", () => {
  const table = new Table("filter");
  const [a, b, c] = ["-s 1.1.1.1 -j DROP", "-s 2.2.2.2 -j DROP", "-s 3.3.3.3 -j DROP"].map((text) => ruleFromText("FORWARD", text)) as [ReturnType<typeof ruleFromText>, ReturnType<typeof ruleFromText>, ReturnType<typeof ruleFromText>];
  table.ensureRule(a, "last");
  table.chain("FORWARD").count(0, 60);
  table.ensureRule(b, "first");
  table.ensureRule(a, "first"); // is there already, and stays where it is
  table.ensureRule(c, "last");
  expect(table.chain("FORWARD").rules).toEqual([b, a, c]);
  expect([0, 1, 2].map((i) => table.chain("FORWARD").packetsOf(i))).toEqual([0, 1, 0]);
  table.removeRule(b);
  expect(table.chain("FORWARD").packetsOf(0)).toBe(1);
});

test.each([[0, "Thu Jan  1 00:00:00 1970"], [1_767_225_605, "Thu Jan  1 00:00:05 2026"], [1_772_323_199, "Sat Feb 28 23:59:59 2026"]])("asctime of %d", (unix, text) => {
  expect(asctime(unix)).toBe(text);
});
