import { expect, test } from "@playwright/test";
import { create, nginxPod, openStage, untilPod } from "./support/stage.ts";

test("a crash of the engine is told, keeps the YAML, and a restart gives a fresh cluster", async ({ page }) => {
  await openStage(page);
  const editor = page.getByRole("textbox", { name: /Contents of/ });
  await editor.fill("# mine\napiVersion: v1\nkind: Pod\n");
  await create(page, nginxPod("web"));
  await untilPod(page, "web", "starting");
  await page.evaluate(() => window.kubarium?.crash("planted by a test"));
  const dialog = page.getByRole("dialog", { name: "The cluster has crashed" });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByText("planted by a test").first()).toBeVisible();
  await expect(dialog.getByText("crash-on-purpose").first()).toBeVisible();
  await dialog.getByText("Stack", { exact: true }).click();
  await expect(dialog.locator("pre")).toContainText("planted by a test");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Restart the cluster" }).click();
  await expect(dialog).toBeHidden();
  await page.waitForFunction(() => window.kubarium?.phase() === "running");
  await expect(editor).toHaveValue("# mine\napiVersion: v1\nkind: Pod\n");
  expect(await page.evaluate(() => window.kubarium?.pods().filter((p) => p.namespace === "default").length)).toBe(0);
  await create(page, nginxPod("again"));
  await untilPod(page, "again", "ready");
});
