import type { Process } from "./process.ts";
import type { Sys } from "./wait.ts";

/** Which family of tools a binary belongs to: decides the texts that it prints. */
export type Flavour = "busybox" | "gnu" | "bash" | "dash" | "plain";

/** An executable file: what to run, in which dialect. Stored as the content of the file, so that `cp` and volumes carry it. */
export interface Binary {
  readonly program: string;
  readonly flavour: Flavour;
  /** "1.37.0" of busybox, "1.29.1" of nginx; "" where it does not matter. */
  readonly version: string;
}

/** Something that can be run. Returns its exit code. */
export interface Program {
  readonly name: string;
  readonly run: (process: Process) => Sys<number>;
  /** Resident memory while it runs. */
  readonly memoryBytes?: number;
  /** µs of CPU that starting it takes. */
  readonly startUs?: number;
}

const ELF = "\x7fELF\x02\x01\x01";

export const binaryContent = (program: string, flavour: Flavour = "plain", version = ""): string => `${ELF}${program}\0${flavour}\0${version}\0`;

/** What an executable file's content names; undefined when it is not a binary of ours. */
export function readBinary(content: string): Binary | undefined {
  if (!content.startsWith(ELF)) return undefined;
  const [program = "", flavour = "plain", version = ""] = content.slice(ELF.length).split("\0");
  return { program, flavour: flavour as Flavour, version };
}

/** "#!/bin/sh -e" → ["/bin/sh", "-e"]. Source: fs/binfmt_script.c: everything after the first blank is one argument. */
export function readShebang(content: string): readonly string[] | undefined {
  if (!content.startsWith("#!")) return undefined;
  const line = content.slice(2, 256).split("\n", 1)[0]?.trim() ?? "";
  const blank = line.search(/[ \t]/);
  if (line === "") return undefined;
  return blank < 0 ? [line] : [line.slice(0, blank), line.slice(blank).trim()];
}
