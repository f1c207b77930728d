import { formatUnixSeconds, parseUnixUs } from "../../apimachinery/time-text.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

const LAYOUT = "2006-01-02T15:04:05Z07:00";
const MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00";

/** Parts of the layout, in order, with what Go reads for each. */
const DATE_AND_TIME = [
  ["2006", /^\d{4}/], ["-", /^-/], ["01", /^\d\d/], ["-", /^-/], ["02", /^\d\d/], ["T", /^T/], ["15", /^\d\d/], [":", /^:/], ["04", /^\d\d/], [":", /^:/], ["05", /^\d\d/],
] as const;
const ZONE = ["Z07:00", /^(?:Z|[+-]\d\d:\d\d)/] as const;
const FRACTION = [".000000", /^\.\d{6}/] as const;
const ANY_FRACTION = /^[.,]\d+/;

/** metav1.Time in UTC with whole seconds. Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/time.go, UnmarshalJSON; Go's time.Parse for the error. */
export function canonicalTime(text: string): Result<string, string> {
  const unixUs = parseUnixUs(text);
  if (unixUs === undefined) return err(parseError(text, LAYOUT, [...DATE_AND_TIME, ZONE]));
  return ok(`${formatUnixSeconds(Math.floor(unixUs / 1e6))}Z`);
}

/** metav1.MicroTime, which insists on six digits after the point. Source: micro_time.go, UnmarshalJSON. */
export function canonicalMicroTime(text: string): Result<string, string> {
  const unixUs = /\.\d{6}(?:Z|[+-]\d\d:\d\d)$/.test(text) ? parseUnixUs(text) : undefined;
  if (unixUs === undefined) return err(parseError(text, MICRO_LAYOUT, [...DATE_AND_TIME, FRACTION, ZONE]));
  const seconds = Math.floor(unixUs / 1e6);
  return ok(`${formatUnixSeconds(seconds)}.${String(unixUs - seconds * 1e6).padStart(6, "0")}Z`);
}

function parseError(text: string, layout: string, parts: readonly (readonly [string, RegExp])[]): string {
  let rest = text;
  for (const [element, pattern] of parts) {
    if (element === "Z07:00" && layout === LAYOUT) rest = rest.replace(ANY_FRACTION, "");
    const match = pattern.exec(rest);
    if (match === null) return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`;
    const range = rangeError(element, Number(match[0]), text);
    if (range !== undefined) return range;
    rest = rest.slice(match[0].length);
  }
  if (rest !== "") return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${JSON.stringify(text)}: day out of range`;
}

const RANGES: Readonly<Record<string, readonly [min: number, max: number, name: string]>> = {
  "01": [1, 12, "month"], "02": [1, 31, "day"], "15": [0, 23, "hour"], "04": [0, 59, "minute"], "05": [0, 59, "second"],
};

function rangeError(element: string, value: number, text: string): string | undefined {
  const range = RANGES[element];
  return range !== undefined && (value < range[0] || value > range[1]) ? `parsing time ${JSON.stringify(text)}: ${range[2]} out of range` : undefined;
}
