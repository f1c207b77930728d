import type { Process } from "../process/process.ts";
import { type CalendarTime, calendarTime } from "../text/calendar.ts";

/** The calendar as this process sees it. */
export function wallClock(process: Process): CalendarTime {
  const { clock, time } = process.world;
  const us = clock.now();
  return calendarTime(time.epochSeconds + Math.floor(us / 1e6), (us % 1_000_000) * 1_000);
}

/** The calendar at a simulated time, for file dates. */
export const calendarAt = (process: Process, us: number): CalendarTime => calendarTime(process.world.time.epochSeconds + Math.floor(us / 1e6), (us % 1_000_000) * 1_000);
