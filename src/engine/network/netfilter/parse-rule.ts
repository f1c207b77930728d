import { err, ok, type Result } from "../../kernel/result.ts";
import { maskOf, parseCidr, parseIp } from "../addresses/ip.ts";
import { CT_DNAT, CT_ESTABLISHED, CT_INVALID, CT_NEW, CT_RELATED, CT_SNAT } from "../conntrack/track.ts";
import { ICMP, TCP, UDP } from "../datapath/packet.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import { type AddressMatch, type InterfaceMatch, type Match, type PortRange, Rule, type RuleSpec, type Target } from "./rule.ts";

export const STATE_BITS: readonly (readonly [string, number])[] = [
  ["INVALID", CT_INVALID], ["NEW", CT_NEW], ["RELATED", CT_RELATED], ["ESTABLISHED", CT_ESTABLISHED], ["SNAT", CT_SNAT], ["DNAT", CT_DNAT],
];
const PROTOCOLS: Readonly<Record<string, number>> = { all: 0, icmp: ICMP, tcp: TCP, udp: UDP };
const STATISTIC_SCALE = 2 ** 31;
const MAX_WORDS = 200; // per rule

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Draft extends Mutable<Omit<RuleSpec, "matches">> {
  matches: Mutable<Match>[];
}

/** Splits a rule as a shell would, for the quoting that iptables-restore knows: double quotes with backslashes. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|(\S+)/g;
  for (let m = pattern.exec(line); m !== null; m = pattern.exec(line)) words.push(m[2] ?? (m[1] ?? "").replace(/\\(.)/g, "$1"));
  return words;
}

/** As kube-proxy writes a word: quoted when it has a space. */
export const joinWords = (words: readonly string[]): string => words.map((word) => (word.includes(" ") ? JSON.stringify(word) : word)).join(" ");

/**
 * Reads the words of a rule after "-A CHAIN". Errors are in iptables' words where a user can see them.
 * Source: iptables/xshared.c and extensions/libxt_*.c of iptables 1.8. Differs: the modules that Kubernetes and its network plugins use.
 */
export function parseRule(chain: string, words: readonly string[], owner?: OwnerObject): Result<Rule, string> {
  if (words.length > MAX_WORDS) return err("rule too long");
  const draft: Draft = { protocol: 0, protocolNot: false, matches: [], target: undefined };
  const reader = new WordReader(words);
  try {
    while (!reader.done) readOption(reader, draft);
  } catch (error) {
    if (error instanceof RuleError) return err(error.message);
    throw error;
  }
  return ok(new Rule(chain, draft as RuleSpec, joinWords(words), owner));
}

/** For rules that the engine writes itself. */
export function ruleOf(chain: string, words: readonly string[], owner?: OwnerObject): Rule {
  const parsed = parseRule(chain, words, owner);
  if (!parsed.ok) throw new Error(`Kubarium bug: expected that the rule "${joinWords(words)}" is one, but ${parsed.error}`);
  return parsed.value;
}

/** The same from one line of text. */
export const ruleFromText = (chain: string, text: string, owner?: OwnerObject): Rule => ruleOf(chain, splitWords(text), owner);

class RuleError extends Error {}

class WordReader {
  private at = 0;
  not = false;

  constructor(private readonly words: readonly string[]) {}

  get done(): boolean {
    return this.at >= this.words.length;
  }

  /** The next option; a "!" before it is remembered. */
  option(): string {
    this.not = this.words[this.at] === "!";
    if (this.not) this.at += 1;
    return this.value("!");
  }

  value(option: string): string {
    const word = this.words[this.at++];
    if (word === undefined) throw new RuleError(`option "${option}" requires an argument`);
    return word;
  }
}

function readOption(reader: WordReader, draft: Draft): void {
  const option = reader.option();
  switch (option) {
    case "-s": case "--source": draft.source = address(reader.value(option), reader.not); return;
    case "-d": case "--destination": draft.destination = address(reader.value(option), reader.not); return;
    case "-i": case "--in-interface": draft.inInterface = interfaceMatch(reader.value(option), reader.not); return;
    case "-o": case "--out-interface": draft.outInterface = interfaceMatch(reader.value(option), reader.not); return;
    case "-p": case "--protocol": {
      draft.protocolNot = reader.not;
      draft.protocol = protocolNumber(reader.value(option));
      return;
    }
    case "-m": case "--match": draft.matches.push(newMatch(reader.value(option))); return;
    case "-j": case "--jump": draft.target = newTarget(reader.value(option)); return;
    case "-g": case "--goto": draft.target = { type: "goto", chain: reader.value(option) }; return;
    default:
      if (!readMatchOption(option, reader, draft) && !readTargetOption(option, reader, draft)) throw new RuleError(`unknown option "${option}"`);
  }
}

function address(text: string, not: boolean): AddressMatch {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new RuleError(`host/network \`${text}' not found`);
  return { network: cidr.network, mask: maskOf(cidr.length), length: cidr.length, not };
}

const interfaceMatch = (name: string, not: boolean): InterfaceMatch => ({ name: name.endsWith("+") ? name.slice(0, -1) : name, isPrefix: name.endsWith("+"), not });

function protocolNumber(text: string): number {
  const number = PROTOCOLS[text.toLowerCase()] ?? (/^\d{1,3}$/.test(text) ? Number(text) : undefined);
  if (number === undefined || number > 255) throw new RuleError(`unknown protocol "${text}" specified`);
  return number;
}

function newMatch(module: string): Mutable<Match> {
  switch (module) {
    case "comment": return { type: "comment", text: "" };
    case "tcp": case "udp": return { type: "ports", protocol: module, srcNot: false, dstNot: false };
    case "mark": return { type: "mark", value: 0, mask: 0, not: false };
    case "conntrack": case "state": return { type: "conntrack", states: 0, not: false };
    case "addrtype": return { type: "addrtype", srcNot: false, dstNot: false };
    case "statistic": return { type: "statistic", threshold: STATISTIC_SCALE };
    case "multiport": return { type: "multiport", side: "dst", ports: [], not: false };
    case "recent": return { type: "recent", mode: "rcheck", list: "DEFAULT", seconds: 0, reap: false, not: false };
    case "physdev": return { type: "physdev", isBridged: false };
    case "nfacct": return { type: "nfacct", counter: "" };
    default: throw new RuleError(`Couldn't load match \`${module}':No such file or directory`);
  }
}

/** The latest match of a type: options belong to the module before them. `-p tcp --dport` brings its module along. */
function matchOf<T extends Match["type"]>(draft: Draft, type: T, option: string): Mutable<Extract<Match, { type: T }>> {
  let found = draft.matches.findLast((match) => match.type === type);
  if (found === undefined && type === "ports" && (draft.protocol === TCP || draft.protocol === UDP)) {
    found = newMatch(draft.protocol === TCP ? "tcp" : "udp");
    draft.matches.push(found);
  }
  if (found === undefined) throw new RuleError(`unknown option "${option}"`);
  return found as Mutable<Extract<Match, { type: T }>>;
}

function readMatchOption(option: string, reader: WordReader, draft: Draft): boolean {
  const not = reader.not;
  switch (option) {
    case "--comment": matchOf(draft, "comment", option).text = reader.value(option); return true;
    case "--dport": case "--destination-port": Object.assign(matchOf(draft, "ports", option), { dst: portRange(reader.value(option)), dstNot: not }); return true;
    case "--sport": case "--source-port": Object.assign(matchOf(draft, "ports", option), { src: portRange(reader.value(option)), srcNot: not }); return true;
    case "--mark": {
      const [value, mask] = maskedNumber(reader.value(option));
      Object.assign(matchOf(draft, "mark", option), { value, mask, not });
      return true;
    }
    case "--ctstate": case "--state": Object.assign(matchOf(draft, "conntrack", option), { states: states(reader.value(option)), not }); return true;
    case "--src-type": Object.assign(matchOf(draft, "addrtype", option), { src: addressType(reader.value(option)), srcNot: not }); return true;
    case "--dst-type": Object.assign(matchOf(draft, "addrtype", option), { dst: addressType(reader.value(option)), dstNot: not }); return true;
    case "--mode": if (reader.value(option) !== "random") throw new RuleError("only --mode random is known here"); return true;
    case "--probability": matchOf(draft, "statistic", option).threshold = probability(reader.value(option)); return true;
    case "--dports": case "--destination-ports": Object.assign(matchOf(draft, "multiport", option), { side: "dst", ports: reader.value(option).split(",").map(portRange), not }); return true;
    case "--sports": case "--source-ports": Object.assign(matchOf(draft, "multiport", option), { side: "src", ports: reader.value(option).split(",").map(portRange), not }); return true;
    case "--ports": Object.assign(matchOf(draft, "multiport", option), { side: "either", ports: reader.value(option).split(",").map(portRange), not }); return true;
    default: return readRareMatchOption(option, reader, draft);
  }
}

function readRareMatchOption(option: string, reader: WordReader, draft: Draft): boolean {
  const not = reader.not;
  switch (option) {
    case "--name": matchOf(draft, "recent", option).list = reader.value(option); return true;
    case "--set": Object.assign(matchOf(draft, "recent", option), { mode: "set", not }); return true;
    case "--rcheck": Object.assign(matchOf(draft, "recent", option), { mode: "rcheck", not }); return true;
    case "--seconds": matchOf(draft, "recent", option).seconds = wholeNumber(reader.value(option)); return true;
    case "--reap": matchOf(draft, "recent", option).reap = true; return true;
    case "--mask": reader.value(option); matchOf(draft, "recent", option); return true;
    case "--rsource": matchOf(draft, "recent", option); return true;
    case "--physdev-in": Object.assign(matchOf(draft, "physdev", option), { in: interfaceMatch(reader.value(option), not) }); return true;
    case "--physdev-out": Object.assign(matchOf(draft, "physdev", option), { out: interfaceMatch(reader.value(option), not) }); return true;
    case "--physdev-is-bridged": matchOf(draft, "physdev", option).isBridged = true; return true;
    case "--nfacct-name": matchOf(draft, "nfacct", option).counter = reader.value(option); return true;
    default: return false;
  }
}

function newTarget(name: string): Target {
  switch (name) {
    case "ACCEPT": case "DROP": case "RETURN": case "REJECT": return { type: name };
    case "DNAT": return { type: "DNAT", address: 0, port: undefined };
    case "SNAT": return { type: "SNAT", address: 0 };
    case "MASQUERADE": return { type: "MASQUERADE", randomFully: false };
    case "MARK": return { type: "MARK", value: 0, mask: 0 };
    default:
      if (name.length > 28) throw new RuleError(`Invalid target name \`${name}' (28 chars max)`);
      return { type: "jump", chain: name };
  }
}

function readTargetOption(option: string, reader: WordReader, draft: Draft): boolean {
  switch (option) {
    case "--to-destination": {
      const [host, port] = reader.value(option).split(":");
      const to = parseIp(host ?? "");
      if (to === undefined) throw new RuleError(`Bad IP address "${host}"`);
      draft.target = { type: "DNAT", address: to, port: port === undefined ? undefined : portNumber(port) };
      return true;
    }
    case "--to-source": {
      const to = parseIp(reader.value(option));
      if (to === undefined) throw new RuleError("Bad IP address");
      draft.target = { type: "SNAT", address: to };
      return true;
    }
    case "--random-fully": draft.target = { type: "MASQUERADE", randomFully: true }; return true;
    case "--reject-with": if (reader.value(option) !== "icmp-port-unreachable") throw new RuleError("only icmp-port-unreachable is known here"); return true;
    case "--set-xmark": case "--set-mark": case "--or-mark": case "--xor-mark": case "--and-mark": draft.target = markTarget(option, reader.value(option)); return true;
    default: return false;
  }
}

/** All forms of MARK are one: mark = (mark & ~mask) ^ value. Source: extensions/libxt_MARK.c. */
function markTarget(option: string, text: string): Target {
  const [value, mask] = maskedNumber(text);
  if (option === "--or-mark") return { type: "MARK", value, mask: value };
  if (option === "--xor-mark") return { type: "MARK", value, mask: 0 };
  if (option === "--and-mark") return { type: "MARK", value: 0, mask: ~value >>> 0 };
  return { type: "MARK", value, mask: option === "--set-mark" ? (mask | value) >>> 0 : mask };
}

function maskedNumber(text: string): [number, number] {
  const [value, mask] = text.split("/");
  return [wholeNumber(value ?? ""), mask === undefined ? 0xffffffff : wholeNumber(mask)];
}

function wholeNumber(text: string): number {
  if (!/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) throw new RuleError(`bad number "${text}"`);
  return Number(text);
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) throw new RuleError(`invalid port/service \`${text}' specified`);
  return port;
}

function portRange(text: string): PortRange {
  const [low, high] = text.split(":");
  return { low: portNumber(low ?? ""), high: portNumber(high ?? low ?? "") };
}

function states(text: string): number {
  let bits = 0;
  for (const name of text.split(",")) {
    const bit = STATE_BITS.find(([known]) => known === name)?.[1];
    if (bit === undefined) throw new RuleError(`Bad ctstate "${name}"`);
    bits |= bit;
  }
  return bits;
}

function addressType(text: string): string {
  if (!/^(UNSPEC|UNICAST|LOCAL|BROADCAST|MULTICAST|BLACKHOLE|UNREACHABLE|PROHIBIT)$/.test(text)) throw new RuleError(`addrtype: bad type \`${text}'`);
  return text;
}

function probability(text: string): number {
  const value = Number(text);
  if (!/^[0-9.]+$/.test(text) || !(value >= 0 && value <= 1)) throw new RuleError(`statistic: bad probability "${text}"`);
  return Math.round(value * STATISTIC_SCALE);
}
