// The page's side of the budgets: what is loaded before the first canvas, and what the main thread does while a large rollout runs.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** @typedef {{ name: string, value: number, unit: string, budget?: string }} Measurement */

/** Gzipped kB of the entry and of everything that it imports at once. @param {string} dist @returns {Measurement[]} */
export function measureSizes(dist) {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const first = new Set([...html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? ""));
  const kb = (/** @type {string[]} */ files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1000;
  const assets = readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".js")).map((name) => `assets/${name}`);
  const worker = assets.filter((name) => /worker/i.test(name) && !/editor\.worker|yaml\.worker/.test(name));
  return [
    { name: "JavaScript before the first canvas (entry and its imports)", value: kb([...first]), unit: "kB gz", budget: "≤ 300" },
    { name: "engine worker", value: kb(worker), unit: "kB gz" },
    { name: "all JavaScript, lazily loaded parts included", value: kb(assets.filter((file) => statSync(join(dist, file)).isFile())), unit: "kB gz" },
  ];
}

/** Opens the built page in a browser and rolls out 200 replicas. @param {string} root @returns {Promise<Measurement[]>} */
export async function measureStage(root) {
  const { preview } = await import("vite");
  const { chromium } = await import("@playwright/test");
  const { CHROMIUM_ARGS, ensureBrowser } = await import("../scripts/find-browser.mjs");
  const server = await preview({ root, preview: { port: 0, host: "127.0.0.1" } });
  const url = server.resolvedUrls?.local[0] ?? "";
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const start = Date.now();
    await page.goto(url);
    await page.locator(".react-flow").waitFor();
    const firstCanvas = Date.now() - start;
    await page.waitForFunction(() => /** @type {any} */ (globalThis).kubarium?.phase() === "running", undefined, { timeout: 120_000 });
    const longest = await page.evaluate(async () => {
      const kubarium = /** @type {any} */ (globalThis).kubarium;
      /** @type {number[]} */
      const long = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
      await kubarium.request({ method: "POST", path: "/apis/apps/v1/namespaces/default/deployments", query: {}, headers: { "content-type": "application/json" }, body: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 200, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } } } } });
      await new Promise((done) => setTimeout(done, 20_000));
      return Math.max(0, ...long);
    });
    return [
      { name: "first canvas after navigation", value: firstCanvas, unit: "ms", budget: "≤ 1000" },
      { name: "longest main-thread task during a 200-replica rollout", value: longest, unit: "ms", budget: "≤ 50" },
    ];
  } finally {
    await browser.close();
    await server.close();
  }
}
