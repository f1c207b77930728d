import { expect, test } from "@playwright/test";
import { openApp, podPhase, terminalText, type } from "./open-app.ts";

test("a session with kubectl, pipes and files", async ({ page }) => {
  const { errors } = await openApp(page);
  await expect(page.locator(".terminal-pane .xterm")).toBeVisible();
  await type(page, "kubectl get nodes");
  await expect.poll(() => terminalText(page)).toContain("control-planeReadycontrol-plane");
  await type(page, "ls");
  await expect.poll(() => terminalText(page)).toContain("nginx-pod.yml");
  await type(page, "kubectl apply -f nginx-pod.yml");
  await expect.poll(() => terminalText(page)).toContain("pod/my-nginx-podcreated");
  await podPhase(page, "my-nginx-pod", "Running");
  await type(page, "clear");
  await type(page, "kubectl get pods -A | grep -c Running");
  await expect.poll(() => terminalText(page)).toMatch(/Running1[0-9]student/);
  await type(page, "kubectl describe pod my-nginx-pod | tail -3");
  await expect.poll(() => terminalText(page)).toContain("Startedcontainernginx-container");
  await type(page, "kubectl delete pod my-nginx-pod");
  await expect.poll(() => terminalText(page), { timeout: 45_000 }).toContain('pod"my-nginx-pod"deletedstudent@laptop');
  expect(errors).toEqual([]);
});

test("a watch goes on until Ctrl-C", async ({ page }) => {
  await openApp(page);
  await type(page, "kubectl get pods -w");
  await page.evaluate(() => window.kubarium?.apply("apiVersion: v1\nkind: Pod\nmetadata: {name: seen}\nspec:\n  containers: [{name: c, image: nginx}]\n"));
  await expect.poll(() => terminalText(page), { timeout: 30_000 }).toContain("seen0/1ContainerCreating");
  await expect.poll(() => terminalText(page), { timeout: 30_000 }).toContain("seen1/1Running");
  await page.keyboard.press("Control+C");
  await type(page, "echo still-$((40 + 2))");
  await expect.poll(() => terminalText(page)).toContain("still-42");
});

test("editing the line: history, completion, errors in kubectl's words", async ({ page }) => {
  await openApp(page);
  await type(page, "kubectl get pdos");
  await expect.poll(() => terminalText(page)).toContain(`error:theserverdoesn'thavearesourcetype"pdos"`);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Backspace");
  await expect.poll(() => terminalText(page)).toMatch(/\$kubectlgetpdo$/);
  await page.keyboard.press("Control+U");
  await page.keyboard.type("kubectl get no");
  await page.keyboard.press("Tab");
  await page.keyboard.type("X");
  await expect.poll(() => terminalText(page)).toMatch(/kubectlgetnodesX$/);
});

test("a file made in the terminal opens in the editor", async ({ page }) => {
  await openApp(page);
  await type(page, "echo 'kind: ConfigMap' > made.yml");
  await expect(page.getByRole("tab", { name: "made.yml" })).toBeVisible();
});
