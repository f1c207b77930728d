import { err, ok, type Result } from "../../kernel/result.ts";
import { own } from "../shared/own.ts";

/** When a schedule fires: numbers of each field, sorted; or every so many seconds. */
export interface CronSchedule {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** With a star in either of the two day fields both must match; without, one of them is enough. */
  readonly bothDays: boolean;
  /** "@every 90s": set instead of the fields. */
  readonly everySeconds?: number;
  /** From "TZ=…" or "CRON_TZ=…". */
  readonly timeZone?: string;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Bounds[] = [{ min: 0, max: 59 }, { min: 0, max: 23 }, { min: 1, max: 31 }, { min: 1, max: 12, names: MONTHS }, { min: 0, max: 6, names: DAYS }];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};
const UNIT_SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Reads a standard five-field schedule; errors are the library's. Source: github.com/robfig/cron/v3, parser.go, ParseStandard. */
export function parseCronSchedule(text: string): Result<CronSchedule, string> {
  if (text === "") return err("empty spec string");
  const zone = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/.exec(text);
  const timeZone = zone?.[1];
  if (timeZone !== undefined && !isTimeZone(timeZone)) return err(`provided bad location ${timeZone}: unknown time zone ${timeZone}`);
  const spec = (zone?.[2] ?? text).trim();
  const parsed = spec.startsWith("@") ? parseDescriptor(spec) : parseFields(spec);
  return parsed.ok && timeZone !== undefined ? ok({ ...parsed.value, timeZone }) : parsed;
}

/** Whether time zones are known by this name. Differs: names are not case-sensitive here. Source: Go, time.LoadLocation. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // a RangeError is how Intl says no
  }
}

function parseDescriptor(spec: string): Result<CronSchedule, string> {
  const same = own(DESCRIPTORS, spec);
  if (same !== undefined) return parseFields(same);
  if (!spec.startsWith("@every ")) return err(`unrecognized descriptor: ${spec}`);
  const seconds = goSeconds(spec.slice("@every ".length));
  if (!seconds.ok) return err(`failed to parse duration ${spec}: ${seconds.error}`);
  // Whole seconds, at least one.
  return ok({ minutes: [], hours: [], daysOfMonth: [], months: [], daysOfWeek: [], bothDays: false, everySeconds: Math.max(1, Math.floor(seconds.value)) });
}

/** Source: Go, time.ParseDuration. */
function goSeconds(text: string): Result<number, string> {
  const quoted = JSON.stringify(text);
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return ok(0);
  if (body === "") return err(`time: invalid duration ${quoted}`);
  let seconds = 0;
  let rest = body;
  while (rest !== "") {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (part === null) return err(`time: invalid duration ${quoted}`);
    const unit = part[2] ?? "";
    if (unit === "") return err(`time: missing unit in duration ${quoted}`);
    const scale = own(UNIT_SECONDS, unit);
    if (scale === undefined) return err(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    seconds += Number(part[1]) * scale;
    rest = rest.slice(part[0].length);
  }
  return ok(text.startsWith("-") ? -seconds : seconds);
}

function parseFields(spec: string): Result<CronSchedule, string> {
  const texts = spec.split(/\s+/).filter((text) => text !== "");
  if (texts.length !== FIELDS.length) return err(`expected exactly 5 fields, found ${texts.length}: [${texts.join(" ")}]`);
  const fields: Field[] = [];
  for (const [index, bounds] of FIELDS.entries()) {
    const field = parseField(texts[index] ?? "", bounds);
    if (!field.ok) return field;
    fields.push(field.value);
  }
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields.map(({ numbers }) => numbers);
  return ok({
    minutes: minutes ?? [], hours: hours ?? [], daysOfMonth: daysOfMonth ?? [], months: months ?? [], daysOfWeek: daysOfWeek ?? [],
    bothDays: fields[2]?.star === true || fields[4]?.star === true,
  });
}

interface Field {
  readonly numbers: readonly number[];
  readonly star: boolean;
}

/** A list of ranges. Source: getField. */
function parseField(text: string, bounds: Bounds): Result<Field, string> {
  const numbers = new Set<number>();
  let star = false;
  for (const expression of text.split(",").filter((part) => part !== "")) {
    const range = parseRange(expression, bounds);
    if (!range.ok) return range;
    for (let value = range.value.start; value <= range.value.end; value += range.value.step) numbers.add(value);
    star ||= range.value.star;
  }
  return ok({ numbers: [...numbers].sort((a, b) => a - b), star });
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly star: boolean;
}

/** "*", "5", "1-5", each with "/step". Source: getRange. */
function parseRange(expression: string, { min, max, names }: Bounds): Result<Range, string> {
  const [range = "", stepText, ...slashes] = expression.split("/");
  const [lowText = "", highText, ...hyphens] = range.split("-");
  const wild = lowText === "*" || lowText === "?";
  let [start, end, step] = [min, max, 1];
  if (!wild) {
    const low = parseNumber(lowText, names);
    if (!low.ok) return low;
    start = end = low.value;
    if (hyphens.length > 0) return err(`too many hyphens: ${expression}`);
    if (highText !== undefined) {
      const high = parseNumber(highText, names);
      if (!high.ok) return high;
      end = high.value;
    }
  }
  if (slashes.length > 0) return err(`too many slashes: ${expression}`);
  if (stepText !== undefined) {
    const parsed = parseNumber(stepText);
    if (!parsed.ok) return parsed;
    step = parsed.value;
    if (highText === undefined) end = max; // "N/step" means "N-max/step"
  }
  if (start < min) return err(`beginning of range (${start}) below minimum (${min}): ${expression}`);
  if (end > max) return err(`end of range (${end}) above maximum (${max}): ${expression}`);
  if (start > end) return err(`beginning of range (${start}) beyond end of range (${end}): ${expression}`);
  if (step === 0) return err(`step of range should be a positive number: ${expression}`);
  return ok({ start, end, step, star: wild && step === 1 });
}

/** Source: parseIntOrName, mustParseInt. */
function parseNumber(text: string, names?: readonly string[]): Result<number, string> {
  const named = text === "" ? -1 : (names?.indexOf(text.toLowerCase()) ?? -1);
  if (named >= 0) return ok(named);
  if (!/^[+-]?\d+$/.test(text)) return err(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  return value < 0 ? err(`negative number (${value}) not allowed: ${text}`) : ok(value);
}
