// Takes the pictures of the README (docs/pictures/) or, with --all FOLDER, one of every state in both themes and sizes.
// Usage: npm run screenshots [-- --all FOLDER [--state NAME]]
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { build, preview } from "vite";
import { CHROMIUM_ARGS, ensureBrowser } from "./find-browser.mjs";

/** @typedef {import("@playwright/test").Page} Page */

const root = fileURLToPath(new URL("..", import.meta.url));
const all = process.argv.indexOf("--all");
const only = process.argv.find((_, i) => process.argv[i - 1] === "--state");
const folder = all === -1 ? join(root, "docs/pictures") : resolve(process.argv[all + 1] ?? "screenshots");

const WEB = (/** @type {number} */ replicas) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: "nginx:1.29", ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const TROUBLE = `apiVersion: v1
kind: Pod
metadata: {name: typo}
spec: {containers: [{name: c, image: "nginx:no-such-tag"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: too-big}
spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: "64"}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: crashing}
spec: {containers: [{name: c, image: busybox, command: [sh, -c, "echo bye; exit 3"]}]}
`;

/** @param {Page} page @param {string} manifest */
const apply = (page, manifest) => page.evaluate((text) => /** @type {any} */ (globalThis).kubarium?.apply(text), manifest);
/** @param {Page} page @param {number} count */
const ready = (page, count) => page.waitForFunction((n) => (/** @type {any} */ (globalThis).kubarium?.pods().filter((/** @type {any} */ pod) => pod.namespace === "default" && pod.meaning === "ready").length ?? 0) >= n, count, { timeout: 90_000 });

/** Sends from the first pod to the Service and waits until the first packets are on their way. @param {Page} page */
async function send(page) {
  await page.getByRole("button", { name: "Send packet" }).click();
  await page.getByLabel("To", { exact: true }).fill("http://web");
  await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
  await page.waitForTimeout(4_500);
}

/** State → what brings the page there. @type {Record<string, (page: Page) => Promise<unknown>>} */
const STATES = {
  start: async () => {},
  "pod-starting": async (page) => {
    await apply(page, WEB(3));
    await page.waitForTimeout(1_500);
  },
  packet: async (page) => {
    await apply(page, WEB(3));
    await ready(page, 3);
    await send(page);
  },
  trouble: async (page) => {
    await apply(page, TROUBLE);
    await page.waitForTimeout(9_000);
  },
  "200-pods": async (page) => {
    await apply(page, WEB(200));
    await page.waitForTimeout(25_000);
  },
};
const README = [["packet", "dark", 1440, 900], ["pod-starting", "light", 1440, 900]];
const EVERYTHING = Object.keys(STATES).flatMap((state) => ["dark", "light"].flatMap((theme) => [[state, theme, 1440, 900], [state, theme, 1280, 720]]));

mkdirSync(folder, { recursive: true });
const outDir = join(root, "node_modules/.cache/screenshots");
await build({ root, logLevel: "error", build: { outDir, emptyOutDir: true } });
const server = await preview({ root, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
const browser = await chromium.launch({ executablePath: ensureBrowser(), args: CHROMIUM_ARGS });
try {
  for (const [state, theme, width, height] of /** @type {[string, "dark" | "light", number, number][]} */ (all === -1 ? README : EVERYTHING.filter(([state]) => only === undefined || state === only))) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await page.waitForFunction(() => /** @type {any} */ (globalThis).kubarium?.phase() === "running", undefined, { timeout: 60_000 });
    await page.locator(".editor-host .view-line").first().waitFor({ timeout: 60_000 });
    await page.waitForTimeout(1_500);
    await STATES[state]?.(page);
    const file = join(folder, all === -1 ? `${state}-${theme}.png` : `${state}-${theme}-${width}x${height}.png`);
    await page.screenshot({ path: file });
    console.log(file);
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
