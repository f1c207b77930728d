import type { Cluster, Command } from "../../engine/cluster/contracts.ts";
import type { ExecSession } from "../../engine/runtime/contracts.ts";

const NOWHERE = { stdout: (): void => {}, stderr: (): void => {}, exit: (): void => {} };

/** Plays a command log into a fresh cluster, each command at its time, runs on to `untilMs` and gives the hash of the state. */
export function replayHash(cluster: Cluster, commands: readonly Command[], untilMs: number): string {
  const execs: (ExecSession | undefined)[] = [];
  for (const command of commands) {
    const waitUs = command.atUs - cluster.nowUs();
    if (waitUs > 0) cluster.runFor(waitUs / 1_000);
    apply(cluster, command, execs);
  }
  if (untilMs > cluster.now()) cluster.runFor(untilMs - cluster.now());
  return cluster.stateHash();
}

function apply(cluster: Cluster, command: Command, execs: (ExecSession | undefined)[]): void {
  switch (command.type) {
    case "request": cluster.request(command.request).stream?.listen({ chunk: () => {}, end: () => {} }); return;
    case "send": cluster.send(command.request); return;
    case "exec": {
      const options = { tty: false, stdin: true, ...NOWHERE };
      const session = command.argv === undefined ? cluster.attach?.(command.pod, command.container, options) : cluster.exec(command.pod, command.container, command.argv, options);
      execs.push(session?.ok === true ? session.value : undefined);
      return;
    }
    case "exec-input": {
      const session = execs[command.exec];
      if (command.text === undefined) session?.endInput();
      else session?.write(command.text);
      return;
    }
    case "fault": cluster.fault(command.fault); return;
  }
}
