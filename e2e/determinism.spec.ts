import { expect, test } from "@playwright/test";
import { replay } from "../src/engine/index.ts";
import type { Command } from "../src/engine/cluster/contracts.ts";
import { openApp } from "./open-app.ts";

test("the same seed and commands give the same cluster in the browser's worker and in Node, after five simulated minutes", async ({ page }) => {
  await openApp(page);
  const options = { seed: 11, nodes: 3 };
  const body = (name: string, image: string): unknown => ({
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name },
    spec: { replicas: 3, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image, ports: [{ containerPort: 80 }] }] } } },
  });
  const headers = { "content-type": "application/json" };
  const commands: readonly Command[] = [
    { atUs: 40_000_000, type: "request", request: { method: "POST", path: "/apis/apps/v1/namespaces/default/deployments", headers, body: body("web", "nginx:1.27") } },
    { atUs: 41_000_000, type: "request", request: { method: "POST", path: "/api/v1/namespaces/default/services", headers, body: { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } } } },
    { atUs: 60_000_000, type: "send", request: { from: { node: "node-1" }, to: "http://10.42.1.2:80/" } },
    { atUs: 61_000_000, type: "send", request: { from: { external: true }, to: "icmp://10.0.0.12" } },
    { atUs: 90_000_000, type: "request", request: { method: "POST", path: "/apis/apps/v1/namespaces/default/deployments", headers, body: body("broken", "nginx:no-such-tag") } },
    { atUs: 150_000_000, type: "fault", fault: { kind: "kubelet-stopped", node: "node-2" } },
    { atUs: 200_000_000, type: "request", request: { method: "DELETE", path: "/apis/apps/v1/namespaces/default/deployments/web" } },
  ];
  const untilMs = 300_000;
  const inNode = replay(options, commands, untilMs).stateHash();
  const inWorker = await page.evaluate(([o, c, u]) => window.kubarium?.replayHash(o, c, u), [options, commands, untilMs] as const);
  expect(inWorker).toBe(inNode);
  expect(replay({ ...options, seed: 12 }, commands, untilMs).stateHash()).not.toBe(inNode);
});
