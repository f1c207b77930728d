import { expect, test } from "@playwright/test";
import { boxOf, create, nginxPod, openStage, setSpeed, untilPod, untilReady, webDeployment, webService } from "./support/stage.ts";

test.describe("a packet to a Service", () => {
  test.beforeEach(async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openStage(page);
    await setSpeed(page, 10);
    await create(page, webDeployment(2), webService, nginxPod("client"));
    await untilReady(page, "web-", 2);
    await untilPod(page, "client", "ready");
    await page.waitForTimeout(500);
    await setSpeed(page, 1);
    await page.getByRole("button", { name: "Send packet" }).click();
    const dialog = page.getByRole("dialog", { name: "Send a packet" });
    await dialog.getByLabel("From").selectOption({ label: "client" });
    await dialog.getByRole("textbox", { name: "To" }).or(dialog.getByRole("combobox", { name: "To" })).fill("http://web");
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
  });

  test("DNS first, then the handshake, then the request; every hop with its rule, and the answer", async ({ page }) => {
    const inspector = page.getByRole("region", { name: "Inspector" });
    await expect(inspector.getByText(/^200 OK/).first()).toBeVisible({ timeout: 30_000 });
    const roles = await inspector.locator(".walk-role").allTextContents();
    expect(roles[0]).toBe("DNS query");
    expect(roles.indexOf("DNS reply")).toBeLessThan(roles.indexOf("SYN"));
    expect(roles.indexOf("SYN")).toBeLessThan(roles.indexOf("Request"));
    expect(roles.indexOf("Request")).toBeLessThan(roles.indexOf("Reply"));

    await inspector.getByRole("button", { name: /^SYN / }).first().click();
    await inspector.getByRole("button", { name: /^nat\/PREROUTING/ }).first().click();
    const rules = inspector.locator(".rules code");
    await expect(rules.filter({ hasText: /-A KUBE-SERVICES -d 10\.\d+\.\d+\.\d+\/32 .*default\/web/ })).toBeVisible();
    await expect(rules.filter({ hasText: /-A KUBE-SEP-\S+ .*-j DNAT .*--to-destination 10\.42\.\d+\.\d+:80/ })).toBeVisible();
    await expect(inspector.getByRole("row", { name: /dst IP 10\.\S+ 10\.42\./ })).toBeVisible();
    await inspector.getByRole("button", { name: "Service default/web" }).click();
    await expect(inspector.getByRole("heading", { name: "web" })).toBeVisible();
    await inspector.getByRole("button", { name: "Back" }).click();
    await expect(inspector.getByText(/previous and next hop/)).toBeVisible();
  });

  test("arrow keys walk the hops, across packets too; the whole can be copied as text", async ({ page }) => {
    const inspector = page.getByRole("region", { name: "Inspector" });
    await expect(inspector.getByText(/^200 OK/).first()).toBeVisible({ timeout: 30_000 });
    await inspector.getByRole("button", { name: /^DNS query/ }).first().click();
    const current = inspector.locator("[aria-current=step] .hop-title");
    const open = inspector.locator(".walk[data-open] .walk-role");
    const first = await current.textContent();
    await page.keyboard.press("ArrowRight");
    await expect(current).not.toHaveText(first ?? "");
    await page.keyboard.press("ArrowLeft");
    await expect(current).toHaveText(first ?? "");
    for (let i = 0; i < 120 && (await open.textContent()) === "DNS query"; i += 1) await page.keyboard.press("ArrowRight");
    await expect(open).toHaveText("DNS reply");
    await inspector.getByRole("button", { name: "Copy" }).click();
    await expect(page.getByText("Trace copied as text")).toBeVisible();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain("pod default/client → http://web");
    expect(text).toMatch(/-j DNAT --to-destination 10\.42\.|-j DNAT.*--to-destination 10\.42\./);
  });

  test("a packet on its way can be clicked: time holds, and its hop opens", async ({ page }) => {
    const canvas = page.getByTestId("packets");
    await expect(canvas).not.toHaveAttribute("data-packets", "0", { timeout: 20_000 });
    await page.getByRole("button", { name: "Close the inspector" }).click();
    // Where it is, only the canvas knows; ask its pixels: the pointer turns into a hand above a packet.
    const stage = page.locator(".react-flow").first();
    const box = await boxOf(stage);
    const hit = await page.evaluate(async ({ x, y, width, height }) => {
      const pane = document.querySelector<HTMLElement>(".react-flow");
      if (pane === null) return false;
      for (let round = 0; round < 200; round += 1) {
        for (let dy = 6; dy < height; dy += 20) {
          for (let dx = 6; dx < width; dx += 20) {
            pane.dispatchEvent(new MouseEvent("mousemove", { clientX: x + dx, clientY: y + dy, bubbles: true }));
            if (pane.style.cursor === "pointer") {
              pane.dispatchEvent(new MouseEvent("click", { clientX: x + dx, clientY: y + dy, bubbles: true }));
              return true;
            }
          }
        }
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return false;
    }, box);
    expect(hit).toBe(true);
    await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
    await expect(page.locator("[aria-current=step]")).toBeVisible();
  });
});

test("nobody listens: the refusal is on the map and in the ladder", async ({ page }) => {
  await openStage(page);
  await setSpeed(page, 10);
  await create(page, webService, nginxPod("client"));
  await untilPod(page, "client", "ready");
  await setSpeed(page, 1);
  await page.getByRole("button", { name: "Send packet" }).click();
  const dialog = page.getByRole("dialog", { name: "Send a packet" });
  await dialog.getByLabel("From").selectOption({ label: "client" });
  await dialog.getByLabel("To", { exact: true }).fill("http://web");
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  const inspector = page.getByRole("region", { name: "Inspector" });
  await expect(inspector.getByText(/refused/).first()).toBeVisible({ timeout: 30_000 });
});
