import { COMMANDS } from "../../bridge/kubectl/commands/registry.ts";
import { COMMON_FLAGS } from "../../bridge/kubectl/flags.ts";
import type { ApiResource } from "../../bridge/kubectl/resources.ts";

/** What completion asks for while a line is typed. */
export interface CompletionSource {
  resources(): Promise<readonly ApiResource[]>;
  /** Names of the objects of a kind in the namespace that the line speaks of. */
  objects(resource: ApiResource, namespace: string): Promise<readonly string[]>;
  namespaces(): Promise<readonly string[]>;
  files(folder: string): Promise<readonly string[]>;
  readonly namespace: string;
}

const SHELL_COMMANDS = ["kubectl", "ls", "cat", "cd", "pwd", "echo", "grep", "jq", "sed", "awk", "head", "tail", "wc", "sort", "uniq", "watch", "clear", "help", "rm", "mkdir", "cp", "mv", "touch"];

/** Options for the word before the cursor. */
export async function complete(line: string, cursor: number, source: CompletionSource): Promise<{ from: number; options: readonly string[] }> {
  const before = line.slice(0, cursor);
  const command = before.slice(Math.max(before.lastIndexOf("|"), before.lastIndexOf(";"), before.lastIndexOf("&")) + 1);
  const words = command.trimStart().split(/\s+/);
  const word = words.at(-1) ?? "";
  const from = cursor - word.length;
  const starting = (options: readonly string[]): { from: number; options: readonly string[] } => ({ from, options: [...new Set(options)].filter((option) => option.startsWith(word)).toSorted() });
  if (words.length <= 1) return starting(SHELL_COMMANDS);
  const isKubectl = words[0] === "kubectl" || words[0] === "k";
  const previous = words.at(-2) ?? "";
  if (!isKubectl || previous === "-f" || previous === "--filename") {
    const slash = word.lastIndexOf("/");
    const folder = slash === -1 ? "" : word.slice(0, slash + 1);
    return starting((await source.files(folder)).map((name) => folder + name));
  }
  if (previous === "-n" || previous === "--namespace") return starting(await source.namespaces());
  if (previous === "-o" || previous === "--output") return starting(["wide", "yaml", "json", "name"]);
  return completeKubectl(words.slice(1), word, starting, source);
}

async function completeKubectl(words: readonly string[], word: string, starting: (options: readonly string[]) => { from: number; options: readonly string[] }, source: CompletionSource): Promise<{ from: number; options: readonly string[] }> {
  const typed = words.slice(0, -1).filter((text) => !text.startsWith("-"));
  const command = COMMANDS.find(({ name }) => name === typed.slice(0, 2).join(" ")) ?? COMMANDS.find(({ name }) => name === typed[0]);
  if (word.startsWith("-")) return starting([...(command?.flags ?? []), ...COMMON_FLAGS].map((flag) => `--${flag.name}`));
  if (typed.length === 0) return starting(COMMANDS.map(({ name }) => name.split(" ")[0] ?? ""));
  if (command === undefined) return starting(COMMANDS.filter(({ name }) => name.startsWith(`${typed[0]} `)).map(({ name }) => name.split(" ")[1] ?? ""));
  const namespaceFlag = words.findIndex((text) => text === "-n" || text === "--namespace");
  const namespace = namespaceFlag === -1 ? source.namespace : (words[namespaceFlag + 1] ?? source.namespace);
  const resources = await source.resources();
  const args = typed.slice(command.name.split(" ").length);
  const find = (name: string): ApiResource | undefined => resources.find((r) => r.plural === name || r.singular === name || r.shortNames.includes(name));
  if (["logs", "exec"].includes(command.name)) {
    const pods = find("pods");
    return starting(pods === undefined ? [] : await source.objects(pods, namespace));
  }
  if (word.includes("/")) {
    const [kind = ""] = word.split("/");
    const resource = find(kind);
    return starting(resource === undefined ? [] : (await source.objects(resource, namespace)).map((name) => `${kind}/${name}`));
  }
  const resource = args[0] === undefined ? undefined : find(args[0]);
  return starting(resource === undefined ? [...resources.map((r) => r.plural), "all"] : await source.objects(resource, namespace));
}
