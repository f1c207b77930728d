// Gathers every `Differs:` comment of the engine into docs/DIFFERENCES.md, which the app shows as well.
// Usage: node scripts/differences.mjs [--check]
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "docs/DIFFERENCES.md");

/** @param {string} folder @returns {string[]} */
const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\/testing\/|\/testdata\//.test(file))
    .toSorted();

/** The sentence after "Differs:", over as many comment lines as it takes. @param {string} source @returns {string[]} */
function differencesOf(source) {
  const lines = source.split("\n");
  return lines.flatMap((line, i) => {
    const start = /(?:^\s*(?:\/\/|\/?\*\*?)|\s)\s*.*?Differs:\s*(.*)$/.exec(line);
    if (start === null) return [];
    const parts = [start[1] ?? ""];
    for (const next of lines.slice(i + 1)) {
      if ((parts.at(-1) ?? "").includes("*/")) break;
      const text = /^\s*(?:\/\/|\*(?!\/))\s?(.*)$/.exec(next)?.[1];
      if (text === undefined || text.trim() === "" || /^\s*(Source|Differs|@)/.test(text)) break;
      parts.push(text.trim());
    }
    return [parts.join(" ").replace(/\s*\*\/.*$/, "").trim()];
  });
}

const sections = filesIn(join(root, "src/engine")).flatMap((file) => {
  const found = differencesOf(readFileSync(file, "utf8"));
  return found.length === 0 ? [] : [`## ${relative(join(root, "src/engine"), file).replaceAll("\\", "/")}\n\n${found.map((text) => `- ${text}`).join("\n")}\n`];
});
const text = `# Where Kubarium differs from Kubernetes

Kubarium simulates Kubernetes v1.33. Whatever it simplifies is said beside the code in a \`Differs:\` comment; this page gathers
them (\`node scripts/differences.mjs\`), so edit the comments and not this page.

${sections.join("\n")}`;

if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    console.error("docs/DIFFERENCES.md is stale: run node scripts/differences.mjs");
    process.exit(1);
  }
} else writeFileSync(target, text);
