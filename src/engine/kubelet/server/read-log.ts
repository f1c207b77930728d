import type { TimeText } from "../../apimachinery/time-text.ts";
import { utf8Length } from "../../apimachinery/object-meta.ts";
import type { ContainerInfo, ContainerLog, ContainerRuntime, LogLine } from "../../runtime/contracts.ts";
import type { LogAnswer, LogFollow, LogOptions } from "../contracts.ts";

export interface ReadLogInput {
  readonly log: ContainerLog;
  readonly container: ContainerInfo;
  readonly runtime: ContainerRuntime;
  readonly options: LogOptions;
  readonly time: TimeText;
  readonly nowUs: number;
}

/** Source: staging/src/k8s.io/cri-client/pkg/logs/logs.go, ReadLogs. */
export function readLog(input: ReadLogInput): LogAnswer {
  const { options, log } = input;
  const sinceUs = Math.max(options.sinceUs ?? -Infinity, options.sinceSeconds === undefined ? -Infinity : input.nowUs - options.sinceSeconds * 1e6);
  const lines = log.lines();
  const from = options.tailLines === undefined ? 0 : Math.max(0, lines.length - options.tailLines);
  const budget = new ByteBudget(options.limitBytes);
  let text = "";
  for (let i = from; i < lines.length && !budget.isSpent; i++) {
    const line = lines[i] as LogLine;
    if (line.atUs >= sinceUs) text += budget.take(formatLine(line, options, input.time));
  }
  return options.follow === true ? { text, follow: followLog(input, budget) } : { text };
}

/** At most so many bytes are handed out; a line may be cut. */
class ByteBudget {
  private left: number;

  constructor(limit: number | undefined) {
    this.left = limit ?? Infinity;
  }

  get isSpent(): boolean {
    return this.left <= 0;
  }

  take(text: string): string {
    const bytes = utf8Length(text);
    if (bytes <= this.left) {
      this.left -= bytes;
      return text;
    }
    let cut = text.slice(0, Math.max(0, this.left));
    while (utf8Length(cut) > this.left) cut = cut.slice(0, -1);
    this.left = 0;
    return cut;
  }
}

/** With nanoseconds, of which the last three are always zero here. */
const formatLine = (line: LogLine, { timestamps }: LogOptions, time: TimeText): string =>
  timestamps === true ? `${time.micros(line.atUs).slice(0, -1)}000Z ${line.text}\n` : `${line.text}\n`;

/** Lines from now on; ends with the container. What comes before somebody listens is kept. */
function followLog({ log, container, runtime, options, time }: ReadLogInput, budget: ByteBudget): LogFollow {
  const kept: string[] = [];
  let listener: Parameters<LogFollow["listen"]>[0] | undefined;
  let isEnded = false;
  const finish = (): void => {
    if (isEnded) return;
    isEnded = true;
    stopLines();
    stopWatching();
    listener?.end();
  };
  const stopLines = log.follow((line) => {
    const text = budget.take(formatLine(line, options, time));
    if (text !== "") {
      if (listener === undefined) kept.push(text);
      else listener.line(text);
    }
    if (budget.isSpent) finish();
  });
  const stopWatching = runtime.onChange((_, id) => {
    if (id === container.id && runtime.container(id)?.state !== "Running") finish();
  });
  if (container.state === "Exited" || budget.isSpent) finish();
  return {
    listen(next) {
      listener = next;
      for (const text of kept.splice(0)) next.line(text);
      if (isEnded) next.end();
    },
    close() {
      listener = undefined;
      finish();
    },
  };
}
