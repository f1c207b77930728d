const FIRST_US = 1e6;
const LAST_US = 15 * 60 * 1e6;

/** Back-off of killing failed daemon pods, per set and node: a kubelet that rejects the pod would otherwise be asked in a tight loop. */
export class FailedPodsBackoff {
  private readonly entries = new Map<string, { delayUs: number; sinceUs: number }>();

  /** µs still to wait; 0 when the pod may be killed now, which counts as done. */
  next(key: string, nowUs: number): number {
    const entry = this.entries.get(key);
    if (entry === undefined || nowUs - entry.sinceUs > 2 * LAST_US) {
      this.entries.set(key, { delayUs: FIRST_US, sinceUs: nowUs });
      return 0;
    }
    if (nowUs - entry.sinceUs < entry.delayUs) return entry.delayUs;
    entry.delayUs = Math.min(2 * entry.delayUs, LAST_US);
    entry.sinceUs = nowUs;
    return 0;
  }
}
