import fc from "fast-check";
import { expect, test } from "vitest";
import { isTimeZone, parseCronSchedule } from "./cron-schedule.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

// Cases of the library's TestRange, TestField, TestStandardSpecSchedule.
test.each<[string, object]>([
  ["*/15 0 1,15 * 1-5", { minutes: [0, 15, 30, 45], hours: [0], daysOfMonth: [1, 15], months: range(1, 12), daysOfWeek: [1, 2, 3, 4, 5], bothDays: false }],
  ["5 * * * *", { minutes: [5], hours: range(0, 23), bothDays: true }],
  ["5/20 * * * ?", { minutes: [5, 25, 45], bothDays: true }],
  ["0 0 * jan-MAR sun,Sat", { months: [1, 2, 3], daysOfWeek: [0, 6], bothDays: true }],
  ["0 0 */1 * 1", { daysOfMonth: range(1, 31), bothDays: true }],
  ["0 0 */2 * 1", { bothDays: false }],
  ["@hourly", { minutes: [0], hours: range(0, 23) }],
  ["@weekly", { minutes: [0], hours: [0], daysOfWeek: [0] }],
  ["@every 1h30m", { everySeconds: 5400 }],
  ["@every 300ms", { everySeconds: 1 }],
  ["CRON_TZ=Europe/Berlin 0 5 * * *", { hours: [5], timeZone: "Europe/Berlin" }],
])("%s", (text, expected) => {
  const parsed = parseCronSchedule(text);
  expect(parsed.ok && parsed.value).toMatchObject(expected);
});

test.each([
  ["", "empty spec string"],
  ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
  ["61 * * * *", "end of range (61) above maximum (59): 61"],
  ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
  ["* * * * 7", "end of range (7) above maximum (6): 7"],
  ["5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"],
  ["*/0 * * * *", "step of range should be a positive number: */0"],
  ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
  ["*/1/2 * * * *", "too many slashes: */1/2"],
  ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ["* * * constructor *", 'failed to parse int from constructor: strconv.Atoi: parsing "constructor": invalid syntax'],
  ["-1 * * * *", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ["@never", "unrecognized descriptor: @never"],
  ["@every 5", 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ["@every 5 minutes", 'failed to parse duration @every 5 minutes: time: unknown unit " minutes" in duration "5 minutes"'],
  ["TZ=Mars/Phobos * * * * *", "provided bad location Mars/Phobos: unknown time zone Mars/Phobos"],
])("%s: %s", (text, error) => {
  expect(parseCronSchedule(text)).toEqual({ ok: false, error });
});

test("time zones", () => {
  expect(["UTC", "Europe/Berlin", "Etc/GMT+5", "Mars/Phobos", "", "+01:00", "../etc/passwd"].map(isTimeZone)).toEqual([true, true, true, false, false, false, false]);
});

test("whatever is written, it is read or refused", () => {
  const part = fc.oneof(fc.constantFrom("*", "?", "*/5", "1-3", "mon", "feb", ",", "1,2", "0/7"), fc.string({ maxLength: 4 }));
  fc.assert(fc.property(fc.array(part, { minLength: 4, maxLength: 6 }), (parts) => {
    const parsed = parseCronSchedule(parts.join(" "));
    if (parsed.ok) for (const minute of parsed.value.minutes) expect(minute >= 0 && minute <= 59).toBe(true);
    else expect(parsed.error).not.toBe("");
  }), { numRuns: 500 });
});
