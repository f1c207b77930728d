import { expect, test } from "@playwright/test";
import { create, openStage, setSpeed, untilReady, webDeployment, webService } from "./support/stage.ts";

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU µs of the thread: what the task cost, however busy the machine is with others. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

test("no task of the page's main thread costs more than 50 ms while 200 replicas roll out", async ({ page }) => {
  test.setTimeout(180_000);
  await openStage(page);
  await setSpeed(page, 5);
  await page.waitForTimeout(1_500);
  const events: TraceEvent[] = [];
  const cdp = await page.context().newCDPSession(page);
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "disabled-by-default-devtools.timeline"] } });
  await create(page, webDeployment(200), webService);
  await untilReady(page, "web-", 200);
  const complete = new Promise<void>((resolve) => cdp.once("Tracing.tracingComplete", () => resolve()));
  await cdp.send("Tracing.end");
  await complete;
  const main = new Set(events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid}:${e.tid}`));
  const tasks = events.filter((e) => e.name === "RunTask" && e.ph === "X" && main.has(`${e.pid}:${e.tid}`)).map((e) => (e.tdur ?? 0) / 1_000);
  expect(tasks.length).toBeGreaterThan(500);
  expect(Math.max(...tasks)).toBeLessThanOrEqual(50);
  await expect(page.getByRole("button", { name: /^Service default\/web, .* 200 of 200 endpoints ready/ })).toBeVisible();
});
