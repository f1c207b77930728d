import { errnoText } from "../fs/errno.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";
import { humanSize, sizeOf } from "./file-info.ts";

export const du: CommandSpec = {
  name: "du",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "ashkmcd:xL", { summarize: "s", "human-readable": "h", all: "a", "max-depth": "d", total: "c" });
    if (problem !== undefined) return yield* call.usage(problem, "[-aHLdclsxhmk] [FILE]...");
    let code = 0;
    for (const name of rest.length === 0 ? ["."] : rest) {
      const node = call.stat(name);
      if (!node.ok) {
        yield* call.complain(call.isBusybox ? `${name}: ${errnoText(node.error)}` : `cannot access '${name}': ${errnoText(node.error)}`);
        code = 1;
      } else yield* measure(call, name, values, 0);
    }
    return code;
  },
};

function* measure(call: Invocation, path: string, values: ReadonlyMap<string, string>, depth: number): Sys<number> {
  const node = call.stat(path, false);
  if (!node.ok) return 0;
  let kib = Math.ceil(sizeOf(node.value) / 4096) * 4;
  if (node.value.kind === "dir" && depth < 40) {
    const names = call.fs.list(call.path(path), call.who);
    for (const name of names.ok ? names.value : []) kib += yield* measure(call, `${path.replace(/\/$/, "")}/${name}`, values, depth + 1);
  }
  const limit = values.has("s") ? 0 : Number(values.get("d") ?? Infinity);
  if (depth <= limit && (node.value.kind === "dir" || values.has("a") || depth === 0)) yield* call.out(`${values.has("h") ? humanSize(kib * 1024) : values.has("m") ? Math.ceil(kib / 1024) : kib}\t${path}\n`);
  return kib;
}
