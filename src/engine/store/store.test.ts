import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../apimachinery/object.ts";
import { SimClock } from "../kernel/clock.ts";
import { secondsToUs, usOf } from "../kernel/time.ts";
import { Store } from "./store.ts";
import type { StoreChange, WatchScope } from "./store-change.ts";

interface Thing extends KubeObject { readonly spec: { readonly node: string; readonly n: number } }

const thing = (namespace: string, name: string, node: string, n: number): Thing => ({ apiVersion: "v1", kind: "Thing", metadata: { name, namespace }, spec: { node, n } });
const keyText = (o: KubeObject): string => `${o.metadata.namespace}/${o.metadata.name}`;

function newStore(): { clock: SimClock; store: Store } {
  const clock = new SimClock();
  const store = new Store(clock);
  store.collection("things").addIndex("node", (o) => (o as Thing).spec.node);
  return { clock, store };
}

type Operation = readonly ["create" | "update" | "delete", string, string, string, number];
const operation: fc.Arbitrary<Operation> = fc.tuple(fc.constantFrom("create", "update", "delete"), fc.constantFrom("a", "b"), fc.constantFrom("x", "y", "z"), fc.constantFrom("n1", "n2", ""), fc.nat(9));

/** The store's state after every revision, by a model that keeps whole copies. */
function run(store: Store, operations: readonly Operation[]): Map<number, Map<string, Thing>> {
  const present = new Map((store.list("things") as Thing[]).map((o) => [keyText(o), o]));
  const states = new Map<number, Map<string, Thing>>([[store.revision, present]]);
  for (const [verb, namespace, name, node, n] of operations) {
    const key = `${namespace}/${name}`;
    const now = states.get(store.revision) as Map<string, Thing>;
    const known = store.get("things", key);
    const result = verb === "create" ? store.create("things", thing(namespace, name, node, n)) : verb === "delete" ? store.delete("things", key) : known === undefined ? undefined : store.update("things", thing(namespace, name, node, n), known);
    expect(result?.ok ?? false).toBe(verb === "create" ? !now.has(key) : now.has(key));
    if (result?.ok !== true) continue;
    const next = new Map(now);
    if (verb === "delete") next.delete(key);
    else next.set(key, result.value as Thing);
    states.set(store.revision, next);
  }
  return states;
}

const sorted = (state: ReadonlyMap<string, Thing>): Thing[] => [...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, o]) => o);

test("random writes: lists, indexes and pages of the past agree with a naive model", () => {
  fc.assert(fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (operations, limit) => {
    const { store } = newStore();
    const states = run(store, operations);
    const now = states.get(store.revision) as Map<string, Thing>;
    expect(store.list("things")).toEqual(sorted(now));
    expect(store.list("things", "a/")).toEqual(sorted(now).filter((o) => o.metadata.namespace === "a"));
    for (const node of ["n1", "n2", ""]) expect(store.collection("things").underIndex("node", node)).toEqual(sorted(now).filter((o) => o.spec.node === node));
    for (const [revision, state] of states) {
      const collected: KubeObject[] = [];
      let start = "";
      for (let guard = 0; guard < 100; guard++) {
        const page = store.page("things", { prefix: "", start, limit, revision });
        if (!page.ok) throw new Error("nothing has been compacted");
        collected.push(...page.value.objects);
        if (page.value.next === undefined) break;
        expect(page.value.remaining).toBe(state.size - collected.length);
        start = page.value.next;
      }
      expect(collected).toEqual(sorted(state));
    }
  }));
});

test("a watch from any revision turns the state of then into the state of now", () => {
  const scopes: readonly [WatchScope, (o: Thing) => boolean][] = [
    [{}, () => true], [{ prefix: "a/" }, (o) => o.metadata.namespace === "a"], [{ key: "b/y" }, (o) => keyText(o) === "b/y"], [{ index: { name: "node", value: "n1" } }, (o) => o.spec.node === "n1"],
  ];
  fc.assert(fc.property(fc.constantFrom(...scopes), fc.array(operation, { maxLength: 40 }), fc.array(operation, { maxLength: 40 }), fc.nat(40), ([scope, selects], first, second, back) => {
    const { store } = newStore();
    const states = run(store, first);
    const from = [...states.keys()].sort((a, b) => b - a)[Math.min(back, states.size - 1)] as number;
    const state = new Map([...(states.get(from) as Map<string, Thing>)].filter(([, o]) => selects(o)));
    let last = from;
    const watching = store.watch("things", scope, from, (change: StoreChange) => {
      expect(change.revision).toBeGreaterThan(last);
      last = change.revision;
      if (change.type === "DELETED" || !selects(change.object as Thing)) state.delete(keyText(change.object));
      else state.set(keyText(change.object), change.object as Thing);
    });
    expect(watching.ok).toBe(true);
    run(store, second);
    expect(sorted(state)).toEqual((store.list("things") as Thing[]).filter(selects));
  }));
});

describe("the store", () => {
  test("stamps one rising revision into everything, deletions included", () => {
    const { store } = newStore();
    const seen: string[] = [];
    store.watch("things", {}, store.revision, (c) => seen.push(`${c.type} ${c.object.metadata.resourceVersion}`));
    const made = store.create("things", thing("a", "x", "n1", 1));
    if (made.ok) store.update("things", thing("a", "x", "n1", 2), made.value);
    store.delete("things", "a/x");
    expect(seen).toEqual(["ADDED 2", "MODIFIED 3", "DELETED 4"]);
  });

  test("compares and swaps", () => {
    const { store } = newStore();
    const made = store.create("things", thing("a", "x", "n1", 1));
    if (!made.ok) throw new Error("the key was free");
    expect(store.create("things", thing("a", "x", "n1", 1))).toEqual({ ok: false, error: "exists" });
    expect(store.update("things", thing("a", "x", "n1", 2), made.value).ok).toBe(true);
    expect(store.update("things", thing("a", "x", "n1", 3), made.value)).toEqual({ ok: false, error: "conflict" });
    expect(store.update("things", thing("a", "y", "n1", 3), made.value)).toEqual({ ok: false, error: "missing" });
    expect(store.delete("things", "a/none")).toEqual({ ok: false, error: "missing" });
  });

  test("freezes what it stores, all the way down", () => {
    const { store } = newStore();
    const made = store.create("things", thing("a", "x", "n1", 1));
    expect(made.ok && Object.isFrozen((made.value as Thing).spec)).toBe(true);
  });

  test("a watcher that writes does not turn the order around", () => {
    const { store } = newStore();
    const seen: number[] = [];
    store.watch("things", {}, store.revision, (c) => { if (c.object.metadata.name === "x") store.create("things", thing("a", "y", "", 0)); });
    store.watch("things", {}, store.revision, (c) => seen.push(c.revision));
    store.create("things", thing("a", "x", "", 0));
    expect(seen).toEqual([2, 3]);
  });

  test("other nodes' watchers are not called, the one that loses an object is", () => {
    const { store } = newStore();
    const calls: string[] = [];
    for (const value of ["n1", "n2", "n3"]) store.watch("things", { index: { name: "node", value } }, store.revision, (c) => calls.push(`${value} ${c.type}`));
    const made = store.create("things", thing("a", "x", "n1", 1));
    if (made.ok) store.update("things", thing("a", "x", "n2", 2), made.value);
    expect(calls).toEqual(["n1 ADDED", "n2 MODIFIED", "n1 MODIFIED"]);
  });

  test("forgets what is older than five to ten minutes", () => {
    const { clock, store } = newStore();
    store.create("things", thing("a", "x", "", 0)); // revision 2
    const at = (minutes: number): void => clock.runTo(usOf(secondsToUs(60 * minutes)));
    at(4);
    store.create("things", thing("a", "y", "", 0)); // revision 3
    at(6);
    expect(store.watch("things", {}, 1, () => {}).ok).toBe(true);
    store.create("things", thing("a", "z", "", 0)); // revision 4
    at(11);
    expect(store.watch("things", {}, 2, () => {})).toEqual({ ok: false, error: 3 });
    expect(store.page("things", { prefix: "", start: "", limit: 0, revision: 2 })).toEqual({ ok: false, error: "expired" });
    expect(store.watch("things", {}, 3, () => {}).ok).toBe(true);
    at(60);
    expect(store.watch("things", {}, 3, () => {})).toEqual({ ok: false, error: 4 });
    expect(store.watch("things", {}, 4, () => {}).ok).toBe(true);
  });
});
