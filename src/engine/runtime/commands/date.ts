import { parseUnixUs } from "../../apimachinery/time-text.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { type CalendarTime, calendarTime, strftime } from "../text/calendar.ts";
import { calendarAt, wallClock } from "./now.ts";

/** Source: busybox coreutils/date.c; GNU coreutils src/date.c, C locale. */
export const date: CommandSpec = {
  name: "date",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args.map((arg) => (arg === "-Iseconds" || arg === "--iso-8601=seconds" ? "-I=s" : arg === "-Is" ? "-I=s" : arg === "-I" || arg === "--iso-8601" ? "-I=d" : arg)), "ud:r:RI:D:s:", { utc: "u", universal: "u", date: "d", reference: "r", "rfc-email": "R", "rfc-2822": "R" });
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] [+FMT] [TIME]");
    let time = wallClock(call.process);
    const wanted = values.get("d");
    if (wanted !== undefined) {
      const parsed = parseDate(wanted, time);
      if (parsed === undefined) return yield* call.fail(call.isBusybox ? `invalid date '${wanted}'` : `invalid date '${wanted}'`);
      time = parsed;
    }
    const reference = values.get("r");
    if (reference !== undefined) {
      const node = call.stat(reference);
      if (!node.ok) return yield* call.fail(`${reference}: No such file or directory`);
      time = calendarAt(call.process, node.value.kind === "file" ? node.value.inode.modifiedUs : 0);
    }
    if (values.has("s")) return yield* call.fail(call.isBusybox ? "can't set date: Operation not permitted" : "cannot set date: Operation not permitted");
    const [operand] = rest;
    if (operand !== undefined && !operand.startsWith("+")) return yield* call.fail(call.isBusybox ? `invalid date '${operand}'` : `invalid date '${operand}'`);
    const iso = values.get("I");
    const format = operand?.slice(1) ?? (values.has("R") ? "%a, %d %b %Y %H:%M:%S %z" : iso === "=s" ? "%Y-%m-%dT%H:%M:%S+00:00" : iso !== undefined ? "%Y-%m-%d" : "%a %b %e %H:%M:%S %Z %Y");
    yield* call.out(`${strftime(format, time)}\n`);
    return 0;
  },
};

/** "@1700000000", "2026-01-01", "2026-01-01 12:00:00", "now", "1 day ago", "+2 hours". */
function parseDate(text: string, now: CalendarTime): CalendarTime | undefined {
  const trimmed = text.trim();
  if (/^@-?\d+$/.test(trimmed)) return calendarTime(Number(trimmed.slice(1)));
  if (trimmed === "" || trimmed === "now") return now;
  if (trimmed === "today") return now;
  if (trimmed === "yesterday") return calendarTime(now.unix - 86_400);
  if (trimmed === "tomorrow") return calendarTime(now.unix + 86_400);
  const relative = /^(?:now )?([+-]?)\s*(\d+)\s*(sec|second|min|minute|hour|day|week)s?( ago)?$/.exec(trimmed);
  if (relative !== null) {
    const units: Readonly<Record<string, number>> = { sec: 1, second: 1, min: 60, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
    const sign = (relative[1] === "-") !== (relative[4] !== undefined) ? -1 : 1;
    return calendarTime(now.unix + sign * Number(relative[2]) * (units[relative[3] ?? "sec"] ?? 1));
  }
  const absolute = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?)?(Z| ?UTC|[+-]\d\d:?\d\d)?$/.exec(trimmed);
  if (absolute === null) return undefined;
  const zone = absolute[4] === undefined || /Z|UTC/.test(absolute[4]) ? "Z" : absolute[4].replace(/(\d\d)(\d\d)$/, "$1:$2");
  const us = parseUnixUs(`${absolute[1]}T${absolute[2] ?? "00:00"}${absolute[3] ?? ":00"}${zone}`);
  return us === undefined ? undefined : calendarTime(Math.floor(us / 1e6));
}
