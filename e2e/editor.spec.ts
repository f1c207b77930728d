import { expect, test } from "@playwright/test";
import { openApp, podPhase, replaceEditorText } from "./open-app.ts";

test("the nginx Pod is there to apply, and comes alive", async ({ page }) => {
  const { errors } = await openApp(page);
  const editor = page.locator(".editor-host .monaco-editor").first();
  await expect(editor).toBeVisible();
  await expect(editor).toContainText("my-nginx-pod");
  await editor.click({ position: { x: 200, y: 40 } });
  await page.keyboard.press("ControlOrMeta+Enter");
  await podPhase(page, "my-nginx-pod", "Pending");
  await podPhase(page, "my-nginx-pod", "Running");
  expect(errors).toEqual([]);
});

const underlined = (page: import("@playwright/test").Page) => page.locator(".editor-host .squiggly-error");

test("what the server objects to is underlined at its line, and goes with the next edit", async ({ page }) => {
  const { errors } = await openApp(page);
  await replaceEditorText(page, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: good-name\nspec:\n  containers: []\ncontainers: []\n");
  await page.keyboard.press("ControlOrMeta+Enter");
  const list = page.locator(".editor-errors");
  await expect(list).toContainText('unknown field "containers"');
  await expect(list).toContainText("Line 7");
  await expect(underlined(page).first()).toBeVisible();
  expect(errors).toEqual([]);
});

test.describe("bad input gets the error that Kubernetes gives, and nothing is lost", () => {
  for (const [name, text, message] of [
    ["broken YAML", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n", "yaml: line 4: found character that cannot start any token"],
    ["an unknown kind", "apiVersion: v1\nkind: Pdo\nmetadata:\n  name: x\n", 'no matches for kind "Pdo" in version "v1"'],
    ["a wrong type", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  replicas: two\n", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"],
    ["a bad name", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: Bad_Name\nspec:\n  containers:\n  - name: a\n    image: nginx\n", 'The Pod "Bad_Name" is invalid: metadata.name: Invalid value'],
    ["an alias bomb", `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g"].map((key, i) => `${key}: &${key} [${Array.from({ length: 9 }, () => `*${"abcdef"[i]}`).join(",")}]`).join("\n")}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n`, "document contains excessive aliasing"],
  ] as const) {
    test(name, async ({ page }) => {
      const { errors } = await openApp(page);
      const outcomes = await page.evaluate((manifest) => window.kubarium?.apply(manifest), text);
      expect(outcomes?.map((outcome) => outcome.message).join("\n")).toContain(message);
      expect(await page.evaluate(() => window.kubarium?.phase())).toBe("running");
      expect(errors).toEqual([]);
    });
  }

  test("two documents, one wrong: the good one is applied", async ({ page }) => {
    await openApp(page);
    const outcomes = await page.evaluate(() => window.kubarium?.apply("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\ndata:\n  a: 1\n"));
    expect(outcomes?.map(({ subject, result }) => [subject, result])).toEqual([["configmap/good", "created"], ["configmap/bad", "error"]]);
    expect(outcomes?.[1]?.underlines[0]?.line).toBe(10);
  });

  test("a paste of 5 MB is refused in a sentence, and the text before it stays", async ({ page }) => {
    const { errors } = await openApp(page);
    const outcomes = await page.evaluate(() => window.kubarium?.apply(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  a: ${"x".repeat(5_000_000)}\n`));
    expect(outcomes?.[0]?.message).toContain("Request entity too large: limit is 3145728");
    expect(errors).toEqual([]);
  });
});
