import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NetworkFixture } from "./testing/fixture.ts";
import type { TestEndpoint, TestService } from "./testing/objects.ts";

const PODS = ["default/a", "default/b", "default/c", "default/d"] as const;
const NODE_OF = { "default/a": "node-1", "default/b": "node-1", "default/c": "node-2", "default/d": "node-2" } as const;

interface RandomService {
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly nodePort: boolean;
  /** Per pod: not an endpoint, ready, not ready, terminating but serving. */
  readonly pods: readonly ("no" | "ready" | "unready" | "leaving")[];
}

const randomService: fc.Arbitrary<RandomService> = fc.record({
  internalLocal: fc.boolean(), externalLocal: fc.boolean(), nodePort: fc.boolean(),
  pods: fc.array(fc.constantFrom("no", "ready", "ready", "unready", "leaving"), { minLength: 4, maxLength: 4 }),
});

const input = (s: RandomService, i: number): TestService => ({
  name: `s${i}`, clusterIP: `10.96.1.${i + 1}`, type: s.nodePort ? "NodePort" : "ClusterIP",
  ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP", ...(s.nodePort ? { nodePort: 30_100 + i } : {}) }],
  internalTrafficPolicy: s.internalLocal ? "Local" : "Cluster", ...(s.nodePort ? { externalTrafficPolicy: s.externalLocal ? "Local" : "Cluster" } : {}),
});

/** What should happen, said without any table: who may answer and which source it may see; or how it fails. */
function oracle(s: RandomService, from: string, via: "clusterIP" | "nodePort", entryNode: string): { readonly servers: readonly string[] } | "refused" | "timed out" {
  if (via === "nodePort" && !s.nodePort) return "refused";
  const isPod = from.includes("/");
  const here = via === "clusterIP" ? (isPod ? NODE_OF[from as keyof typeof NODE_OF] : from) : entryNode;
  const usable = (pods: readonly string[]): readonly string[] => {
    const of = (state: string): string[] => pods.filter((pod) => s.pods[PODS.indexOf(pod as (typeof PODS)[number])] === state);
    return of("ready").length > 0 ? of("ready") : of("leaving");
  };
  const all = usable(PODS);
  const local = usable(PODS.filter((pod) => NODE_OF[pod] === here));
  const anywhere = PODS.some((_, i) => s.pods[i] === "ready" || s.pods[i] === "leaving");
  // A node that asks its own node port, and a pod that asks its own node's, are short-circuited: policy Local does not bind them.
  const isInside = isPod ? NODE_OF[from as keyof typeof NODE_OF] === entryNode : from === entryNode;
  const onlyLocal = via === "clusterIP" ? s.internalLocal : s.externalLocal && !isInside;
  const servers = onlyLocal ? local : all;
  if (servers.length > 0) return { servers };
  return anywhere ? "timed out" : "refused";
}

const FROM = ["default/a", "default/c", "node-1", "external"] as const;

describe("random Services: the walk through the tables and a naive oracle agree", () => {
  test("who answers, who is refused, who waits in vain", () => {
    fc.assert(
      fc.property(fc.array(randomService, { minLength: 1, maxLength: 12 }), fc.nat(1_000), (services, seed) => {
        const f = new NetworkFixture({ seed });
        for (const pod of PODS) f.serve(f.addPod(pod, NODE_OF[pod]));
        f.startProxies();
        services.forEach((s, i) => {
          const endpoints: TestEndpoint[] = PODS.flatMap((pod, p) => {
            const state = s.pods[p];
            return state === "no" ? [] : f.at(pod).map((endpoint) => ({ ...endpoint, ready: state === "ready", serving: state !== "unready", terminating: state === "leaving" }));
          });
          f.addService("default", input(s, i), endpoints);
        });
        services.forEach((s, i) => {
          for (const from of FROM) {
            for (const via of ["clusterIP", "nodePort"] as const) {
              if (via === "clusterIP" && from === "external") continue; // no way from outside
              const entryNode = "node-1";
              const to = via === "clusterIP" ? `http://10.96.1.${i + 1}/` : `http://10.0.0.11:${30_100 + i}/`;
              const expected = oracle(s, from, via, entryNode);
              const trace = f.send(from, to);
              const text = f.text({ ...trace, walks: trace.walks.slice(0, 1) });
              if (expected === "refused") expect(trace.outcome, text).toMatch(/^connection refused/);
              else if (expected === "timed out") expect(trace.outcome, text).toMatch(/^timed out \(DROP by KUBE-.* has no local endpoints\)/);
              else expect(expected.servers, text).toContain(trace.answeredBy);
            }
          }
        });
      }),
      { numRuns: 25 },
    );
  });
});

/** A scripted minute of traffic; everything that can be seen of it as one text. */
function run(seed: number, stepMs: number, recordAll: boolean): { readonly traces: string; readonly state: string } {
  const f = new NetworkFixture({ seed });
  f.network.recordAll(recordAll);
  for (const pod of PODS) f.serve(f.addPod(pod, NODE_OF[pod]));
  f.startProxies();
  f.addService("default", input({ internalLocal: false, externalLocal: false, nodePort: true, pods: ["ready", "ready", "ready", "ready"] }, 0), f.at(...PODS));
  const sent: number[] = [];
  f.clock.every(700_000, "traffic", () => {
    const from = PODS[sent.length % 4] ?? "default/a";
    f.pod(from).netns.http({ method: "GET", url: "http://10.96.1.1/" }, { timeoutUs: 1e6 }, () => {});
    f.network.send({ from: { external: true }, to: "http://10.0.0.11:30100/" }, () => undefined);
    sent.push(1);
  });
  for (let ms = 0; ms < 20_000; ms += stepMs) f.runMs(stepMs);
  const state = ["node-1", "node-2"].map((name) => {
    const node = f.network.node(name);
    return [node.ipAddr(), node.ipRoute(), node.ipNeigh(), node.bridgeFdb(), node.conntrack(), node.iptablesSave()].join("\n");
  }).join("\n");
  return { traces: f.network.traces().filter((trace) => trace.from === "external").map((trace) => f.text({ ...trace, id: 0 })).join("\n"), state };
}

describe("determinism", () => {
  test("the same seed gives the same traces and tables, whatever the step size", () => {
    expect(run(5, 1, false)).toEqual(run(5, 20_000, false));
  });
  test("tracing changes nothing but what is written down", () => {
    expect(run(5, 1_000, true)).toEqual(run(5, 1_000, false));
  });
  test("another seed, another run", () => {
    expect(run(6, 1_000, false).traces).not.toBe(run(5, 1_000, false).traces);
  });
});
