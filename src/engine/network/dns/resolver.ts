import type { Cancel } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { DnsAnswer, DnsRecord, ResolvConf, ResolverStyle } from "../contracts.ts";
import { decodeDns, type DnsMessage, encodeDns, isEncodable, type Rcode, type ResourceRecord } from "./message.ts";

type QueryType = "A" | "AAAA" | "SRV" | "PTR" | "CNAME";

/** Source: resolv.conf(5): RES_TIMEOUT 5 s, RES_DFLRETRY 2. */
const TIMEOUT_US = secondsToUs(5);
const ATTEMPTS = 2;
const MAX_NAMESERVERS = 3;

/** How the resolver reaches the network: one UDP socket with a server, for queries that belong together. */
export interface ResolverTransport {
  /** Sends datagrams from one new socket; `receive` runs for each answer, `failed` when the server refuses. Returns the closing of the socket. */
  exchange(server: string, payloads: readonly string[], receive: (payload: string) => void, failed: () => void): Cancel;
  /** The same over TCP, for answers that do not fit a datagram. */
  exchangeTcp(server: string, payload: string, receive: (payload: string) => void, failed: () => void): Cancel;
  after(delayUs: number, label: string, run: () => void): Cancel;
  nextId(): number;
}

/** Names to try, in order. Source: glibc res_search, musl name_from_dns_search, Go's net.(*dnsConfig).nameList. */
export function candidates(name: string, conf: ResolvConf, style: ResolverStyle): readonly string[] {
  if (name.endsWith(".")) return [name];
  const absolute = `${name}.`;
  const dots = name.split(".").length - 1;
  const searched = conf.search.map((domain) => (domain === "." || domain === "" ? absolute : `${name}.${domain.replace(/\.$/, "")}.`));
  if (dots >= conf.ndots) return style === "musl" ? [absolute] : [absolute, ...searched];
  return [...searched, absolute];
}

interface Outcome {
  readonly name: string;
  readonly rcode: Rcode | "TIMEOUT";
  readonly records: readonly ResourceRecord[];
  readonly server: string;
}

/**
 * Looks a name up as a program's C library does: candidates from the search list one after the other, each asked of the servers in turn.
 * Without a type it is an address look-up: A and AAAA go out together from one socket.
 */
export function lookUp(transport: ResolverTransport, conf: ResolvConf, style: ResolverStyle, name: string, type: QueryType | undefined, done: (answer: DnsAnswer) => void): Cancel {
  const names = candidates(name, conf, style);
  const types: readonly QueryType[] = type === undefined ? ["A", "AAAA"] : [type];
  const failures: Outcome[] = [];
  let cancel: Cancel = () => {};
  const next = (index: number): void => {
    const candidate = names[index];
    if (candidate === undefined || !isEncodable(candidate)) {
      done(overall(name, failures));
      return;
    }
    cancel = query(transport, conf, candidate, types, (outcome) => {
      if (outcome.rcode === "NOERROR" && outcome.records.length > 0) {
        done({ rcode: "NOERROR", name: outcome.name, records: outcome.records.filter(isContractRecord), server: outcome.server });
        return;
      }
      failures.push(outcome);
      if (outcome.rcode === "TIMEOUT" || (style === "musl" && outcome.rcode !== "NXDOMAIN")) done(overall(name, failures));
      else next(index + 1);
    });
  };
  next(0);
  return () => cancel();
}

const isContractRecord = (record: ResourceRecord): record is ResourceRecord & DnsRecord => ["A", "AAAA", "CNAME", "SRV", "PTR"].includes(record.type);

/** The error of a look-up that found nothing: the as-is attempt's, else the mildest of the others. Source: glibc res_query.c. */
function overall(name: string, failures: readonly Outcome[]): DnsAnswer {
  const asIs = failures.find((outcome) => outcome.name === (name.endsWith(".") ? name : `${name}.`));
  const timeout = failures.find((outcome) => outcome.rcode === "TIMEOUT");
  if (timeout !== undefined) return { rcode: "TIMEOUT", name: timeout.name };
  const chosen = asIs ?? failures.find((outcome) => outcome.rcode === "NOERROR") ?? failures.find((outcome) => outcome.rcode === "SERVFAIL") ?? failures.at(-1);
  if (chosen === undefined) return { rcode: "NXDOMAIN", name, server: "" };
  if (chosen.rcode === "NOERROR") return { rcode: "NOERROR", name: chosen.name, records: [], server: chosen.server };
  const rcode = chosen.rcode === "SERVFAIL" || chosen.rcode === "REFUSED" ? chosen.rcode : "NXDOMAIN";
  return { rcode, name: chosen.name, server: chosen.server };
}

/** One name, asked of each server in turn, all of them twice. */
function query(transport: ResolverTransport, conf: ResolvConf, name: string, types: readonly QueryType[], done: (outcome: Outcome) => void): Cancel {
  const servers = conf.nameservers.slice(0, MAX_NAMESERVERS);
  const attempts = Array.from({ length: ATTEMPTS }, () => servers).flat();
  let stop: Cancel = () => {};
  let lastFailure: Rcode | "TIMEOUT" = "TIMEOUT";
  const attempt = (index: number): void => {
    const server = attempts[index];
    if (server === undefined) {
      done({ name, rcode: servers.length === 0 ? "SERVFAIL" : lastFailure, records: [], server: servers[0] ?? "" });
      return;
    }
    stop = ask(transport, server, name, types, (answers) => {
      const outcome = answers === undefined ? undefined : merge(name, answers, server);
      if (outcome === undefined || outcome.rcode === "SERVFAIL" || outcome.rcode === "REFUSED") {
        lastFailure = outcome?.rcode ?? "TIMEOUT";
        attempt(index + 1);
      } else done(outcome);
    });
  };
  attempt(0);
  return () => stop();
}

/** All types from one socket; undefined after a time-out or a refusal. */
function ask(transport: ResolverTransport, server: string, name: string, types: readonly QueryType[], done: (answers: readonly DnsMessage[] | undefined) => void): Cancel {
  const ids = types.map(() => transport.nextId());
  const payloads = types.map((type, i) =>
    encodeDns({
      id: ids[i] ?? 0, isResponse: false, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false, rcode: "NOERROR",
      question: { name, type }, answers: [], authority: [], additional: [],
    }),
  );
  const answers = new Map<number, DnsMessage>();
  let over = false;
  const finish = (result: readonly DnsMessage[] | undefined): void => {
    if (over) return;
    over = true;
    stopTimer();
    close();
    closeTcp();
    done(result);
  };
  const stopTimer = transport.after(TIMEOUT_US, "DNS query timed out", () => finish(undefined));
  let closeTcp: Cancel = () => {};
  const receive = (payload: string): void => {
    const message = decodeDns(payload);
    if (message === undefined || !message.isResponse || !ids.includes(message.id) || message.question.name.toLowerCase() !== name.toLowerCase()) return;
    if (message.truncated) {
      closeTcp = transport.exchangeTcp(server, payloads[ids.indexOf(message.id)] ?? "", receive, () => finish(undefined));
      return;
    }
    answers.set(message.id, message);
    if (answers.size === types.length) finish(ids.map((id) => answers.get(id)).filter((answer) => answer !== undefined));
  };
  const close = transport.exchange(server, payloads, receive, () => transport.after(0, "DNS server refused", () => finish(undefined)));
  return () => {
    over = true;
    stopTimer();
    close();
    closeTcp();
  };
}

/** A name is found when any type has an answer. */
function merge(name: string, answers: readonly DnsMessage[], server: string): Outcome {
  const records: ResourceRecord[] = [];
  for (const answer of answers) for (const record of answer.answers) if (!records.some((other) => other.name === record.name && other.type === record.type && other.data === record.data)) records.push(record);
  const rcodes = answers.map((answer) => answer.rcode);
  const best = (["NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL"] as const).find((rcode) => rcodes.includes(rcode)) ?? "SERVFAIL";
  return { name, rcode: best, records, server };
}
