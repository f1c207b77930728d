import { civilFromDays } from "../../apimachinery/time-text.ts";

/** Broken-down UTC time. Containers here have no time zone data: TZ is not looked at. */
export interface CalendarTime {
  readonly unix: number;
  readonly nanos: number;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly yearDay: number;
}

export const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"] as const;
export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

export function calendarTime(unix: number, nanos = 0): CalendarTime {
  const days = Math.floor(unix / 86_400);
  const rest = unix - days * 86_400;
  const { year, month, day } = civilFromDays(days);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const yearDay = lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0) + day;
  return { unix, nanos, year, month, day, hour: Math.floor(rest / 3600), minute: Math.floor(rest / 60) % 60, second: rest % 60, weekday: (((days + 4) % 7) + 7) % 7, yearDay };
}

/** strftime(3) in the C locale. Unknown letters are left as they are. */
export function strftime(format: string, time: CalendarTime): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const month = MONTHS[time.month - 1] ?? "";
  const weekday = WEEKDAYS[time.weekday] ?? "";
  const one = (letter: string): string | undefined => {
    switch (letter) {
      case "Y": return String(time.year);
      case "C": return two(Math.floor(time.year / 100));
      case "y": return two(time.year % 100);
      case "m": return two(time.month);
      case "d": return two(time.day);
      case "e": return String(time.day).padStart(2);
      case "H": return two(time.hour);
      case "k": return String(time.hour).padStart(2);
      case "I": return two(time.hour % 12 || 12);
      case "l": return String(time.hour % 12 || 12).padStart(2);
      case "M": return two(time.minute);
      case "S": return two(time.second);
      case "N": return String(time.nanos).padStart(9, "0");
      case "p": return time.hour < 12 ? "AM" : "PM";
      case "P": return time.hour < 12 ? "am" : "pm";
      case "a": return weekday.slice(0, 3);
      case "A": return weekday;
      case "b":
      case "h": return month.slice(0, 3);
      case "B": return month;
      case "j": return String(time.yearDay).padStart(3, "0");
      case "u": return String(time.weekday || 7);
      case "w": return String(time.weekday);
      case "s": return String(time.unix);
      case "z": return "+0000";
      case "Z": return "UTC";
      case "n": return "\n";
      case "t": return "\t";
      case "%": return "%";
      case "F": return strftime("%Y-%m-%d", time);
      case "T": return strftime("%H:%M:%S", time);
      case "R": return strftime("%H:%M", time);
      case "r": return strftime("%I:%M:%S %p", time);
      case "D":
      case "x": return strftime("%m/%d/%y", time);
      case "X": return strftime("%H:%M:%S", time);
      case "c": return strftime("%a %b %e %H:%M:%S %Y", time);
      default: return undefined;
    }
  };
  return format.replace(/%(-|_|0|\^)?(\d*)([A-Za-z%])/g, (whole, flag: string | undefined, width: string, letter: string) => {
    if (letter === "N" && width !== "") return String(time.nanos).padStart(9, "0").slice(0, Number(width));
    const text = one(letter);
    if (text === undefined) return whole;
    if (flag === "-") return text.replace(/^[0 ]+(?=.)/, "");
    if (flag === "^") return text.toUpperCase();
    return text;
  });
}
