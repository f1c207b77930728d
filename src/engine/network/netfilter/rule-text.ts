import { formatIp } from "../addresses/ip.ts";
import { ICMP, TCP, UDP } from "../datapath/packet.ts";
import { STATE_BITS } from "./parse-rule.ts";
import type { AddressMatch, InterfaceMatch, Match, PortRange, Rule, Target } from "./rule.ts";

/** The rule as `iptables-save` prints it: "-A CHAIN …". Source: iptables 1.8.9, as recorded. */
export function ruleText(rule: Rule): string {
  rule.text ??= [`-A ${rule.chain}`, ...headWords(rule), ...rule.matches.map(matchText), ...(rule.target === undefined ? [] : [targetText(rule.target)])].join(" ");
  return rule.text;
}

function headWords(rule: Rule): string[] {
  const words: string[] = [];
  if (rule.source !== undefined) words.push(addressText("-s", rule.source));
  if (rule.destination !== undefined) words.push(addressText("-d", rule.destination));
  if (rule.inInterface !== undefined) words.push(interfaceText("-i", rule.inInterface));
  if (rule.outInterface !== undefined) words.push(interfaceText("-o", rule.outInterface));
  if (rule.protocol !== 0) words.push(`${rule.protocolNot ? "! " : ""}-p ${protocolText(rule.protocol)}`);
  return words;
}

const bang = (not: boolean): string => (not ? "! " : "");
const addressText = (option: string, match: AddressMatch): string => `${bang(match.not)}${option} ${formatIp(match.network)}/${match.length}`;
const interfaceText = (option: string, match: InterfaceMatch): string => `${bang(match.not)}${option} ${match.name}${match.isPrefix ? "+" : ""}`;
const protocolText = (protocol: number): string => (protocol === TCP ? "tcp" : protocol === UDP ? "udp" : protocol === ICMP ? "icmp" : String(protocol));
const rangeText = (range: PortRange): string => (range.low === range.high ? String(range.low) : `${range.low}:${range.high}`);
const hex = (value: number): string => `0x${value.toString(16)}`;

/** Source: libxtables/xtables.c, xtables_save_string: anything beyond letters, digits, "_" and "-" is quoted. */
export const saveString = (text: string): string => (/^[A-Za-z0-9_-]+$/.test(text) ? text : `"${text.replace(/["\\']/g, (c) => `\\${c}`)}"`);

function matchText(match: Match): string {
  switch (match.type) {
    case "comment": return `-m comment --comment ${saveString(match.text)}`;
    case "ports": {
      const src = match.src === undefined ? "" : ` ${bang(match.srcNot)}--sport ${rangeText(match.src)}`;
      const dst = match.dst === undefined ? "" : ` ${bang(match.dstNot)}--dport ${rangeText(match.dst)}`;
      return `-m ${match.protocol}${src}${dst}`;
    }
    case "mark": return `-m mark ${bang(match.not)}--mark ${hex(match.value)}${match.mask === 0xffffffff ? "" : `/${hex(match.mask)}`}`;
    case "conntrack": return `-m conntrack ${bang(match.not)}--ctstate ${STATE_BITS.filter(([, bit]) => (match.states & bit) !== 0).map(([name]) => name).join(",")}`;
    case "addrtype": {
      const src = match.src === undefined ? "" : ` ${bang(match.srcNot)}--src-type ${match.src}`;
      const dst = match.dst === undefined ? "" : ` ${bang(match.dstNot)}--dst-type ${match.dst}`;
      return `-m addrtype${src}${dst}`;
    }
    case "statistic": return `-m statistic --mode random --probability ${(match.threshold / 2 ** 31).toFixed(11)}`;
    case "multiport": return `-m multiport ${bang(match.not)}${{ src: "--sports", dst: "--dports", either: "--ports" }[match.side]} ${match.ports.map(rangeText).join(",")}`;
    case "recent": return `-m recent ${bang(match.not)}${recentText(match)} --name ${match.list} --mask 255.255.255.255 --rsource`;
    case "physdev": return `-m physdev${physdevText(match)}`;
    case "nfacct": return `-m nfacct --nfacct-name  ${saveString(match.counter)}`; // two spaces, as its module prints
  }
}

function recentText(match: Extract<Match, { type: "recent" }>): string {
  if (match.mode === "set") return "--set";
  return `--rcheck${match.seconds > 0 ? ` --seconds ${match.seconds}` : ""}${match.reap ? " --reap" : ""}`;
}

function physdevText(match: Extract<Match, { type: "physdev" }>): string {
  const parts: string[] = [];
  if (match.in !== undefined) parts.push(interfaceText("--physdev-in", match.in));
  if (match.out !== undefined) parts.push(interfaceText("--physdev-out", match.out));
  if (match.isBridged) parts.push("--physdev-is-bridged");
  return parts.map((part) => ` ${part}`).join("");
}

function targetText(target: Target): string {
  switch (target.type) {
    case "jump": return `-j ${target.chain}`;
    case "goto": return `-g ${target.chain}`;
    case "DNAT": return `-j DNAT --to-destination ${formatIp(target.address)}${target.port === undefined ? "" : `:${target.port}`}`;
    case "SNAT": return `-j SNAT --to-source ${formatIp(target.address)}`;
    case "MASQUERADE": return target.randomFully ? "-j MASQUERADE --random-fully" : "-j MASQUERADE";
    case "MARK": return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case "REJECT": return "-j REJECT --reject-with icmp-port-unreachable";
    default: return `-j ${target.type}`;
  }
}

/** The target's name, as a verdict: "KUBE-SVC-…", "DNAT", "ACCEPT"; "" for a rule that only counts. */
export const targetName = (target: Target | undefined): string => (target === undefined ? "" : target.type === "jump" || target.type === "goto" ? target.chain : target.type);
