import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { openFile } from "../process/open.ts";

/** Source: busybox coreutils/cat.c; GNU coreutils src/cat.c. Copies piece by piece, so that a pipe flows. */
export const cat: CommandSpec = {
  name: "cat",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "nbvteAETsu", { number: "n", "show-all": "A", "show-ends": "E" });
    if (problem !== undefined) return yield* call.usage(problem, "[-nbvteA] [FILE]...");
    const plain = values.size === 0 || (values.size === 1 && values.has("u"));
    let code = 0;
    let line = 0;
    for (const name of rest.length === 0 ? ["-"] : rest) {
      if (name !== "-") {
        const node = call.stat(name);
        const errno = !node.ok ? node.error : node.value.kind === "dir" ? "EISDIR" : undefined;
        const file = errno === undefined ? openFile(call.process, name, "read") : undefined;
        if (errno !== undefined || file?.ok === false) {
          const why = errno ?? (file?.ok === false ? file.error : "ENOENT");
          if (call.isBusybox && why === "EISDIR") yield* call.complain("read error: Is a directory");
          else yield* call.complainAbout(name, why);
          code = 1;
          continue;
        }
        if (file?.ok === true) call.process.setFile(9, file.value);
      }
      const fd = name === "-" ? 0 : 9;
      for (let chunk = yield* call.process.read(fd, { line: !plain }); chunk !== null; chunk = yield* call.process.read(fd, { line: !plain })) {
        let text = chunk;
        if (values.has("A") || values.has("E") || values.has("e")) text = text.replace(/\n$/, "$\n");
        if (values.has("A") || values.has("T") || values.has("t")) text = text.replaceAll("\t", "^I");
        if (values.has("n") || (values.has("b") && chunk !== "\n")) text = `${String(++line).padStart(6)}\t${text}`;
        if (!(yield* call.out(text))) return 1;
      }
    }
    return code;
  },
};
