import { formatUnixSeconds, civilFromDays, parseUnixUs } from "../../../engine/apimachinery/time-text.ts";
import { humanDuration } from "../../../engine/apimachinery/duration-text.ts";
import type { EventObject } from "../../../engine/kinds/generated/types.ts";
import { alignTabs } from "./tab-writer.ts";

/** What a describer writes on. Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, PrefixWriter (two spaces a level). */
export class Page {
  private text = "";

  /** `nowMs`: what the cluster calls now; ages count from it. */
  constructor(private readonly nowMs: number) {}

  line(level: number, text: string): void {
    this.text += `${"  ".repeat(level)}${text}\n`;
  }

  raw(text: string): void {
    this.text += text;
  }

  finish(): string {
    return alignTabs(this.text);
  }

  /** "5m3s", "<unknown>" for no time. */
  age(time: string | undefined): string {
    const unixUs = time === undefined ? undefined : parseUnixUs(time);
    return unixUs === undefined ? "<unknown>" : humanDuration(this.nowMs * 1_000 - unixUs);
  }

  /** How long until then. */
  until(time: string | undefined): string {
    const unixUs = time === undefined ? undefined : parseUnixUs(time);
    return unixUs === undefined ? "<unknown>" : humanDuration(unixUs - this.nowMs * 1_000);
  }

  labels(title: string, labels: Readonly<Record<string, string>> | undefined): void {
    const lines = Object.entries(labels ?? {}).toSorted(byKey).map(([key, value]) => `${key}=${value}`);
    this.lines(title, lines);
  }

  /** One value a line, the first beside the title; "<none>" when there are none. */
  lines(title: string, values: readonly string[]): void {
    this.line(0, `${title}:\t${values[0] ?? "<none>"}`);
    for (const value of values.slice(1)) this.line(0, `\t${value}`);
  }

  /** Long and multi-line values go below their key, cut to 140 characters. Source: describe.go, printAnnotationsMultilineWithIndent. */
  annotations(title: string, annotations: Readonly<Record<string, string>> | undefined): void {
    const shown = Object.entries(annotations ?? {}).filter(([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration").toSorted(byKey);
    if (shown.length === 0) return this.line(0, `${title}:\t<none>`);
    let lead = `${title}:\t`;
    for (const [key, raw] of shown) {
      const value = raw.replace(/\n$/, "");
      if (value.length + key.length + 2 > MAX_ANNOTATION || value.includes("\n")) {
        this.line(0, `${lead}${key}:`);
        for (const part of value.split("\n")) this.line(0, `\t  ${part.length > MAX_ANNOTATION - 2 ? `${part.slice(0, MAX_ANNOTATION - 2)}...` : part}`);
      } else this.line(0, `${lead}${key}: ${value}`);
      lead = "\t";
    }
  }

  /** Source: describe.go, DescribeEvents. */
  events(events: readonly EventObject[]): void {
    if (events.length === 0) return this.line(0, "Events:\t<none>");
    this.raw("Events:\n  Type\tReason\tAge\tFrom\tMessage\n");
    this.line(1, "----\t------\t----\t----\t-------");
    for (const event of events.toSorted((a, b) => compareText(a.lastTimestamp ?? "", b.lastTimestamp ?? ""))) {
      const first = this.age(event.firstTimestamp ?? event.eventTime);
      const interval =
        event.series !== undefined && event.series !== null ? `${this.age(event.series.lastObservedTime)} (x${event.series.count ?? 0} over ${first})`
        : (event.count ?? 0) > 1 ? `${this.age(event.lastTimestamp)} (x${event.count} over ${first})`
        : first;
      const source = event.source?.component ?? "";
      this.line(1, `${event.type}\t${event.reason}\t${interval}\t${source === "" ? (event.reportingComponent ?? "") : source}\t${(event.message ?? "").trim()}`);
    }
  }
}

const MAX_ANNOTATION = 140;
const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => compareText(a, b);
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const DAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]; // 1970-01-01 was a Thursday
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "Thu, 01 Jan 2026 00:00:05 +0000". Source: Go, time.RFC1123Z. */
export function rfc1123(time: string | undefined): string {
  const unixUs = time === undefined ? undefined : parseUnixUs(time);
  if (unixUs === undefined) return "Mon, 01 Jan 0001 00:00:00 +0000";
  const seconds = Math.floor(unixUs / 1e6);
  const days = Math.floor(seconds / 86_400);
  const { year, month, day } = civilFromDays(days);
  return `${DAYS[((days % 7) + 7) % 7]}, ${String(day).padStart(2, "0")} ${MONTHS[month - 1]} ${year} ${formatUnixSeconds(seconds).slice(11)} +0000`;
}

export const titleBool = (value: boolean | undefined): string => (value === true ? "True" : "False");
export const orNone = (text: string | undefined): string => (text === undefined || text === "" ? "<none>" : text);
export const joinOrNone = (items: readonly string[]): string => (items.length === 0 ? "<none>" : items.join(", "));
export const mapText = (map: Readonly<Record<string, string>> | undefined): string => orNone(Object.entries(map ?? {}).toSorted(byKey).map(([key, value]) => `${key}=${value}`).join(","));
