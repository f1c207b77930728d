import type { DnsMessage, ResourceRecord } from "./message.ts";

/** Source: plugin/cache/cache.go in coredns/coredns. */
const CAPACITY = 9_984;
const MAX_TTL_SECONDS = 30; // `cache 30`
const MIN_TTL_SECONDS = 5;
const SERVFAIL_TTL_SECONDS = 5;
const DEFAULT_DENIAL_SECONDS = 30;

/** CoreDNS's cache: whole answers by question, with their time counted down. */
export class AnswerCache {
  private readonly entries = new Map<string, { readonly message: DnsMessage; readonly storedUs: number; readonly expiresUs: number }>();

  get(question: DnsMessage["question"], nowUs: number): DnsMessage | undefined {
    const key = keyOf(question);
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresUs <= nowUs) {
      this.entries.delete(key);
      return undefined;
    }
    const age = Math.floor((nowUs - entry.storedUs) / 1e6);
    const aged = (records: readonly ResourceRecord[]): ResourceRecord[] => records.map((record) => ({ ...record, ttl: Math.max(0, Math.min(record.ttl, MAX_TTL_SECONDS) - age) }));
    return { ...entry.message, answers: aged(entry.message.answers), authority: aged(entry.message.authority), additional: aged(entry.message.additional) };
  }

  put(message: DnsMessage, nowUs: number): void {
    if (message.truncated) return;
    this.entries.delete(keyOf(message.question));
    this.entries.set(keyOf(message.question), { message, storedUs: nowUs, expiresUs: nowUs + ttlOf(message) * 1e6 });
    if (this.entries.size > CAPACITY) for (const [oldest] of this.entries) return void this.entries.delete(oldest);
  }
}

const keyOf = (question: DnsMessage["question"]): string => `${question.type} ${question.name.toLowerCase()}`;

function ttlOf(message: DnsMessage): number {
  if (message.rcode === "SERVFAIL") return SERVFAIL_TTL_SECONDS;
  const ttls = [...message.answers, ...message.authority].map((record) => record.ttl);
  const shortest = ttls.length === 0 ? DEFAULT_DENIAL_SECONDS : Math.min(...ttls);
  return Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, shortest));
}
