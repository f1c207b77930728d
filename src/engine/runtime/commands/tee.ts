import { errnoText } from "../fs/errno.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { openFile } from "../process/open.ts";

export const tee: CommandSpec = {
  name: "tee",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "aip", { append: "a" });
    if (problem !== undefined) return yield* call.usage(problem, "[-ai] [FILE]...");
    let code = 0;
    const fds: number[] = [];
    for (const name of rest) {
      const file = openFile(call.process, name, values.has("a") ? "append" : "write");
      if (!file.ok) {
        code = 1;
        yield* call.complain(`${name}: ${errnoText(file.error)}`);
        continue;
      }
      const fd = 10 + fds.length;
      call.process.setFile(fd, file.value);
      fds.push(fd);
    }
    for (let chunk = yield* call.process.read(0); chunk !== null; chunk = yield* call.process.read(0)) {
      yield* call.out(chunk);
      for (const fd of fds) if (!(yield* call.process.write(fd, chunk))) code = 1;
    }
    return code;
  },
};

export const yes: CommandSpec = {
  name: "yes",
  *run(call) {
    const line = `${call.args.length === 0 ? "y" : call.args.join(" ")}\n`;
    const block = line.repeat(Math.max(1, Math.floor(1_024 / line.length)));
    while (yield* call.out(block)) yield* call.process.compute(50);
    return 1;
  },
};
