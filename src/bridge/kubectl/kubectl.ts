import { KubeClient } from "./client.ts";
import type { Command, CommandContext } from "./command.ts";
import { COMMANDS } from "./commands/registry.ts";
import { FlagError, parseFlags } from "./flags.ts";
import type { KubectlIo } from "./io.ts";
import { errorText } from "./print-error.ts";
import { type ApiResource, discover } from "./resources.ts";

/** Runs one command line (without the word kubectl) and answers with the exit code. Never rejects: failures are printed as kubectl prints them. */
export async function runKubectl(argv: readonly string[], io: KubectlIo): Promise<number> {
  const { words, lead } = splitLead(argv);
  if (words.length === 0 || words[0] === "help" || words[0] === "--help" || words[0] === "-h") {
    io.stdout(overview());
    return 0;
  }
  const command = findCommand(words);
  if (command === undefined) {
    io.stderr(`error: unknown command ${JSON.stringify(words[0])} for "kubectl"\n${didYouMean(words[0] ?? "")}`);
    return 1;
  }
  const depth = command.name.split(" ").length;
  try {
    const flags = parseFlags([...lead, ...words.slice(depth)], command.flags);
    if (flags.bool("help")) {
      io.stdout(helpOf(command));
      return 0;
    }
    const client = new KubeClient(io.transport, (text) => io.stderr(`Warning: ${text}\n`), flags.text("as"));
    let discovered: Promise<readonly ApiResource[]> | undefined;
    const context: CommandContext = { io, client, flags, namespace: flags.text("namespace") ?? io.namespace, resources: () => (discovered ??= discover(client)) };
    return await command.run(context);
  } catch (error) {
    if (io.signal.aborted) return 130;
    io.stderr(errorText(error, `kubectl ${command.name}`));
    return error instanceof FlagError ? 1 : 1;
  }
}

/** Flags may stand before the command: `kubectl -n kube-system get pods`. */
function splitLead(argv: readonly string[]): { words: readonly string[]; lead: readonly string[] } {
  let i = 0;
  while (i < argv.length && (argv[i] ?? "").startsWith("-") && !["--help", "-h"].includes(argv[i] ?? "")) i += /^(-n|--namespace|--context|--kubeconfig|--as|-v)$/.test(argv[i] ?? "") ? 2 : 1;
  return { words: argv.slice(i), lead: argv.slice(0, i) };
}

function findCommand(words: readonly string[]): Command | undefined {
  const named = (count: number): Command | undefined => COMMANDS.find((command) => [command.name, ...(command.aliases ?? [])].includes(words.slice(0, count).join(" ")));
  return named(2) ?? named(1);
}

/** Source: github.com/spf13/cobra command.go, SuggestionsFor (Levenshtein distance of at most 2, or a prefix). */
function didYouMean(word: string): string {
  const near = COMMANDS.map((command) => command.name.split(" ")[0] ?? "").filter((name, i, all) => all.indexOf(name) === i && (distance(word, name) <= 2 || name.startsWith(word.toLowerCase())));
  return near.length === 0 ? "" : `\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join("")}`;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

function overview(): string {
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(18)} ${command.summary}`);
  return `kubectl controls the Kubernetes cluster manager.\n\nCommands that this terminal has:\n${lines.join("\n")}\n\nUsage:\n  kubectl [flags] [options]\n\nUse "kubectl <command> --help" for more information about a given command.\n`;
}

function helpOf(command: Command): string {
  const flags = command.flags.map((flag) => `    ${flag.short === undefined ? "    " : `-${flag.short}, `}--${flag.name}`);
  return `${command.summary}\n\nUsage:\n  kubectl ${command.usage}\n${flags.length === 0 ? "" : `\nOptions:\n${flags.join("\n")}\n`}`;
}
