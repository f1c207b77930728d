/** Go's text of a duration: "1m20s", "10s", "1.234s", "15ms", "0s". Source: Go, time.Duration.String. */
export function goDuration(us: number): string {
  if (us === 0) return "0s";
  const sign = us < 0 ? "-" : "";
  const magnitude = Math.abs(Math.round(us));
  if (magnitude < 1_000) return `${sign}${magnitude}µs`;
  if (magnitude < 1_000_000) return `${sign}${decimal(magnitude, 1_000)}ms`;
  const minutes = Math.floor(magnitude / 60_000_000);
  const seconds = `${decimal(magnitude - minutes * 60_000_000, 1_000_000)}s`;
  if (minutes === 0) return sign + seconds;
  return minutes < 60 ? `${sign}${minutes}m${seconds}` : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

/** `value / unit` with as many decimals as it needs. */
function decimal(value: number, unit: number): string {
  const whole = Math.floor(value / unit);
  const rest = value - whole * unit;
  if (rest === 0) return String(whole);
  return `${whole}.${String(rest).padStart(String(unit).length - 1, "0").replace(/0+$/, "")}`;
}

/** Age as kubectl prints it: "2m5s", "3h12m", "47h", "3d2h". Source: apimachinery/pkg/util/duration/duration.go, HumanDuration. */
export function humanDuration(us: number): string {
  const seconds = Math.trunc(us / 1_000_000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return withRest(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return withRest(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return withRest(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return days < 2_920 ? withRest(years, "y", days % 365, "d") : `${years}y`;
}

const withRest = (large: number, unit: string, small: number, smallUnit: string): string => (small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`);
