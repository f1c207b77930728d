/** Why the last attempt to start a container failed. */
export interface StartFailure {
  /** "ErrImagePull", "CrashLoopBackOff", … */
  readonly reason: string;
  readonly message: string;
}

/** The last start failure per container of one pod. Source: pkg/kubelet/reason_cache.go. */
export class ReasonCache {
  private failures: Map<string, StartFailure> | undefined;

  get(container: string): StartFailure | undefined {
    return this.failures?.get(container);
  }

  set(container: string, failure: StartFailure | undefined): void {
    if (failure === undefined) this.failures?.delete(container);
    else (this.failures ??= new Map()).set(container, failure);
  }
}
