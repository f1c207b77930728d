import { expect, test } from "@playwright/test";
import { create, nginxPod, openStage, podCard } from "./support/stage.ts";

const nowMs = (page: import("@playwright/test").Page): Promise<number> => page.evaluate(() => window.kubarium?.nowMs() ?? 0);

test("pause holds the cluster, step runs one event, play goes on", async ({ page }) => {
  await openStage(page);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("paused", { exact: true })).toBeVisible();
  const held = await nowMs(page);
  await page.waitForTimeout(700);
  expect(await nowMs(page)).toBe(held);
  await page.getByRole("button", { name: "Step one event" }).click();
  await expect.poll(() => nowMs(page)).toBeGreaterThan(held);
  const stepped = await nowMs(page);
  await page.waitForTimeout(400);
  expect(await nowMs(page)).toBe(stepped);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(() => nowMs(page)).toBeGreaterThan(stepped + 300);
});

test("the keyboard does the same: space, full stop, comma and semicolon", async ({ page }) => {
  await openStage(page);
  await page.locator("body").press(" ");
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  const held = await nowMs(page);
  await page.locator("body").press(".");
  await expect.poll(() => nowMs(page)).toBeGreaterThan(held);
  const speed = page.getByRole("slider", { name: "Speed" });
  await page.locator("body").press(";");
  await expect(speed).toHaveAttribute("aria-valuetext", "2 times real time");
  await page.locator("body").press(",");
  await page.locator("body").press(",");
  await expect(speed).toHaveAttribute("aria-valuetext", "0.5 times real time");
});

test("a hundredfold, time runs a good deal faster than a tenth", async ({ page }) => {
  await openStage(page);
  const passed = async (speed: number): Promise<number> => {
    await page.evaluate((s) => window.kubarium?.clock({ do: "speed", speed: s }), speed);
    const before = await nowMs(page);
    await page.waitForTimeout(1_200);
    return (await nowMs(page)) - before;
  };
  const slow = await passed(0.1);
  const fast = await passed(100);
  expect(fast).toBeGreaterThan(slow * 20);
});

test("run until a pod is Ready stops at that very moment", async ({ page }) => {
  await openStage(page);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await create(page, nginxPod("web"));
  await podCard(page, "web").click();
  await page.getByRole("button", { name: "Run until" }).click();
  await page.getByRole("button", { name: "web is Ready" }).click();
  await expect(podCard(page, "web")).toHaveAttribute("data-meaning", "ready", { timeout: 20_000 });
  await expect(page.getByText("paused", { exact: true })).toBeVisible();
  const held = await nowMs(page);
  await page.waitForTimeout(500);
  expect(await nowMs(page)).toBe(held);
});

test("the next Warning is found, and opens from the list", async ({ page }) => {
  await openStage(page);
  await create(page, nginxPod("typo", "nginx:no-such-tag"));
  await page.getByRole("button", { name: "Run until" }).click();
  await page.getByRole("button", { name: "the next Warning" }).click();
  await expect(page.getByText("paused", { exact: true })).toBeVisible({ timeout: 20_000 });
  await page.getByRole("checkbox", { name: "Warnings only" }).check();
  await page.getByRole("button", { name: /Failed.*typo/ }).first().click();
  await expect(page.getByRole("region", { name: "Inspector" }).getByText("Warning", { exact: true })).toBeVisible();
});
