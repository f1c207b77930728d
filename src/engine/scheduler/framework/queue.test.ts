import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../testing/make-objects.ts";
import { PLUGINS } from "../plugins/registry.ts";
import { KeyedHeap } from "./heap.ts";
import { backoffUs, type QueuedPod, SchedulingQueue } from "./queue.ts";

const make = () => {
  let nowUs = 0;
  const queue = new SchedulingQueue(PLUGINS, () => nowUs);
  return { queue, wait: (seconds: number) => void (nowUs += seconds * 1e6), pop: () => queue.pop()?.info.pod.metadata.name };
};
const failed = (queue: SchedulingQueue, ...plugins: string[]): QueuedPod => {
  const queued = queue.pop();
  if (queued === undefined) throw new Error("nothing to pop");
  queue.putBack(queued, new Set(plugins));
  return queued;
};

describe("order", () => {
  test("priority first, then whoever came first", () => {
    const { queue, wait, pop } = make();
    for (const [name, priority] of [["a", 0], ["b", 10], ["c", 0], ["d", 10]] as const) {
      queue.add(makePod(name, { priority }));
      wait(0.001);
    }
    expect([pop(), pop(), pop(), pop(), pop()]).toEqual(["b", "d", "a", "c", undefined]);
  });

  test.each([[1, 1], [2, 2], [3, 4], [4, 8], [5, 10], [50, 10]])("back-off after %i attempts is %i s", (count, seconds) => {
    expect(backoffUs({ errorCount: 0, unschedulableCount: count })).toBe(seconds * 1e6);
  });
});

describe("a rejected pod", () => {
  const arrange = () => {
    const made = make();
    made.queue.add(makePod("p", { requests: { cpu: "4" } }));
    failed(made.queue, "NodeResourcesFit");
    return made;
  };

  test.each<{ name: string; event: Parameters<SchedulingQueue["onEvent"]>; helps: boolean }>([
    { name: "a pod left", event: ["AssignedPodDelete", { pod: makePod("x") }], helps: true },
    { name: "a pod came", event: ["AssignedPodAdd", { pod: makePod("x") }], helps: false },
    { name: "a node large enough came", event: ["NodeAdd", { node: makeNode("n") }], helps: true },
    { name: "a node too small came", event: ["NodeAdd", { node: makeNode("n", { allocatable: { cpu: "2" } }) }], helps: false },
    { name: "a node grew", event: ["NodeUpdateAllocatable", { node: makeNode("n", { allocatable: { cpu: "8" } }), nodeBefore: makeNode("n", { allocatable: { cpu: "2" } }) }], helps: true },
    { name: "a node got more of something else", event: ["NodeUpdateAllocatable", { node: makeNode("n", { allocatable: { memory: "80Gi" } }), nodeBefore: makeNode("n") }], helps: false },
    { name: "taints changed", event: ["NodeUpdateTaint", { node: makeNode("n"), nodeBefore: makeNode("n") }], helps: true },
    { name: "labels changed", event: ["NodeUpdateLabel", { node: makeNode("n"), nodeBefore: makeNode("n") }], helps: false },
  ])("$name", ({ event, helps }) => {
    const { queue, wait, pop } = arrange();
    wait(20);
    expect(queue.onEvent(...event)).toBe(helps);
    expect(pop()).toBe(helps ? "p" : undefined);
  });

  test("waits for the rest of its back-off, unless there is nothing else to do", () => {
    const { queue, pop } = arrange();
    queue.add(makePod("other"));
    queue.onEvent("AssignedPodDelete", { pod: makePod("x") });
    expect(queue.counts).toEqual({ active: 1, backoff: 1, unschedulable: 0 });
    expect([pop(), pop()]).toEqual(["other", "p"]);
  });

  test("is tried again after 5 minutes, whatever happens or not", () => {
    const { queue, wait, pop } = arrange();
    wait(299);
    queue.flushUnschedulable();
    expect(pop()).toBeUndefined();
    wait(2);
    queue.flushUnschedulable();
    expect(pop()).toBe("p");
  });

  test("a change of its status is no reason to try again; a change of its labels is, for those who look at them", () => {
    const { queue, pop } = make();
    const pod = makePod("p", { labels: { a: "1" } });
    queue.add(pod);
    failed(queue, "InterPodAffinity");
    queue.update(pod, { ...pod, status: { phase: "Pending" } });
    expect(pop()).toBeUndefined();
    queue.update(pod, { ...pod, metadata: { ...pod.metadata, labels: { a: "2" } } });
    expect(pop()).toBe("p");
  });

  test("after an error it backs off in any case", () => {
    const { queue, wait, pop } = make();
    queue.add(makePod("p"));
    failed(queue);
    expect(pop()).toBeUndefined();
    wait(1);
    expect([queue.flushBackoff(), pop()]).toEqual([true, "p"]);
  });

  test("gone is gone", () => {
    const { queue, pop, wait } = make();
    const pods = [makePod("a"), makePod("b"), makePod("c", { schedulingGates: [{ name: "g" }] })];
    for (const pod of pods) queue.add(pod);
    for (const pod of pods) queue.delete(pod.metadata.uid ?? "");
    wait(600);
    queue.flushUnschedulable();
    expect([pop(), queue.counts]).toEqual([undefined, { active: 0, backoff: 0, unschedulable: 0 }]);
  });
});

test("a gated pod is never popped, and enters when its last gate goes", () => {
  const { queue, wait, pop } = make();
  const pod = makePod("p", { schedulingGates: [{ name: "a" }, { name: "b" }] });
  queue.add(pod);
  wait(1000);
  queue.flushUnschedulable();
  queue.onEvent("NodeAdd", { node: makeNode("n") });
  const fewer = { ...pod, spec: { ...pod.spec, schedulingGates: [{ name: "b" }] } };
  queue.update(pod, fewer);
  expect(pop()).toBeUndefined();
  const { schedulingGates: _gates, ...spec } = pod.spec;
  queue.update(fewer, { ...pod, spec });
  expect(pop()).toBe("p");
});

test("the heap gives back in order whatever was put in, replaced and taken out", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 100 }), fc.boolean()), { maxLength: 120 }), (steps) => {
      const heap = new KeyedHeap<{ key: string; value: number }>(({ key }) => key, (a, b) => a.value < b.value);
      const model = new Map<string, number>();
      for (const [id, value, remove] of steps) {
        const key = `k${id}`;
        if (remove) {
          expect(heap.delete(key)?.value).toBe(model.get(key));
          model.delete(key);
        } else {
          heap.set({ key, value });
          model.set(key, value);
        }
        expect([heap.size, heap.peek()?.value]).toEqual([model.size, model.size === 0 ? undefined : Math.min(...model.values())]);
      }
      const values: number[] = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) values.push(item.value);
      expect(values).toEqual([...model.values()].toSorted((a, b) => a - b));
    }),
  );
});
