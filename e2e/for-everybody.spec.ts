import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { create, nginxPod, openStage, podCard, setSpeed, untilPod, webService } from "./support/stage.ts";

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} — ${n.failureSummary?.split("\n")[1]?.trim() ?? v.help}`));
}

for (const colorScheme of ["dark", "light"] as const) {
  test(`axe finds nothing on any screen (${colorScheme})`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openStage(page);
    expect(await violations(page), "first picture").toEqual([]);
    await setSpeed(page, 10);
    await create(page, nginxPod("web"), nginxPod("typo", "nginx:no-such-tag"), webService);
    await untilPod(page, "web", "ready");
    await untilPod(page, "typo", "failing");
    await page.getByRole("button", { name: "Pause" }).click();
    for (const tab of ["Packets", "Pods", "Workloads"]) {
      await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
      expect(await violations(page), `activity: ${tab}`).toEqual([]);
    }
    await podCard(page, "typo").click();
    for (const tab of ["Life", "Events", "Why", "Logs", "YAML"]) {
      await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
      await page.waitForTimeout(150);
      expect(await violations(page), `pod: ${tab}`).toEqual([]);
    }
    await page.getByRole("region", { name: /^node-1:/ }).getByRole("button", { name: /^node-1 / }).click();
    await page.getByRole("tab", { name: "Network" }).click();
    expect(await violations(page), "node").toEqual([]);
    await page.getByRole("button", { name: /^Service default\/web/ }).click();
    expect(await violations(page), "service").toEqual([]);
    await page.getByRole("button", { name: "Send packet" }).click();
    expect(await violations(page), "send dialog").toEqual([]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForTimeout(2_000);
    expect(await violations(page), "ladder").toEqual([]);
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await violations(page), "palette").toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Help and keyboard shortcuts" }).click();
    expect(await violations(page), "help").toEqual([]);
    await page.keyboard.press("Escape");
    await page.evaluate(() => window.kubarium?.crash("planted by a test"));
    await expect(page.getByRole("dialog", { name: "The cluster has crashed" })).toBeVisible();
    expect(await violations(page), "crash").toEqual([]);
  });
}

test("from start to a traced packet with the keyboard alone", async ({ page }) => {
  await openStage(page);
  await setSpeed(page, 10);
  await create(page, nginxPod("web"), nginxPod("client"), { ...webService, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
  await untilPod(page, "web", "ready");
  await untilPod(page, "client", "ready");
  await setSpeed(page, 1);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible();
  await page.keyboard.type("default/client");
  await page.keyboard.press("Enter");
  const inspector = page.getByRole("region", { name: "Inspector" });
  await expect(inspector.getByRole("heading", { name: "client" })).toBeVisible();
  await inspector.getByRole("button", { name: "Send from" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Send a packet" })).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("http://web");
  await page.keyboard.press("Enter");
  await expect(inspector.getByText(/^200 OK/).first()).toBeVisible({ timeout: 30_000 });
  await page.keyboard.press("ArrowRight");
  await expect(inspector.locator("[aria-current=step]")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(inspector.getByRole("tab", { name: /^Events/ })).toBeVisible();
});

test("who asks for less motion gets none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openStage(page);
  await create(page, nginxPod("web"));
  await untilPod(page, "web", "starting");
  // Fading is no motion; turning, flying and growing are.
  const moving = await page.evaluate(() => document.getAnimations().filter((a) => a.playState === "running" && Number(a.effect?.getComputedTiming().duration ?? 0) > 50
    && a.effect instanceof KeyframeEffect && a.effect.getKeyframes().some((k) => "transform" in k || "rotate" in k || "scale" in k || "translate" in k)).length);
  expect(moving).toBe(0);
});
