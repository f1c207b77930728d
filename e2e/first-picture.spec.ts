import { expect, test } from "@playwright/test";
import { boxOf, openStage } from "./support/stage.ts";

test("a fresh page shows a whole cluster, and nothing goes wrong on the way", async ({ page }) => {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
  page.on("request", (request) => { if (!request.url().startsWith("http://127.0.0.1") && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) problems.push(`asks elsewhere: ${request.url()}`); });
  await openStage(page);
  for (const name of ["control-plane", "node-1", "node-2", "node-3"]) await expect(page.getByRole("region", { name: new RegExp(`^${name}: Ready`) })).toBeVisible();
  for (const organ of ["etcd: Running", "API server: Running", "scheduler: Running", "controllers: Running"]) await expect(page.getByRole("button", { name: organ })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Pod kube-system\/coredns/ })).toHaveCount(2);
  await expect(page.getByRole("button", { name: /^Service kube-system\/kube-dns, ClusterIP 10\.96\.0\.10, 2 of 2/ })).toBeVisible();
  expect(problems).toEqual([]);
});

test("the list of pods says in words what the map shows", async ({ page }) => {
  await openStage(page);
  const table = page.getByRole("table", { name: "All pods" });
  await expect(table.getByRole("row", { name: /kube-system etcd-control-plane Running control-plane/ })).toBeAttached();
  expect(await table.getByRole("row").count()).toBeGreaterThan(10);
});

for (const [width, height] of [[1440, 900], [1280, 720]] as const) {
  test(`everything fits at ${width}×${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openStage(page);
    const overflow = await page.evaluate(() => ({ x: document.documentElement.scrollWidth - innerWidth, y: document.documentElement.scrollHeight - innerHeight }));
    expect(overflow).toEqual({ x: 0, y: 0 });
    const map = await boxOf(page.locator(".stage"));
    for (const name of ["control-plane", "node-3"]) {
      const box = await boxOf(page.getByRole("region", { name: new RegExp(`^${name}:`) }));
      expect(box.x).toBeGreaterThanOrEqual(map.x);
      expect(box.y + box.height).toBeLessThanOrEqual(map.y + map.height);
    }
  });
}

test("the theme follows the system, can be switched, and is remembered", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openStage(page);
  const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset["theme"]);
  expect(await theme()).toBe("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(theme).toBe("dark");
  await page.getByRole("button", { name: "Theme: system. Switch to dark" }).click();
  await page.getByRole("button", { name: "Theme: dark. Switch to light" }).click();
  expect(await theme()).toBe("light");
  await page.reload();
  expect(await theme()).toBe("light");
});

test("a link can ask for more nodes; they stand in the order of their names", async ({ page }) => {
  await openStage(page, { query: "&nodes=8" });
  const nodes = await page.evaluate(() => window.kubarium?.nodes().map((n) => `${n.name}@${n.cell}`));
  expect(nodes).toEqual(["control-plane@0", ...Array.from({ length: 8 }, (_, i) => `node-${i + 1}@${i + 1}`)]);
});
