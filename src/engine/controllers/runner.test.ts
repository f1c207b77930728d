import { describe, expect, test } from "vitest";
import type { Status } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import type { Answer, ApiClient, ApiConnection } from "../client/contracts.ts";
import { err, ok } from "../kernel/result.ts";
import type { ConfigMapObject } from "../kinds/generated/types.ts";
import { ConfigMap } from "../kinds/config-map.ts";
import { Event } from "../kinds/event.ts";
import { Pod } from "../kinds/pod.ts";
import { createTestApi } from "../testing/test-api.ts";
import { makePod } from "../testing/make-objects.ts";
import { anyKind, create, update } from "./actions.ts";
import { type Controller, watch } from "./controller.ts";
import { executePlan, type ExecutionContext, type SyncResult } from "./execute-plan.ts";
import { Expectations } from "./expectations.ts";
import { createInformerView } from "./informer-view.ts";
import type { CreateAction, Plan } from "./plan.ts";
import { runController } from "./runner.ts";
import { planOf, type Steps } from "./steps.ts";

const failure = (reason: Status["reason"], cause?: string): Status => ({
  kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "no", code: 403, ...(reason === undefined ? {} : { reason }), ...(cause === undefined ? {} : { details: { causes: [{ reason: cause }] } }),
});

describe("Expectations", () => {
  test("creates are settled one by one, deletes by uid, and both after 5 minutes", () => {
    const ledger = new Expectations();
    ledger.expectCreations("a", 2, 0);
    ledger.expectDeletion("a", "x", 0);
    ledger.creationObserved("a");
    ledger.deletionObserved("a", "y");
    expect(ledger.settled("a", 1)).toBe(false);
    ledger.creationObserved("a");
    expect(ledger.settled("a", 1)).toBe(false);
    ledger.deletionObserved("a", "x");
    expect(ledger.settled("a", 1)).toBe(true);
    ledger.expectCreations("b", 1, 0);
    expect([ledger.settled("b", 300e6), ledger.settled("b", 300e6 + 1), ledger.settled("c", 0)]).toEqual([false, true, true]);
  });
});

describe("executing a plan", () => {
  /** A client that collects creates; `answer` answers the oldest of them. */
  const arrange = () => {
    const waiting: Answer<KubeObject>[] = [];
    const told: string[] = [];
    const ledger = new Expectations();
    const state = { alive: true, results: [] as SyncResult[] };
    const client = { create: (_kind: unknown, _object: unknown, done: Answer<KubeObject>) => void waiting.push(done) } as unknown as ApiClient;
    const context: ExecutionContext = {
      client, recorder: { event: (_about, type, reason, message) => void told.push(`${type} ${reason}: ${message}`) }, nowUs: () => 0, alive: () => state.alive, expectations: { key: "k", ledger, kind: "Pod" },
    };
    let serial = 0;
    const answer = (count: number, error?: Status): void => {
      for (let i = 0; i < count; i++) waiting.shift()?.(error === undefined ? ok(makePod(`p${++serial}`)) : err(error));
    };
    const run = (plan: Plan): void => executePlan(plan, context, (result) => state.results.push(result));
    return { waiting, told, ledger, state, answer, run };
  };
  const pods = (count: number, policy?: CreateAction["policy"]): CreateAction => create(Pod, makePod("p"), { count, reportTo: makePod("owner"), ...(policy === undefined ? {} : { policy }) });

  test("slow start sends 1, 2, 4, … and the rest", () => {
    const { waiting, told, state, answer, run } = arrange();
    const sent: number[] = [];
    run({ actions: [pods(12, "slowStart")] });
    while (waiting.length > 0) {
      sent.push(waiting.length);
      answer(waiting.length);
    }
    expect([sent, told.length, told[0], state.results]).toEqual([[1, 2, 4, 5], 12, "Normal SuccessfulCreate: Created pod: p1", [{ failed: undefined, requeueAfterUs: undefined, enqueue: [] }]]);
  });

  test("it stops at the first batch with an error; what was not tried or failed is not waited for", () => {
    const { waiting, told, ledger, state, answer, run } = arrange();
    run({ actions: [pods(12, "slowStart")] });
    answer(1);
    answer(1);
    answer(1, failure("Forbidden"));
    expect([waiting.length, told.at(-1), state.results[0]?.failed]).toEqual([0, "Warning FailedCreate: Error creating: no", failure("Forbidden")]);
    expect(ledger.settled("k", 1)).toBe(false); // two were made and have not shown up yet
    ledger.creationObserved("k", 2);
    expect(ledger.settled("k", 1)).toBe(true);
  });

  test("a namespace on its way out is no error", () => {
    const { told, state, answer, run } = arrange();
    run({ actions: [pods(1)] });
    answer(1, failure("Forbidden", "NamespaceTerminating"));
    expect([told, state.results[0]?.failed]).toEqual([[], undefined]);
  });

  test("steps: a plain yield ends the sync at its first failure, an attempt goes on", () => {
    const reached: string[] = [];
    const { answer, run, state } = arrange();
    run(planOf((function* (): Steps {
      const [first] = yield { attempt: pods(1) };
      reached.push(first?.error?.reason ?? "none");
      yield pods(1);
      reached.push("never");
      return undefined;
    })()));
    answer(1, failure("Forbidden"));
    answer(1, failure("Conflict"));
    expect([reached, state.results[0]?.failed]).toEqual([["Forbidden"], failure("Conflict")]);
  });

  test("after the manager has stopped, answers lead nowhere", () => {
    const { answer, run, state, told } = arrange();
    run({ actions: [pods(1)], after: () => ({ actions: [pods(1)] }) });
    state.alive = false;
    answer(1);
    expect([state.results, told]).toEqual([[], []]);
  });
});

describe("running a controller", () => {
  const start = (controller: Partial<Controller> & Pick<Controller, "reconcile">) => {
    const api = createTestApi();
    const factory = api.connection.informers("test");
    const view = createInformerView(api.context, factory);
    const running = runController({ name: "test", workers: 2, watches: [watch(ConfigMap, ({ object }) => [object.metadata.name])], ...controller }, api.context, api.connection as ApiConnection, view, { qps: 1000, burst: 1000 });
    factory.start();
    factory.whenSynced(() => running.begin());
    const put = (name: string, data: Record<string, string> = {}): void => void api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data } as ConfigMapObject);
    return { api, running, put };
  };
  const touch = (view: Parameters<Controller["reconcile"]>[1], name: string): Plan => {
    const found = view.get(ConfigMap, { namespace: "default", name });
    return found === undefined || found.data?.["seen"] === "yes" ? { actions: [] } : { actions: [update(ConfigMap, { ...found, data: { seen: "yes" } })] };
  };

  test("what is there at the start is looked at once the caches are filled; one key is never in work twice", () => {
    const inWork = new Map<string, number>();
    const syncs: string[] = [];
    let [most, mostOfOne] = [0, 0];
    const { api, put } = start({
      reconcile: (name, view) => {
        syncs.push(name);
        inWork.set(name, (inWork.get(name) ?? 0) + 1);
        most = Math.max(most, [...inWork.values()].reduce((a, b) => a + b, 0));
        mostOfOne = Math.max(mostOfOne, inWork.get(name) ?? 0);
        const plan = touch(view, name);
        return { ...plan, after: () => {
          inWork.set(name, (inWork.get(name) ?? 0) - 1);
          return { actions: [] };
        } };
      },
    });
    for (const name of ["a", "b", "c", "d"]) put(name);
    api.runMs(500);
    expect([new Set(syncs), most, mostOfOne]).toEqual([new Set(["a", "b", "c", "d"]), 2, 1]);
  });

  test("what changes during a sync is looked at right after it", () => {
    const versions: (string | undefined)[] = [];
    const { api, put } = start({ reconcile: (name, view) => {
      versions.push(view.get(ConfigMap, { namespace: "default", name })?.data?.["v"]);
      return { actions: [{ type: "list", kind: anyKind(Pod), namespace: "" }] };
    } });
    api.runMs(100);
    put("a", { v: "1" });
    api.runMs(5);
    api.server.internal.patch({ user: { name: "admin", groups: ["system:masters"] }, manager: "test" }, anyKind(ConfigMap), { namespace: "default", name: "a" }, { type: "merge", body: { data: { v: "2" } } });
    api.runMs(100);
    expect(versions).toEqual(["1", "2"]);
  });

  test("a failing key backs off 5, 10, 20, … ms and is given up after maxRetries", () => {
    const at: number[] = [];
    const { api, put } = start({ maxRetries: 4, reconcile: () => {
      at.push(api.clock.now() / 1000);
      return { actions: [], failed: "not yet" };
    } });
    api.runMs(100);
    put("a");
    api.runMs(60_000);
    const gaps = at.slice(1).map((time, i) => Math.round(time - (at[i] ?? 0)));
    expect(gaps).toEqual([5, 10, 20, 40]);
  });

  test("keys asked for later, by a delay or by another key's sync, come; after stop nothing does", () => {
    const seen: string[] = [];
    const { api, running, put } = start({ reconcile: (key) => {
      seen.push(key);
      return key === "a" ? { actions: [], enqueue: ["other"] } : key === "other" && seen.length < 4 ? { actions: [], requeueAfterUs: 1e6 } : { actions: [] };
    } });
    api.runMs(100);
    put("a");
    api.runMs(500);
    expect(seen).toEqual(["a", "other"]);
    api.runMs(5000);
    expect(seen).toEqual(["a", "other", "other", "other"]);
    running.stop();
    put("b");
    api.runMs(5000);
    expect(seen).toHaveLength(4);
  });

  test("events carry the controller's name", () => {
    const { api, put } = start({ reconcile: (name, view) => {
      const object = view.get(ConfigMap, { namespace: "default", name });
      return object === undefined ? { actions: [] } : { actions: [{ type: "event", object, eventType: "Normal", reason: "Seen", message: `Saw ${name}` }] };
    } });
    api.runMs(100);
    put("a");
    api.runMs(500);
    expect(api.server.internal.list(anyKind(Event), {}).items).toMatchObject([{ reason: "Seen", message: "Saw a", source: { component: "test" }, involvedObject: { kind: "ConfigMap", name: "a" } }]);
  });
});
