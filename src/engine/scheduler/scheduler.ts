import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import { DEFAULT_PROFILE, type Profile } from "./profiles.ts";
import { AttemptLog } from "./attempts.ts";
import { SchedulerRun } from "./scheduler-run.ts";
import type { SchedulingAttempt } from "./verdict.ts";

/** kube-scheduler. `stop` forgets everything but the attempts; `start` after it lists again, like a new process. */
export interface Scheduler {
  start(): void;
  stop(): void;
  /** The latest attempts of a pod ("namespace/name"), newest last. */
  attempts(podKey: string): readonly SchedulingAttempt[];
}

export interface SchedulerInput {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  /** Told of every attempt, in the event in which it is made. */
  readonly onAttempt: (attempt: SchedulingAttempt) => void;
  readonly profile?: Profile;
  /** clientConnection of the scheduler's configuration; 50 and 100. */
  readonly rate?: { readonly qps: number; readonly burst: number };
}

export function createScheduler({ context, connection, onAttempt, profile = DEFAULT_PROFILE, rate = { qps: 50, burst: 100 } }: SchedulerInput): Scheduler {
  const log = new AttemptLog();
  let run: SchedulerRun | undefined;
  return {
    start() {
      run ??= new SchedulerRun(context, connection, profile, rate, (attempt) => {
        log.add(attempt);
        onAttempt(attempt);
      });
    },
    stop() {
      run?.stop();
      run = undefined;
    },
    attempts: (podKey) => log.of(podKey),
  };
}
