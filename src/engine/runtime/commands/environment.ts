import { errnoText } from "../fs/errno.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { execProgram } from "../process/process-table.ts";

/** Source: GNU coreutils src/env.c; busybox coreutils/env.c. */
export const env: CommandSpec = {
  name: "env",
  *run(call) {
    const { values, lists, rest, problem } = parseOptions(call.args, "i0u:C:S", { "ignore-environment": "i", unset: "u", null: "0", chdir: "C" }, true);
    if (problem !== undefined) return yield* call.usage(problem, "[-iu0] [-] [VAR=VALUE]... [PROG ARGS]");
    const variables = new Map(values.has("i") || rest[0] === "-" ? [] : call.process.env);
    for (const name of lists.get("u") ?? []) variables.delete(name);
    let words = rest[0] === "-" ? rest.slice(1) : rest;
    while (/^[^=]+=/.test(words[0] ?? "")) {
      const word = words[0] ?? "";
      variables.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
      words = words.slice(1);
    }
    const [name] = words;
    if (name === undefined) {
      yield* call.out([...variables].map(([key, value]) => `${key}=${value}${values.has("0") ? "\0" : "\n"}`).join(""));
      return 0;
    }
    const { process } = call;
    const path = process.table.lookup(name, variables.get("PATH"), process.cwd, process.credentials);
    const loaded = path.ok ? process.table.load(path.value, words, process.credentials) : undefined;
    if (loaded?.ok !== true) {
      const errno = path.ok ? "ENOEXEC" : path.error;
      yield* call.complain(call.isBusybox ? `can't execute '${name}': ${errnoText(errno)}` : `'${name}': ${errnoText(errno)}`);
      return errno === "ENOENT" ? 127 : 126;
    }
    process.env = variables;
    return yield* execProgram(process, loaded.value);
  },
};

export const printenv: CommandSpec = {
  name: "printenv",
  *run(call) {
    const names = call.args.filter((arg) => arg !== "-0" && arg !== "--");
    if (names.length === 0) {
      yield* call.out([...call.process.env].map(([key, value]) => `${key}=${value}\n`).join(""));
      return 0;
    }
    let code = 0;
    for (const name of names) {
      const value = call.process.env.get(name);
      if (value === undefined) code = 1;
      else yield* call.out(`${value}\n`);
    }
    return code;
  },
};
