import type { ExecOptions, ExecSession } from "../contracts.ts";
import { NullFile, type OpenFile, SinkFile } from "./open-file.ts";
import { createPipe } from "./pipe.ts";
import type { Process } from "./process.ts";
import { LineDiscipline } from "./tty.ts";

/** Standard input that somebody outside writes to. */
export class SessionInput {
  readonly file: OpenFile;
  private readonly writer: OpenFile;
  private open = true;

  constructor(isTty: boolean) {
    const pipe = createPipe(isTty ? "/dev/pts/0" : "pipe:[stdin]", isTty);
    this.file = pipe.reader;
    this.writer = pipe.writer;
    pipe.reader.retain(); // a session may write before and after the process reads
    pipe.writer.retain();
  }

  write(text: string): void {
    if (this.open) this.writer.write(text);
  }

  end(): void {
    if (!this.open) return;
    this.open = false;
    this.writer.release();
  }
}

const NOBODY: readonly ExecOptions[] = [];

/** Output of a container's first process: to its log, and to whoever is attached. */
export class SessionOutput {
  private readonly toLog: (stream: "stdout" | "stderr", text: string) => void;
  private attached: readonly ExecOptions[] = NOBODY;

  constructor(toLog: (stream: "stdout" | "stderr", text: string) => void) {
    this.toLog = toLog;
  }

  write(stream: "stdout" | "stderr", text: string): void {
    this.toLog(stream, text);
    for (const options of this.attached) options[stream](options.tty && options.echo === true ? text.replaceAll("\n", "\r\n") : text);
  }

  end(code: number): void {
    const { attached } = this;
    this.attached = NOBODY;
    for (const options of attached) options.exit(code);
  }

  attach(options: ExecOptions, input: SessionInput | undefined, first: Process): ExecSession {
    this.attached = [...this.attached, options];
    return sessionFor(options, input, first, () => (this.attached = this.attached.filter((other) => other !== options)));
  }
}

/** A session's streams, made before the process that will use them. */
export function openSession(options: ExecOptions): { readonly files: readonly OpenFile[]; readonly session: ExecSession; attachTo(process: Process): void; close(): void } {
  const input = options.stdin ? new SessionInput(options.tty) : undefined;
  let process: Process | undefined;
  const outward = (write: (text: string) => void) => (text: string): void => write(options.tty && options.echo === true ? text.replaceAll("\n", "\r\n") : text);
  const stdout = new SinkFile(options.tty ? "/dev/pts/0" : "pipe:[stdout]", outward(options.stdout), options.tty);
  const stderr = options.tty ? stdout : new SinkFile("pipe:[stderr]", outward(options.stderr));
  const stdin = input?.file ?? (options.tty ? new NullFile("/dev/pts/0", true) : new NullFile());
  return {
    files: [stdin, stdout, stderr],
    session: sessionFor(options, input, () => process, () => {}),
    attachTo(started) {
      process = started;
      started.onExit((code) => options.exit(code));
    },
    close: () => input?.end(),
  };
}

/** `target`: whom Ctrl-C and `kill` are meant for. */
function sessionFor(options: ExecOptions, input: SessionInput | undefined, target: Process | (() => Process | undefined), detach: () => void): ExecSession {
  const process = (): Process | undefined => (typeof target === "function" ? target() : target);
  const queued = <T>(action: () => T): T => {
    const found = process();
    return found === undefined ? action() : found.table.batch(action);
  };
  const discipline = !options.tty || input === undefined ? undefined : new LineDiscipline({
    deliver: (text) => input.write(text),
    end: () => input.end(),
    interrupt: () => interrupt(process()),
    echo: options.echo === true ? options.stdout : undefined,
  });
  return {
    write: (text) => queued(() => (discipline === undefined ? input?.write(text) : discipline.type(text))),
    endInput: () => queued(() => input?.end()),
    kill: () => {
      detach();
      const found = process();
      if (found !== undefined && found.pid !== 1) queued(() => killTree(found));
    },
  };
}

/** Ctrl-C reaches everything in the foreground: the programs that a shell runs, and the shell. */
function interrupt(process: Process | undefined): void {
  if (process === undefined) return;
  for (const other of process.table.all()) if (isUnder(other, process)) other.signal("INT");
  process.signal("INT");
}

function killTree(process: Process): void {
  for (const other of process.table.all()) if (isUnder(other, process)) other.signal("KILL", true);
  process.signal("KILL", true);
}

function isUnder(process: Process, ancestor: Process): boolean {
  let at: Process | undefined = process;
  for (let i = 0; i < 64 && at !== undefined && at.pid > 1; i++) {
    if (at.ppid === ancestor.pid) return at !== ancestor;
    at = at.table.get(at.ppid);
  }
  return false;
}
