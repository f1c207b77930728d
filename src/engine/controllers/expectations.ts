const TIMEOUT_US = 5 * 60 * 1e6;

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  sinceUs: number;
}

/**
 * Creates and deletes that a controller has asked for and not yet seen, per key: read-your-writes over a cache that lags behind.
 * Deletes are told apart by uid, so that a stranger's delete settles nothing.
 * Source: pkg/controller/controller_utils.go, ControllerExpectations and UIDTrackingControllerExpectations.
 */
export class Expectations {
  private readonly byKey = new Map<string, Expected>();

  expectCreations(key: string, count: number, nowUs: number): void {
    this.entry(key, nowUs).creations += count;
  }

  expectDeletion(key: string, uid: string, nowUs: number): void {
    this.entry(key, nowUs).deletions.add(uid);
  }

  /** Also for creates that failed or were never tried. */
  creationObserved(key: string, count = 1): void {
    const expected = this.byKey.get(key);
    if (expected !== undefined) expected.creations = Math.max(0, expected.creations - count);
  }

  deletionObserved(key: string, uid: string): void {
    this.byKey.get(key)?.deletions.delete(uid);
  }

  /** True when nothing is outstanding, or it has been for more than 5 minutes. */
  settled(key: string, nowUs: number): boolean {
    const expected = this.byKey.get(key);
    if (expected === undefined) return true;
    if (expected.creations > 0 || expected.deletions.size > 0) return nowUs - expected.sinceUs > TIMEOUT_US;
    this.byKey.delete(key);
    return true;
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }

  private entry(key: string, nowUs: number): Expected {
    let expected = this.byKey.get(key);
    if (expected === undefined) this.byKey.set(key, (expected = { creations: 0, deletions: new Set(), sinceUs: nowUs }));
    expected.sinceUs = nowUs;
    return expected;
  }
}
