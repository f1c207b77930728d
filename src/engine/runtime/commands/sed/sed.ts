import { errnoText } from "../../fs/errno.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../../process/invocation.ts";
import type { Sys } from "../../process/wait.ts";
import type { Regex } from "../../text/regex.ts";
import { type Address, parseSed, type SedCommand } from "./parse.ts";

const MAX_SPACE = 1 << 20;

export const sed: CommandSpec = {
  name: "sed",
  *run(call) {
    const args = call.args.map((arg) => (/^--in-place/.test(arg) ? `-i${arg.slice(10).replace(/^=/, "")}` : arg));
    const suffixArg = args.find((arg) => /^-[nErsz]*i./.test(arg));
    const { values, lists, rest, problem } = parseOptions(args.map((arg) => (/^-[nErsz]*i/.test(arg) ? arg.slice(0, arg.indexOf("i") + 1) : arg)), "nErisue:f:z", { quiet: "n", silent: "n", expression: "e", file: "f", "regexp-extended": "E", separate: "s", "null-data": "z", unbuffered: "u" });
    if (problem !== undefined) return yield* call.usage(problem, "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...");
    const files = [...rest];
    const pieces = [...(lists.get("e") ?? [])];
    for (const name of lists.get("f") ?? []) {
      const text = yield* call.readFile(name);
      if (!text.ok) return yield* call.fail(call.isBusybox ? `${name}: ${errnoText(text.error)}` : `couldn't open file ${name}: ${errnoText(text.error)}`);
      pieces.push(text.value.replace(/\n$/, ""));
    }
    if (pieces.length === 0) {
      const script = files.shift();
      if (script === undefined) return call.isBusybox ? yield* call.usage("", "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...") : yield* call.usage("no script specified");
      pieces.push(script);
    }
    const script = pieces.join("\n");
    const commands = parseSed(script, values.has("E") || values.has("r") ? "extended" : "basic");
    if (!commands.ok) return yield* call.fail(call.isBusybox ? commands.error.replace(/`(.*)'/, "$1") : `-e expression #1, char ${script.length}: ${commands.error}`);
    const inPlace = values.has("i");
    const suffix = suffixArg?.slice(suffixArg.indexOf("i") + 1) ?? "";
    let code = 0;
    const machine = new SedMachine(call, commands.value, values.has("n"));
    const inputs: { name: string; text: string }[] = [];
    for (const name of files.length === 0 ? ["-"] : files) {
      const text = yield* call.readFile(name);
      if (text.ok) inputs.push({ name, text: text.value });
      else {
        code = 1;
        if (call.isBusybox) yield* call.complain(`${name}: ${errnoText(text.error)}`);
        else yield* call.complain(text.error === "EISDIR" ? `couldn't edit ${name}: not a regular file` : `can't read ${name}: ${errnoText(text.error)}`);
      }
    }
    if (inPlace) {
      for (const input of inputs) {
        const output = yield* machine.run(input.text);
        if (suffix !== "") call.fs.writeText(call.path(input.name + suffix), input.text, call.who);
        const written = call.fs.writeText(call.path(input.name), output, call.who);
        if (!written.ok) return yield* call.fail(call.isBusybox ? `can't create temp file ${input.name}XXXXXX: ${errnoText(written.error)}` : `couldn't open temporary file ./sedXXXXXX: ${errnoText(written.error)}`, 4);
        machine.reset();
      }
      return code;
    }
    const output = yield* machine.run(inputs.map((input) => input.text).join(""));
    if (!(yield* call.out(output))) return 1;
    return machine.exitCode ?? code;
  },
};

class SedMachine {
  exitCode: number | undefined;
  private readonly call: Invocation;
  private readonly commands: readonly SedCommand[];
  private readonly quiet: boolean;
  private readonly active = new Map<SedCommand, number>();
  private hold = "";
  private lastRegex: Regex | undefined;

  constructor(call: Invocation, commands: readonly SedCommand[], quiet: boolean) {
    this.call = call;
    this.commands = commands;
    this.quiet = quiet;
  }

  reset(): void {
    this.active.clear();
    this.hold = "";
  }

  *run(text: string): Sys<string> {
    const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
    const out: string[] = [];
    let number = 0;
    let stop = false;
    let keep: string | undefined;
    while ((number < lines.length || keep !== undefined) && !stop) {
      let space = keep ?? lines[number++] ?? "";
      keep = undefined;
      const appended: string[] = [];
      let replaced = false;
      let deleted = false;
      let at = 0;
      let steps = 0;
      const cycleEnd = this.commands.length;
      while (at < cycleEnd) {
        if (++steps > 10_000) return out.join("");
        yield* this.call.process.compute(1);
        const command = this.commands[at];
        if (command === undefined) break;
        if (this.selects(command, number, number === lines.length, space) === command.negated) {
          at = command.name === "{" ? command.end : at + 1;
          continue;
        }
        at += 1;
        switch (command.name) {
          case "s": {
            const result = this.substitute(command, space);
            if (result === undefined) break;
            replaced = true;
            space = result.slice(0, MAX_SPACE);
            if (command.substitute?.print === true) out.push(`${space}\n`);
            if (command.substitute !== undefined && command.substitute.file !== "") this.write(command.substitute.file, space);
            break;
          }
          case "y": space = [...space].map((char) => command.map?.get(char) ?? char).join(""); break;
          case "p": out.push(`${space}\n`); break;
          case "P": out.push(`${space.split("\n")[0] ?? ""}\n`); break;
          case "=": out.push(`${number}\n`); break;
          case "l": out.push(`${space.replace(/\\/g, "\\\\").replace(/\t/g, "\\t")}$\n`); break;
          case "a": appended.push(command.text); break;
          case "i": out.push(command.text); break;
          case "c":
            if (command.to === undefined || !this.active.has(command)) out.push(command.text);
            deleted = true;
            at = cycleEnd;
            break;
          case "r": {
            const file = this.call.fs.readText(this.call.path(command.text), this.call.who);
            if (file.ok) appended.push(file.value);
            break;
          }
          case "w": this.write(command.text, space); break;
          case "d": deleted = true; at = cycleEnd; break;
          case "D":
            deleted = true;
            if (space.includes("\n")) keep = space.slice(space.indexOf("\n") + 1);
            at = cycleEnd;
            break;
          case "n":
            if (!this.quiet) out.push(`${space}\n`);
            if (number >= lines.length) { deleted = true; at = cycleEnd; stop = true; } else space = lines[number++] ?? "";
            break;
          case "N":
            if (number >= lines.length) { at = cycleEnd; stop = true; } else space += `\n${lines[number++] ?? ""}`;
            break;
          case "h": this.hold = space; break;
          case "H": this.hold = `${this.hold}\n${space}`.slice(0, MAX_SPACE); break;
          case "g": space = this.hold; break;
          case "G": space = `${space}\n${this.hold}`.slice(0, MAX_SPACE); break;
          case "x": [space, this.hold] = [this.hold, space]; break;
          case "z": space = ""; break;
          case "b": at = this.label(command.text); break;
          case "t": if (replaced) { replaced = false; at = this.label(command.text); } break;
          case "T": if (replaced) replaced = false; else at = this.label(command.text); break;
          case "q":
          case "Q":
            this.exitCode = Number(command.text || 0);
            if (command.name === "Q") deleted = true;
            stop = true;
            at = cycleEnd;
            break;
          default: break;
        }
      }
      if (!deleted && !this.quiet) out.push(`${space}\n`);
      out.push(...appended);
    }
    const whole = out.join("");
    // The last line keeps having no newline when it had none.
    return text !== "" && !text.endsWith("\n") && whole.endsWith("\n") && !stop ? whole.slice(0, -1) : whole;
  }

  private write(name: string, text: string): void {
    const old = this.call.fs.readText(this.call.path(name), this.call.who);
    this.call.fs.writeText(this.call.path(name), `${old.ok ? old.value : ""}${text}\n`, this.call.who);
  }

  private label(name: string): number {
    if (name === "") return this.commands.length;
    const index = this.commands.findIndex((command) => command.name === ":" && command.text === name);
    return index < 0 ? this.commands.length : index;
  }

  private selects(command: SedCommand, number: number, last: boolean, space: string): boolean {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return this.matches(from, number, last, space);
    const until = this.active.get(command);
    if (until !== undefined) {
      const over = to.type === "line" ? number >= to.line : to.type === "offset" ? number >= until : this.matches(to, number, last, space);
      if (over) this.active.delete(command);
      return !(to.type === "line" && number > to.line);
    }
    if (!this.matches(from, number, last, space)) return false;
    const closed = (to.type === "line" && to.line <= number) || (to.type === "offset" && to.count === 0);
    if (!closed) this.active.set(command, to.type === "offset" ? number + to.count : 0);
    return true;
  }

  private matches(address: Address, number: number, last: boolean, space: string): boolean {
    switch (address.type) {
      case "line": return number === address.line;
      case "last": return last;
      case "step": return address.step === 0 ? number === address.first : number >= address.first && (number - address.first) % address.step === 0;
      case "offset": return false;
      case "regex": {
        const regex = address.regex ?? this.lastRegex;
        this.lastRegex = regex;
        return regex?.test(space) === true;
      }
    }
  }

  /** Undefined when nothing matched. */
  private substitute(command: SedCommand, space: string): string | undefined {
    const { substitute } = command;
    const regex = substitute?.regex ?? this.lastRegex;
    if (substitute === undefined || regex === undefined) return undefined;
    this.lastRegex = regex;
    let result = "";
    let at = 0;
    let count = 0;
    let changed = false;
    while (at <= space.length) {
      const match = regex.match(space, at);
      if (match === undefined) break;
      count += 1;
      result += space.slice(at, match.start);
      const wanted = count === substitute.nth || (substitute.global && count >= substitute.nth);
      if (wanted) {
        result += fillIn(substitute.replacement, match.groups);
        changed = true;
      } else result += space.slice(match.start, match.end);
      at = match.end;
      if (match.end === match.start) {
        result += space.charAt(at);
        at += 1;
      }
      if (wanted && !substitute.global) break;
    }
    return changed ? result + space.slice(at) : undefined;
  }
}

/** & and \1, \n, \t, and GNU's \U \L \u \l \E. */
function fillIn(replacement: string, groups: readonly (string | undefined)[]): string {
  let result = "";
  let mode: "U" | "L" | "" = "";
  let once: "u" | "l" | "" = "";
  const add = (text: string): void => {
    let piece = mode === "U" ? text.toUpperCase() : mode === "L" ? text.toLowerCase() : text;
    if (once !== "" && piece !== "") {
      piece = (once === "u" ? piece.charAt(0).toUpperCase() : piece.charAt(0).toLowerCase()) + piece.slice(1);
      once = "";
    }
    result += piece;
  };
  for (let i = 0; i < replacement.length; i++) {
    const char = replacement.charAt(i);
    if (char === "&") add(groups[0] ?? "");
    else if (char !== "\\") add(char);
    else {
      const next = replacement.charAt(++i);
      if (/\d/.test(next)) add(groups[Number(next)] ?? "");
      else if (next === "U" || next === "L") mode = next;
      else if (next === "E") mode = "";
      else if (next === "u" || next === "l") once = next;
      else add(next === "n" ? "\n" : next === "t" ? "\t" : next);
    }
  }
  return result;
}
