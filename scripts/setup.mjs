// Brings a fresh clone to life: installs node_modules when they are missing or older than the lock file and, with --browser, a Chromium.
// Needs nothing but Node and npm (and apt, as root, for the browser where there is none). Usage: node scripts/setup.mjs [--browser]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const MIN_NODE = [20, 19];

/** @param {string} file */
const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** The packages that the lock file names, as npm records them in node_modules. Optional ones for other machines may be absent. */
function isInstalled() {
  const wanted = JSON.parse(read(`${root}package-lock.json`) || "{}").packages ?? {};
  const have = JSON.parse(read(`${root}node_modules/.package-lock.json`) || "{}").packages ?? {};
  return Object.entries(wanted).every(([path, entry]) => path === "" || entry.optional || entry.devOptional || have[path]?.version === entry.version);
}

export function ensurePackages() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < /** @type {number} */ (MIN_NODE[0]) || (major === MIN_NODE[0] && minor < /** @type {number} */ (MIN_NODE[1]))) {
    console.error(`Kubarium needs Node ${MIN_NODE.join(".")} or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  if (isInstalled()) return;
  console.error("Installing packages (npm ci) …");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensurePackages();
  if (process.argv.includes("--browser")) {
    const { ensureBrowser } = await import("./find-browser.mjs");
    ensureBrowser();
  }
}
