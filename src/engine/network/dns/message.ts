import { formatIp, parseIp } from "../addresses/ip.ts";

/** Source: RFC 1035 §3.2.2, RFC 3596, RFC 2782. */
const TYPE_NUMBERS = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;
export type DnsType = keyof typeof TYPE_NUMBERS;
const TYPE_NAMES = new Map<number, DnsType>(Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name as DnsType]));

export type Rcode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";
const RCODES: readonly Rcode[] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

/** A resource record. `data` is as zone files write it: "10.96.0.10", "web.default.svc.cluster.local.", "0 100 80 web.default.svc.cluster.local.". */
export interface ResourceRecord {
  /** With its trailing dot. */
  readonly name: string;
  readonly type: DnsType;
  readonly ttl: number;
  readonly data: string;
}

export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly rcode: Rcode;
  readonly question: { readonly name: string; readonly type: DnsType };
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

const MAX_NAME = 255;
const MAX_LABEL = 63;
const MAX_RECORDS = 1_000; // per message; more is not a message that anybody sent
const POINTER_TO_QUESTION = "\xc0\x0c";

const u16 = (value: number): string => String.fromCharCode((value >>> 8) & 255, value & 255);
const u32 = (value: number): string => u16(value >>> 16) + u16(value & 0xffff);

/** Is this a name that can be asked for? Labels of at most 63 bytes, 255 in all. */
export function isEncodable(name: string): boolean {
  if (name === ".") return true;
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  return bare.length + 2 <= MAX_NAME && bare.split(".").every((label) => label.length > 0 && label.length <= MAX_LABEL && /^[\x21-\x7e]+$/.test(label));
}

function encodeName(name: string): string {
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  if (bare === "") return "\0";
  let wire = "";
  for (const label of bare.split(".")) wire += String.fromCharCode(label.length) + label;
  return `${wire}\0`;
}

/** The message in wire format, one character per byte. Names equal to the question's are compressed. */
export function encodeDns(message: DnsMessage): string {
  const flags =
    (message.isResponse ? 0x8000 : 0) | (message.authoritative ? 0x0400 : 0) | (message.truncated ? 0x0200 : 0) | (message.recursionDesired ? 0x0100 : 0) |
    (message.recursionAvailable ? 0x0080 : 0) | RCODES.indexOf(message.rcode);
  const { question } = message;
  let wire = u16(message.id) + u16(flags) + u16(1) + u16(message.answers.length) + u16(message.authority.length) + u16(message.additional.length);
  wire += encodeName(question.name) + u16(TYPE_NUMBERS[question.type]) + u16(1);
  for (const record of [...message.answers, ...message.authority, ...message.additional]) wire += encodeRecord(record, question.name);
  return wire;
}

function encodeRecord(record: ResourceRecord, questionName: string): string {
  const data = encodeData(record);
  const name = record.name === questionName ? POINTER_TO_QUESTION : encodeName(record.name);
  return name + u16(TYPE_NUMBERS[record.type]) + u16(1) + u32(record.ttl) + u16(data.length) + data;
}

function encodeData({ type, data }: ResourceRecord): string {
  switch (type) {
    case "A": return u32(parseIp(data) ?? 0);
    case "AAAA": return encodeIpv6(data);
    case "SRV": {
      const [priority, weight, port, target] = data.split(" ");
      return u16(Number(priority)) + u16(Number(weight)) + u16(Number(port)) + encodeName(target ?? ".");
    }
    case "SOA": {
      const [mname, rname, ...numbers] = data.split(" ");
      return encodeName(mname ?? ".") + encodeName(rname ?? ".") + numbers.map((n) => u32(Number(n))).join("");
    }
    case "TXT": return String.fromCharCode(data.length) + data;
    case "MX": {
      const [preference, exchange] = data.split(" ");
      return u16(Number(preference)) + encodeName(exchange ?? ".");
    }
    default: return encodeName(data);
  }
}

function encodeIpv6(text: string): string {
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...middle, ...right].map((group) => u16(Number.parseInt(group, 16))).join("");
}

/** Undefined when the bytes are no DNS message with one question. */
export function decodeDns(wire: string): DnsMessage | undefined {
  const reader = new WireReader(wire);
  const id = reader.u16();
  const flags = reader.u16();
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  if (reader.failed || counts[0] !== 1 || counts[1] + counts[2] + counts[3] > MAX_RECORDS) return undefined;
  const name = reader.name();
  const type = TYPE_NAMES.get(reader.u16());
  reader.u16();
  if (reader.failed || type === undefined) return undefined;
  const records = (count: number): ResourceRecord[] => Array.from({ length: count }, () => reader.record()).filter((record) => record !== undefined);
  const message: DnsMessage = {
    id, isResponse: (flags & 0x8000) !== 0, authoritative: (flags & 0x0400) !== 0, truncated: (flags & 0x0200) !== 0, recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0, rcode: RCODES[flags & 15] ?? "SERVFAIL", question: { name, type },
    answers: records(counts[1]), authority: records(counts[2]), additional: records(counts[3]),
  };
  return reader.failed ? undefined : message;
}

class WireReader {
  failed = false;
  private at = 0;

  constructor(private readonly wire: string) {}

  byte(): number {
    const code = this.wire.charCodeAt(this.at++);
    if (Number.isNaN(code) || code > 255) this.failed = true;
    return this.failed ? 0 : code;
  }

  u16(): number {
    return this.byte() * 256 + this.byte();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }

  /** Follows compression pointers, which only ever point back. */
  name(): string {
    let text = "";
    let resumeAt = -1;
    for (let length = this.byte(); length !== 0 && !this.failed; length = this.byte()) {
      if (length >= 0xc0) {
        const target = (length & 0x3f) * 256 + this.byte();
        if (target >= this.at - 2) this.failed = true;
        if (resumeAt < 0) resumeAt = this.at;
        this.at = target;
        continue;
      }
      for (let i = 0; i < length && !this.failed; i++) text += String.fromCharCode(this.byte());
      text += ".";
      if (text.length > MAX_NAME) this.failed = true;
    }
    if (resumeAt >= 0) this.at = resumeAt;
    return text === "" ? "." : text;
  }

  record(): ResourceRecord | undefined {
    if (this.failed) return undefined;
    const name = this.name();
    const type = TYPE_NAMES.get(this.u16());
    this.u16();
    const ttl = this.u32();
    const length = this.u16();
    const end = this.at + length;
    const data = type === undefined ? "" : this.data(type, end);
    this.at = end;
    return this.failed || type === undefined ? undefined : { name, type, ttl, data };
  }

  private data(type: DnsType, end: number): string {
    switch (type) {
      case "A": return formatIp(this.u32());
      case "AAAA": return Array.from({ length: 8 }, () => this.u16().toString(16)).join(":");
      case "SRV": return `${this.u16()} ${this.u16()} ${this.u16()} ${this.name()}`;
      case "MX": return `${this.u16()} ${this.name()}`;
      case "SOA": return `${this.name()} ${this.name()} ${this.u32()} ${this.u32()} ${this.u32()} ${this.u32()} ${this.u32()}`;
      case "TXT": {
        this.byte();
        const start = this.at;
        return this.wire.slice(start, end);
      }
      default: return this.name();
    }
  }
}
