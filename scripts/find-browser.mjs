// Finds a Chromium for the browser tests, or gets one. Order: PLAYWRIGHT_CHROMIUM, an installed Chrome or Chromium,
// `playwright install chromium`, `apt-get install chromium` (as root). Usage: node scripts/find-browser.mjs   (prints the path)
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const CHROMIUM_ARGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const CANDIDATES = [
  "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable", "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/** Path of a browser that is here, or undefined. @returns {string | undefined} */
export function findBrowser() {
  const named = process.env["PLAYWRIGHT_CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`PLAYWRIGHT_CHROMIUM=${named} does not exist.`);
    return named;
  }
  const installed = CANDIDATES.find((path) => existsSync(path));
  if (installed !== undefined) return installed;
  const own = createRequire(import.meta.url)("@playwright/test").chromium.executablePath();
  return existsSync(own) ? own : undefined;
}

/** Finds or installs a browser; throws with what to do when there is none to be had. @returns {string} */
export function ensureBrowser() {
  const attempts = [
    { command: "npx", args: ["playwright", "install", "chromium"] },
    { command: "apt-get", args: ["update", "-qq"] },
    { command: "apt-get", args: ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"] },
  ];
  /** @type {string[]} */
  const problems = [];
  for (let found = findBrowser(); ; found = findBrowser()) {
    if (found !== undefined) return found;
    const attempt = attempts.shift();
    if (attempt === undefined) break;
    console.error(`Looking for a browser: ${attempt.command} ${attempt.args.join(" ")} …`);
    try {
      execFileSync(attempt.command, attempt.args, { stdio: ["ignore", 2, 2], timeout: 600_000 });
    } catch (error) {
      problems.push(`${attempt.command} ${attempt.args[0]}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  }
  throw new Error(`No Chromium here and none could be installed (${problems.join("; ")}). Set PLAYWRIGHT_CHROMIUM=/path/to/chromium.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(ensureBrowser());
