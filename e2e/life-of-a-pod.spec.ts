import { expect, test } from "@playwright/test";
import { create, nginxPod, openStage, podCard, setSpeed, untilPod } from "./support/stage.ts";

test("the nginx Pod: waits, gets a node, is set up step by step, runs, is ready; deleted, it leaves", async ({ page }) => {
  await openStage(page);
  await page.evaluate(() => window.kubarium?.clock({ do: "pause" }));
  await create(page, nginxPod("my-nginx-pod"));
  const card = podCard(page, "my-nginx-pod");
  await expect(card).toHaveAttribute("data-meaning", "pending");
  await expect(card).toHaveAccessibleName(/waits for a node/);
  await card.click();
  const inspector = page.getByRole("region", { name: "Inspector" });
  await expect(inspector.getByRole("heading", { name: "my-nginx-pod" })).toBeVisible();

  // Slow motion, and every look of the card written down as it passes.
  await page.evaluate(() => {
    const seen: string[] = [];
    (window as unknown as { seen: string[] }).seen = seen;
    const look = (): void => {
      const element = document.querySelector('[data-pod="default/my-nginx-pod"]');
      const text = `${element?.getAttribute("data-meaning")}: ${element?.querySelector(".pod-said")?.textContent ?? ""}`;
      if (element !== null && seen.at(-1) !== text) seen.push(text);
      requestAnimationFrame(look);
    };
    look();
  });
  await setSpeed(page, 0.5);
  await page.evaluate(() => window.kubarium?.clock({ do: "play" }));
  await untilPod(page, "my-nginx-pod", "ready");
  await expect(card).toHaveAttribute("data-meaning", "ready");
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(seen[0]).toMatch(/^pending: /);
  for (const step of ["starting: sandbox", "starting: pulling", "ready: Running"]) expect(seen).toContain(step);
  expect(seen.indexOf("starting: sandbox")).toBeLessThan(seen.indexOf("starting: pulling"));

  await expect(inspector.getByRole("list", { name: /steps in/ }).getByText("Image pull")).toBeVisible();
  await expect(inspector.getByRole("list", { name: /steps in/ }).getByText(/10\.42\.\d+\.\d+/).first()).toBeVisible();
  await expect(inspector.getByRole("list", { name: "Phase: Running" }).getByText("Running")).toHaveAttribute("aria-current", "step");
  for (const condition of ["PodScheduled", "Initialized", "ContainersReady", "Ready"]) await expect(inspector.getByText(condition, { exact: true }).first()).toBeVisible();

  await inspector.getByRole("tab", { name: /^Events/ }).click();
  for (const reason of ["Scheduled", "Pulling", "Pulled", "Created", "Started"]) await expect(inspector.getByText(reason, { exact: true })).toBeVisible();
  await inspector.getByRole("tab", { name: "Why" }).click();
  await expect(inspector.getByText(/Successfully assigned default\/my-nginx-pod to node-\d/)).toBeVisible();
  await expect(inspector.getByRole("table", { name: "Turned away" }).getByText("TaintToleration")).toBeVisible();
  await expect(inspector.getByRole("table", { name: "Scores of those that passed" }).getByRole("row")).not.toHaveCount(0);
  await inspector.getByRole("tab", { name: "YAML" }).click();
  await expect(inspector.getByLabel("Live object as YAML")).toContainText("phase: Running");
  await inspector.getByRole("tab", { name: "Logs" }).click();
  await expect(inspector.getByLabel("Log of nginx-container")).toContainText(/start worker process|nginx/);

  await setSpeed(page, 5);
  await inspector.getByRole("button", { name: "Delete" }).click();
  await untilPod(page, "my-nginx-pod", "terminating").catch(() => {}); // it may be gone before anybody looked
  await expect(card).toHaveCount(0, { timeout: 30_000 });
});

test("a wrong image tag says what is wrong", async ({ page }) => {
  await openStage(page);
  await setSpeed(page, 5);
  await create(page, nginxPod("typo", "nginx:no-such-tag"));
  await untilPod(page, "typo", "failing");
  await expect(podCard(page, "typo")).toHaveAccessibleName(/ErrImagePull|ImagePullBackOff/);
  await podCard(page, "typo").click();
  const inspector = page.getByRole("region", { name: "Inspector" });
  await expect(inspector.getByText(/ErrImagePull|ImagePullBackOff/).first()).toBeVisible();
  await inspector.getByRole("tab", { name: /^Events/ }).click();
  await expect(inspector.getByText(/Failed to pull image "nginx:no-such-tag"/).first()).toBeVisible();
});

test("a pod that fits nowhere stays in the lane, and Why says so node by node", async ({ page }) => {
  await openStage(page);
  const huge = nginxPod("huge");
  await create(page, { ...huge, spec: { containers: [{ name: "c", image: "nginx:latest", resources: { requests: { cpu: "64" } } }] } });
  await expect(podCard(page, "huge")).toHaveAttribute("data-meaning", "pending");
  await page.waitForTimeout(1_500);
  await podCard(page, "huge").click();
  const inspector = page.getByRole("region", { name: "Inspector" });
  await inspector.getByRole("tab", { name: "Why" }).click();
  await expect(inspector.getByText(/0\/4 nodes are available: .*3 Insufficient cpu/)).toBeVisible();
  await expect(inspector.getByRole("table", { name: "Turned away" }).getByRole("row")).toHaveCount(5);
});
