import type { ExecSession } from "../runtime/contracts.ts";
import type { Cluster, ClusterOptions, Command } from "./contracts.ts";
import { createCluster } from "./create-cluster.ts";

/**
 * Makes the run that a command log stands for: a new cluster from the same options, with every input at its time.
 * Ends at the last input, or at `untilMs`. Output of execs goes nowhere.
 */
export function replay(options: ClusterOptions, log: readonly Command[], untilMs?: number): Cluster {
  const cluster = createCluster(options);
  const execs: (ExecSession | undefined)[] = [];
  for (const command of log) {
    cluster.runUntil(() => false, { limitMs: Math.max(0, command.atUs / 1_000 - cluster.now()) });
    play(cluster, command, execs);
  }
  if (untilMs !== undefined && untilMs > cluster.now()) cluster.runFor(untilMs - cluster.now());
  return cluster;
}

function play(cluster: Cluster, command: Command, execs: (ExecSession | undefined)[]): void {
  switch (command.type) {
    case "request":
      cluster.request(command.request).stream?.close();
      return;
    case "send":
      cluster.send(command.request);
      return;
    case "exec": {
      const ignore = (): void => {};
      const options = { tty: command.tty, stdin: command.stdin, echo: command.echo, stdout: ignore, stderr: ignore, exit: ignore };
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
    case "exec-kill":
      execs[command.exec]?.kill();
      return;
    case "fault":
      cluster.fault(command.fault);
  }
}
