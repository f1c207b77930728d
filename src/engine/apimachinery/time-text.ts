import type { SimTimeUs } from "../kernel/time.ts";

/**
 * Turns simulated time into the text that API objects carry, and back.
 * Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days); the engine has no Date.
 */
export interface TimeText {
  /** metav1.Time: whole seconds, "2026-01-01T00:00:05Z". */
  seconds(at: SimTimeUs): string;
  /** metav1.MicroTime: "2026-01-01T00:00:05.000123Z". */
  micros(at: SimTimeUs): string;
  /** Simulated µs of an RFC 3339 text; undefined when it is not one. */
  parse(text: string): SimTimeUs | undefined;
  /** Unix seconds at simulated time 0. */
  readonly epochSeconds: number;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** `epoch` is what the calendar says at simulated time 0. */
export function createTimeText(epoch: string): TimeText {
  const epochUs = parseUnixUs(epoch);
  if (epochUs === undefined) throw new Error(`The epoch must be an RFC 3339 time like 2026-01-01T00:00:00Z, not ${JSON.stringify(epoch)}`);
  return {
    seconds: (at) => `${formatUnixSeconds(Math.floor((epochUs + at) / 1e6))}Z`,
    micros: (at) => `${formatUnixSeconds(Math.floor((epochUs + at) / 1e6))}.${String((epochUs + at) % 1e6).padStart(6, "0")}Z`,
    parse: (text) => {
      const unixUs = parseUnixUs(text);
      return unixUs === undefined ? undefined : ((unixUs - epochUs) as SimTimeUs);
    },
    epochSeconds: Math.floor(epochUs / 1e6),
  };
}

/** Unix microseconds of an RFC 3339 text. */
export function parseUnixUs(text: string): number | undefined {
  const m = RFC3339.exec(text);
  if (m === null) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = m[8] === undefined ? 0 : (m[8] === "-" ? -1 : 1) * (Number(m[9]) * 3600 + Number(m[10]) * 60);
  const micros = Number((m[7] ?? "").padEnd(6, "0").slice(0, 6));
  return (daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1e6 + micros;
}

/** "2026-01-01T00:00:05", without a zone. */
export function formatUnixSeconds(unix: number): string {
  const days = Math.floor(unix / 86_400);
  const { year, month, day } = civilFromDays(days);
  const rest = unix - days * 86_400;
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Calendar date of a day number counted from 1970-01-01. */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1 };
}
