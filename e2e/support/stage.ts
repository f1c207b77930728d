import { expect, type Locator, type Page } from "@playwright/test";

/** What a manifest looks like before the server has seen it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

export const nginxPod = (name: string, image = "nginx:latest"): Manifest => ({
  apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: name } }, spec: { containers: [{ name: "nginx-container", image, ports: [{ containerPort: 80 }] }] },
});

export const webDeployment = (replicas: number): Manifest => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" },
  spec: { replicas, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "nginx", image: "nginx:latest", ports: [{ containerPort: 80 }] }] } } },
});

export const webService: Manifest = { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 80 }] } };

/** Opens the app and waits until the cluster runs. Plain panes: neither Monaco nor the terminal, for tests of everything else. */
export async function openStage(page: Page, { panes = "plain", query = "" } = {}): Promise<void> {
  await page.goto(`/?panes=${panes}${query}`);
  await page.waitForFunction(() => window.kubarium?.phase() === "running", undefined, { timeout: 60_000 });
  await expect(page.getByRole("region", { name: "Map of the cluster" })).toBeVisible();
}

/** Creates objects through the API, as the page itself does. */
export async function create(page: Page, ...manifests: readonly Manifest[]): Promise<void> {
  const answers = await page.evaluate(async (all) => {
    const plural: Record<string, string> = { Pod: "pods", Service: "services", Deployment: "deployments" };
    const statuses: string[] = [];
    for (const body of all) {
      const prefix = body.apiVersion.includes("/") ? `/apis/${body.apiVersion}` : `/api/${body.apiVersion}`;
      const answer = await window.kubarium?.request({ method: "POST", path: `${prefix}/namespaces/default/${plural[body.kind]}`, headers: { "content-type": "application/json" }, body });
      statuses.push(answer?.status === 201 ? "" : JSON.stringify(answer?.body));
    }
    return statuses;
  }, manifests as Manifest[]);
  expect(answers).toEqual(manifests.map(() => ""));
}

/** Waits in real time for a pod of the default namespace to look like this. */
export async function untilPod(page: Page, name: string, meaning: string): Promise<void> {
  await page.waitForFunction(
    ([podName, wanted]) => window.kubarium?.pods().some((p) => p.namespace === "default" && p.name === podName && p.meaning === wanted) === true,
    [name, meaning] as const, { timeout: 60_000 },
  );
}

/** Waits until this many pods of a Deployment are ready. */
export async function untilReady(page: Page, prefix: string, count: number): Promise<void> {
  await page.waitForFunction(
    ([start, wanted]) => (window.kubarium?.pods().filter((p) => p.namespace === "default" && p.name.startsWith(start) && p.meaning === "ready").length ?? 0) >= wanted,
    [prefix, count] as const, { timeout: 80_000 },
  );
}

export const setSpeed = (page: Page, speed: number): Promise<void> => page.evaluate((s) => window.kubarium?.clock({ do: "speed", speed: s }), speed);
export const podCard = (page: Page, name: string) => page.locator(`[data-pod="default/${name}"]`);

/** Where an element is; fails when it is nowhere. */
export async function boxOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox();
  if (box === null) throw new Error("the element is not on the page");
  return box;
}
