import type { Clock } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { ExecOptions, ExecSession } from "../runtime/contracts.ts";
import type { CommandLog } from "./command-log.ts";
import type { Machine } from "./machine.ts";

/** A pod that runs somewhere. */
export interface PodPlace {
  readonly machine: Machine;
  readonly namespace: string;
  readonly name: string;
}

/** Exec and attach from outside: everything that goes in is an input of the run, so all of it is logged. */
export class Sessions {
  private count = 0;

  constructor(
    private readonly clock: Clock,
    private readonly log: CommandLog,
  ) {}

  exec({ machine, namespace, name }: PodPlace, container: string | undefined, argv: readonly string[], options: ExecOptions): Result<ExecSession, string> {
    return this.open(`${namespace}/${name}`, container, argv, options, () => {
      const session = machine.kubelet.exec(namespace, name, container, argv, options);
      return session.ok ? session : err(session.error.message ?? "");
    });
  }

  attach({ machine, namespace, name }: PodPlace, container: string | undefined, options: ExecOptions): Result<ExecSession, string> {
    return this.open(`${namespace}/${name}`, container, undefined, options, () => {
      const sandbox = machine.runtime.sandboxes().find(({ config, state }) => state === "Ready" && config.podNamespace === namespace && config.podName === name);
      const running = machine.runtime.containers(sandbox?.id ?? "").filter((candidate) => candidate.state === "Running" && (container === undefined || candidate.name === container));
      const [first] = running;
      if (first === undefined) return err(container === undefined ? `pod ${name} has no running container` : `container ${container} not found in pod ${name}_${namespace}`);
      const session = machine.runtime.attach(first.id, options);
      return session.ok ? session : err(session.error.message);
    });
  }

  private open(pod: string, container: string | undefined, argv: readonly string[] | undefined, options: ExecOptions, start: () => Result<ExecSession, string>): Result<ExecSession, string> {
    this.log.record(this.clock.now(), { type: "exec", pod, container, argv, tty: options.tty, stdin: options.stdin, echo: options.echo ?? false });
    const exec = this.count++;
    const what = argv === undefined ? `attach ${pod}` : `exec ${pod}: ${argv.join(" ")}`;
    const session = this.clock.within(what, start, 0);
    if (!session.ok) return session;
    const input = (text: string | undefined, action: () => void): void => {
      this.log.record(this.clock.now(), { type: "exec-input", exec, text });
      this.clock.within(`input to ${what}`, action, 0);
    };
    return ok({
      ...session.value,
      write: (text) => input(text, () => session.value.write(text)),
      endInput: () => input(undefined, () => session.value.endInput()),
      kill: () => {
        this.log.record(this.clock.now(), { type: "exec-kill", exec });
        this.clock.within(`hang up on ${what}`, () => session.value.kill(), 0);
      },
    });
  }
}
