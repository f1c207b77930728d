// Measures the budgets of docs/ARCHITECTURE.md: JSON on standard output, a table on standard error.
// Usage: npm run bench [-- boot rollout reads traces replay ui sizes]
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { measureSizes, measureStage } from "../bench/stage.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);
const all = wanted.length === 0;
const STAGE = ["ui", "sizes"];
const engine = wanted.filter((name) => !STAGE.includes(name));

/** @type {{ name: string, value: number, unit: string, budget?: string }[]} */
const results = [];
if (all || engine.length > 0) {
  await build({ root, configFile: false, logLevel: "warn", publicDir: false, ssr: { noExternal: true }, build: { ssr: join(root, "bench/engine.ts"), outDir: join(root, "node_modules/.cache/bench"), target: "es2023", minify: false, emptyOutDir: true, rolldownOptions: { output: { entryFileNames: "bench-engine.mjs" } } } });
  const run = spawnSync(process.execPath, ["--max-old-space-size=8192", join(root, "node_modules/.cache/bench/bench-engine.mjs"), ...engine], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1e8 });
  if (run.status !== 0) process.exit(run.status ?? 1);
  results.push(...JSON.parse(run.stdout));
}
if (all || wanted.some((name) => STAGE.includes(name))) {
  await build({ root, logLevel: "warn" });
  results.push(...measureSizes(join(root, "dist")));
  if (all || wanted.includes("ui")) results.push(...(await measureStage(root)));
}
const width = Math.max(...results.map((result) => result.name.length));
console.error(`\n${"What".padEnd(width)}  ${"Measured".padStart(12)}  Budget   (${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.versions.node})`);
for (const { name, value, unit, budget } of results) console.error(`${name.padEnd(width)}  ${`${value.toFixed(value < 100 ? 1 : 0)} ${unit}`.padStart(12)}  ${budget ?? ""}`);
console.log(JSON.stringify({ node: process.versions.node, cpu: cpus()[0]?.model.trim(), cores: cpus().length, results }, null, 2));
