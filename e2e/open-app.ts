import { expect, type Page } from "@playwright/test";

/** What the page puts on `window` for tests; see src/ui/app/test-hook.ts. */
export type { TestHook } from "../src/ui/app/test-hook.ts";

/** Opens the app in a fresh state and waits until the cluster runs. Errors of the page fail the test at its end. */
export async function openApp(page: Page, options: { readonly theme?: "dark" | "light" } = {}): Promise<{ readonly errors: string[] }> {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.emulateMedia({ colorScheme: options.theme ?? "dark" });
  await page.goto("/");
  await page.waitForFunction(() => window.kubarium?.phase() === "running", undefined, { timeout: 60_000 });
  return { errors };
}

/** What the terminal shows, without any white space: it wraps lines where the pane ends. */
export async function terminalText(page: Page): Promise<string> {
  return page.locator(".terminal-pane .xterm-rows").evaluate((rows) => (rows.textContent ?? "").replaceAll(/\s+/g, ""));
}

export async function type(page: Page, line: string): Promise<void> {
  await page.getByLabel("Terminal input").focus();
  await page.keyboard.type(`${line}\n`);
}

/** Waits until a pod shows a phase; answers with its row's name. */
export async function podPhase(page: Page, name: string, phase: string, timeout = 60_000): Promise<void> {
  await page.waitForFunction(([wanted, state]) => window.kubarium?.pods().some((pod) => pod.name === wanted && pod.phase === state) ?? false, [name, phase] as const, { timeout });
}

/** Opens the editor with this text in it, and puts the cursor there. */
export async function replaceEditorText(page: Page, text: string): Promise<void> {
  const editor = page.locator(".editor-host .monaco-editor").first();
  await expect(editor).toBeVisible();
  await page.evaluate((content) => window.kubarium?.edit(content), text);
  await editor.click({ position: { x: 120, y: 30 } });
}
