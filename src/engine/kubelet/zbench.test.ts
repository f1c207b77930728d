import { test } from "vitest";
import { createTestApi } from "../testing/test-api.ts";
import { FakeNodeNetwork } from "../testing/fake-node-network.ts";
import { FakeRuntime } from "../testing/fake-runtime.ts";
import { createKubelet } from "./kubelet.ts";
import { NODE } from "../testing/node-fixture.ts";
import { Event } from "../kinds/event.ts";
import { Pod } from "../kinds/pod.ts";
test("bench", () => {
  const api = createTestApi({});
  api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
  api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt", namespace: "default" }, data: { "ca.crt": "x" } } as never);
  const N = 200, P = 30;
  const t0 = performance.now();
  const mem = (l: string) => { globalThis.gc?.(); console.log(l, (process.memoryUsage().heapUsed / 1e6).toFixed(1)); };
  mem('base');
  const ks: any[] = []; const rts: any[] = [];
  for (let i = 0; i < N; i++) {
    const runtime = new FakeRuntime(api.clock, `10.0.1.${i}`, `10.42.${i}.`);
    runtime.knownImages.set("nginx:1.27", { pullMs: 300 });
    const network = new FakeNodeNetwork(api.clock, `n${i}`, `10.0.1.${i}`);
    rts.push(runtime); const k = createKubelet({ context: { ...api.context, rng: api.context.rng.fork(`kubelet/n${i}`) }, connection: api.connection, runtime, network: network.network, node: { ...NODE, name: `n${i}`, ip: `10.0.1.${i}` }, staticPods: [], clusterDNS: "10.96.0.10", clusterDomain: "cluster.local" }); k.start(); ks.push(k);
  }
  api.runMs(5000);
  mem('nodes');
  const t1 = performance.now();
  for (let i = 0; i < N; i++) for (let j = 0; j < P; j++) api.create({ apiVersion: "v1", kind: "Pod", metadata: { name: `p-${i}-${j}`, namespace: "default" }, spec: { nodeName: `n${i}`, containers: [{ name: "nginx", image: "nginx:1.27" }] } } as never);
  mem('pods created');
  const t2 = performance.now();
  api.runMs(20000);
  const t3 = performance.now();
  const running = (api.server.objects(Pod as never) as any[]).filter((p) => p.status?.phase === "Running").length;
  mem('running');
  console.log({ start: t1 - t0, create: t2 - t1, run: t3 - t2, running, perPodUs: (t3 - t2) * 1000 / (N * P), events: api.clock.eventCount, });
  for (const r of rts) { r.all.clear(); r.pods.clear(); r.calls.length = 0; r.listeners.clear(); }
  mem('runtime gone');
  const st = process.env.KEEP; for (const k of ks) { k.process.parts.statuses.entries.clear(); }
  mem('statuses gone');
 for (const k of ks) k.process.parts.volumes.stop(); for (const k of ks) k.disk.pods.clear(); mem('volumes gone'); for (const k of ks) k.stop(); api.runMs(1000); mem('kubelets stopped'); for (const e of api.server.objects(Event as never) as any[]) api.server.internal.delete({ user: { name: 'system:admin', groups: ['system:masters'] }, manager: 'x' } as never, Event as never, { namespace: e.metadata.namespace, name: e.metadata.name }, {}); mem('events gone (history remains)');
});
