const two = (n: number): string => String(n).padStart(2, "0");

/** "0:02:13.4": simulated time since the cluster was born. */
export function clockText(us: number, decimals = 1): string {
  const unit = 10 ** decimals;
  const ticks = Math.floor(us / (1e6 / unit));
  const whole = Math.floor(ticks / unit);
  const fraction = decimals === 0 ? "" : `.${String(ticks - whole * unit).padStart(decimals, "0")}`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}${fraction}`;
}
