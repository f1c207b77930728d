import type { Cancel } from "../../kernel/clock.ts";
import type { OpenFile } from "./open-file.ts";
import type { SignalName } from "./signals.ts";

/**
 * What a program can wait for. Everything that needs no waiting is a method of `Process`.
 * A program is a generator: it yields these and is resumed in simulated time; it never sees a Promise.
 */
export type Wait =
  /** Computing: takes longer in a container with a CPU limit below one core. */
  | { readonly type: "cpu"; readonly us: number }
  | { readonly type: "sleep"; readonly us: number }
  | { readonly type: "readable"; readonly file: OpenFile }
  | { readonly type: "writable"; readonly file: OpenFile }
  /** A child ended, or a signal came that the program handles. */
  | { readonly type: "child" }
  /** A signal that the program handles; resumes with its name. */
  | { readonly type: "signal" }
  /** Another program takes over the process; what yielded this is never resumed. */
  | { readonly type: "exec"; readonly start: () => Sys<number> }
  /** An operation of the network (or any other callback); resumes with what `start` passes on. */
  | { readonly type: "call"; readonly label: string; readonly start: (resume: (value: unknown) => void) => Cancel };

/** A step of a program that gives a T. Call with `yield*`. */
export type Sys<T> = Generator<Wait, T, unknown>;

/** What a wait resumes with when a handled signal cut it short. */
export interface Interrupted {
  readonly interruptedBy: SignalName;
}

export const isInterrupted = (value: unknown): value is Interrupted => typeof value === "object" && value !== null && "interruptedBy" in value;
