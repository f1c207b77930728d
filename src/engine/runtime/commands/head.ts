import { errnoText } from "../fs/errno.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { openFile } from "../process/open.ts";

/** Source: GNU coreutils src/head.c; busybox coreutils/head.c. Stops reading when it has enough. */
export const head: CommandSpec = {
  name: "head",
  *run(call) {
    const args = call.args.map((arg, index) => (index === 0 && /^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
    const { values, rest, problem } = parseOptions(args, "n:c:qv", { lines: "n", bytes: "c", quiet: "q", verbose: "v" });
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] [FILE]...");
    const text = values.get("c") ?? values.get("n") ?? "10";
    if (!/^-?\d+$/.test(text)) return yield* call.fail(call.isBusybox ? `invalid number '${text}'` : `invalid number of lines: '${text}'`);
    const count = Number(text);
    const titled = (rest.length > 1 && !values.has("q")) || values.has("v");
    let code = 0;
    for (const [index, name] of (rest.length === 0 ? ["-"] : rest).entries()) {
      const file = name === "-" ? undefined : openFile(call.process, name, "read");
      const node = name === "-" ? undefined : call.stat(name);
      const isDirectory = node?.ok === true && node.value.kind === "dir";
      if (file?.ok === false || isDirectory) {
        const errno = isDirectory ? "EISDIR" : file?.ok === false ? file.error : "ENOENT";
        if (call.isBusybox) yield* call.complain(`${name}: ${errnoText(errno)}`);
        else yield* call.complain(errno === "EISDIR" ? `error reading '${name}': Is a directory` : `cannot open '${name}' for reading: ${errno === "EACCES" ? "Permission denied" : "No such file or directory"}`);
        code = 1;
        continue;
      }
      if (titled) yield* call.out(`${index > 0 ? "\n" : ""}==> ${name === "-" ? "standard input" : name} <==\n`);
      if (file?.ok === true) call.process.setFile(9, file.value);
      const fd = name === "-" ? 0 : 9;
      if (count < 0) {
        const all = yield* call.process.readAll(fd);
        yield* call.out(values.has("c") ? all.slice(0, count) : all.split(/(?<=\n)/).slice(0, count).join(""));
        continue;
      }
      for (let left = count; left > 0; ) {
        const chunk = values.has("c") ? yield* call.process.read(fd, { limit: left }) : yield* call.process.read(fd, { line: true });
        if (chunk === null) break;
        if (!(yield* call.out(chunk))) return 1;
        left -= values.has("c") ? chunk.length : chunk.endsWith("\n") ? 1 : 0;
      }
    }
    return code;
  },
};
