import type { Cancel, Clock } from "../kernel/clock.ts";

/**
 * Starts something and calls `resume` once, when it is over. Returns what gives it up; a wait that returns nothing cannot be given
 * up (a call to the runtime is under way), and a cancelled task ends after it.
 */
export type Wait = (resume: (value: unknown) => void) => Cancel | undefined;

/** Work that waits in simulated time: a generator that yields its waits, so that a pod's life reads from top to bottom. */
export type Task<T> = Generator<Wait, T, unknown>;

/** What a cancelled task ends with. */
export const CANCELLED: unique symbol = Symbol("cancelled");

export interface RunningTask {
  /** Ends the task at its present wait, or right after it when that wait cannot be given up. */
  cancel(): void;
  /** The process is gone: nothing of the task runs any more, not even its end. */
  abandon(): void;
}

/** One wait: `const image = yield* until((done) => runtime.pullImage(…, done))`. */
export function* until<T>(start: (done: (value: T) => void) => Cancel | undefined): Task<T> {
  return (yield start as Wait) as T;
}

/** A wait for something that cannot be given up. */
export function* untilDone<T>(start: (done: (value: T) => void) => void): Task<T> {
  return yield* until<T>((done) => {
    start(done);
    return undefined;
  });
}

export const sleep = (clock: Clock, delayUs: number, label: string): Task<undefined> => until((done) => clock.after(delayUs, label, () => done(undefined)));

/** All at the same time; ends when the last has ended. */
export function* all(tasks: readonly Task<unknown>[]): Task<undefined> {
  if (tasks.length === 0) return undefined;
  return yield* until<undefined>((done) => {
    let left = tasks.length;
    const running = tasks.map((task) => runTask(task, () => { if (--left === 0) done(undefined); }));
    return () => { for (const one of running) one.cancel(); };
  });
}

/** The task's value, or undefined when it was not over after `limitUs`; then it is cancelled. */
export function* within<T>(clock: Clock, limitUs: number, label: string, task: Task<T>): Task<{ readonly value: T } | undefined> {
  return yield* until<{ readonly value: T } | undefined>((done) => {
    const timer = clock.after(limitUs, label, () => { running.cancel(); done(undefined); });
    const running = runTask(task, (value) => {
      timer();
      if (value !== CANCELLED) done({ value });
    });
    return () => { timer(); running.cancel(); };
  });
}

/** Runs a task until it ends. `onEnd` gets its value or CANCELLED, possibly before this returns. */
export function runTask<T>(task: Task<T>, onEnd?: (value: T | typeof CANCELLED) => void): RunningTask {
  let state: "waiting" | "running" | "over" = "waiting";
  let isCancelled = false;
  let giveUp: Cancel | undefined;
  const end = (value: T | typeof CANCELLED): void => {
    state = "over";
    onEnd?.(value);
  };
  const stop = (abandonWait?: Cancel): void => {
    state = "over"; // first, so that what is given up cannot resume the task
    abandonWait?.();
    task.return(undefined as T);
    onEnd?.(CANCELLED);
  };
  const advance = (first: unknown): void => {
    let input = first;
    while (state !== "over") {
      if (isCancelled) return stop();
      state = "running";
      const step = task.next(input);
      if (step.done === true) return end(isCancelled ? CANCELLED : step.value);
      const settled = startWait(step.value);
      if (settled === undefined) return;
      input = settled.value;
    }
  };
  /** The value, when the wait was over at once. */
  const startWait = (wait: Wait): { readonly value: unknown } | undefined => {
    let now: { readonly value: unknown } | undefined;
    let isStarting = true;
    let isUsed = false;
    giveUp = wait((value) => {
      if (isUsed || state === "over") return;
      isUsed = true;
      if (isStarting) now = { value };
      else advance(value);
    });
    isStarting = false;
    if (now !== undefined) return now;
    state = "waiting";
    if (isCancelled && giveUp !== undefined) stop(giveUp);
    return undefined;
  };
  advance(undefined);
  return {
    cancel() {
      if (state === "over" || isCancelled) return;
      isCancelled = true;
      if (state === "waiting" && giveUp !== undefined) stop(giveUp);
    },
    abandon() {
      if (state === "over") return;
      const wasWaiting = state === "waiting";
      state = "over";
      giveUp?.();
      if (wasWaiting) task.return(undefined as T);
    },
  };
}
