import fc from "fast-check";
import { expect, test } from "vitest";
import type { PodObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { isPodActive, isPodReady } from "../../kinds/helpers/pod-state.ts";
import { makePod } from "../../testing/make-objects.ts";
import { PodTally } from "./tally.ts";

const set = (name: string): ReplicaSetObject => ({ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name, namespace: "default", uid: `uid-${name}` }, spec: { replicas: 1, selector: { matchLabels: { app: name } } } });
const SETS = [set("a"), set("b")];

/** A pod that varies in everything that counts. */
const podArbitrary = fc.record({
  id: fc.integer({ min: 0, max: 7 }), owner: fc.constantFrom("a", "b", "none", "unknown"), label: fc.constantFrom("a", "b"), phase: fc.constantFrom("Pending", "Running", "Failed"), ready: fc.boolean(), deleting: fc.boolean(), gone: fc.boolean(),
});

test("counts along the watch equal a fresh count, whenever there is an answer", () => {
  fc.assert(
    fc.property(fc.array(podArbitrary, { maxLength: 80 }), (steps) => {
      const tally = new PodTally();
      const pods = new Map<number, PodObject>();
      const setOf = (pod: PodObject) => SETS.find(({ metadata }) => metadata.uid === pod.metadata.ownerReferences?.[0]?.uid);
      for (const { id, owner, label, phase, ready, deleting, gone } of steps) {
        const before = pods.get(id);
        if (gone) {
          if (before !== undefined) tally.apply({ type: "delete", object: before, before: undefined }, setOf);
          pods.delete(id);
        } else {
          const object = makePod(`p${id}`, {
            labels: { app: label }, status: { phase, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
            meta: {
              uid: `pod-${id}`, ...(deleting && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
              ...(owner !== "none" && { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: `uid-${owner}`, controller: true }] }),
            },
          });
          tally.apply({ type: before === undefined ? "add" : "update", object, before }, setOf);
          pods.set(id, object);
        }
        for (const rs of SETS) {
          const owned = [...pods.values()].filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === rs.metadata.uid);
          const regular = owned.every(({ metadata }) => metadata.labels?.["app"] === rs.metadata.name);
          const active = owned.filter(isPodActive);
          const expected = regular ? { active: active.length, ready: active.filter(isPodReady).length } : undefined;
          const counts = tally.of(rs);
          expect(counts && { active: counts.active, ready: counts.ready }).toEqual(expected);
        }
      }
    }),
    { numRuns: 300 },
  );
});
