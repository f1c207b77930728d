// Everything that must hold, on a fresh clone too: packages, browser, types, lint, walls, unit and simulation tests, the built app in a real browser.
// Ends with the line "N passed, N failed". Usage: npm test [-- --only types,lint,walls,unit,engine-build,e2e]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePackages } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
ensurePackages();
const { ensureBrowser } = await import("./find-browser.mjs");
ensureBrowser();

const reports = mkdtempSync(join(tmpdir(), "kubarium-test-"));
const node = process.execPath;
const tsc = "node_modules/typescript-native/bin/tsc";

/** @typedef {{ name: string, commands: string[][], report?: "vitest" | "playwright" }} Step */
/** @type {Step[]} */
const STEPS = [
  { name: "types", commands: [[tsc], [tsc, "-p", "src/engine"]] },
  { name: "lint", commands: [["node_modules/oxlint/bin/oxlint", "src", "scripts", "bench", "e2e"]] },
  { name: "walls", commands: [["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.mjs", "src"]] },
  { name: "unit", commands: [["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${join(reports, "unit.json")}`]], report: "vitest" },
  { name: "engine-build", commands: [["scripts/build-engine.mjs", "--try"]] },
  { name: "e2e", commands: [["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], ["node_modules/@playwright/test/cli.js", "test"]], report: "playwright" },
];

const only = process.argv.find((_, i) => process.argv[i - 1] === "--only")?.split(",");
const unknown = only?.filter((name) => !STEPS.some((step) => step.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(`Unknown step ${unknown.join(", ")}: choose from ${STEPS.map((step) => step.name).join(", ")}.`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
/** @type {string[]} */
const failures = [];
for (const step of STEPS) {
  if (only !== undefined && !only.includes(step.name)) continue;
  console.log(`\n── ${step.name} ${"─".repeat(60 - step.name.length)}`);
  const reportFile = join(reports, `${step.name}.json`);
  const good = step.commands.every(([script, ...args]) => {
    const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: reportFile, FORCE_COLOR: "0" };
    return spawnSync(node, [/** @type {string} */ (script), ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
  });
  const counted = step.report === undefined ? { passed: good ? 1 : 0, failed: good ? 0 : 1 } : count(step.report, reportFile, good);
  passed += counted.passed;
  failed += counted.failed;
  if (!good || counted.failed > 0) failures.push(step.name);
}
rmSync(reports, { recursive: true, force: true });
if (failures.length > 0) console.log(`\nNot good: ${failures.join(", ")}. One step alone: npm test -- --only ${failures[0]}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && failures.length === 0 ? 0 : 1);

/** Reads a runner's own report. A runner that failed without saying so counts as one failure. @param {string} kind @param {string} file @param {boolean} good */
function count(kind, file, good) {
  /** @type {any} */
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const found = kind === "vitest" ? { passed: report.numPassedTests, failed: report.numFailedTests } : { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky };
  return !good && found.failed === 0 ? { ...found, failed: 1 } : found;
}
