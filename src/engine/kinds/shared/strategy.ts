import { deepEqual } from "../../apimachinery/deep.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import type { StrategyContext } from "../kind-definition.ts";

/*
 * What most strategies do before a write.
 * Source: pkg/registry/apps/deployment/strategy.go and its siblings, PrepareForCreate, PrepareForUpdate.
 */

interface WithStatus extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

export const withGeneration = <T extends KubeObject>(object: T, generation: number): T => ({ ...object, metadata: { ...object.metadata, generation } });

/** A new object starts without a status, at generation 1. */
export const freshStatus = <T extends WithStatus>(status: T["status"]) => (object: T): T => withGeneration({ ...object, status }, 1);

/** An update keeps the stored status; the generation follows changes of the spec. */
export function keepStatus<T extends WithStatus>(object: T, stored: T): T {
  return bumpGeneration(keepStatusOnly(object, stored), stored, !deepEqual(object.spec, stored.spec));
}

/** The same for kinds whose generation is not kept. */
export const keepStatusOnly = <T extends WithStatus>(object: T, stored: T): T => ({ ...object, status: stored.status });

export function bumpGeneration<T extends KubeObject>(object: T, stored: T, changed: boolean): T {
  const generation = (stored.metadata.generation ?? 0) + (changed ? 1 : 0);
  return generation === object.metadata.generation ? object : withGeneration(object, generation);
}

/** A write to /status keeps the stored spec (and labels, where upstream says so). */
export const keepSpec = <T extends WithStatus>(object: T, stored: T): T => ({ ...object, spec: stored.spec });
export const keepSpecAndLabels = <T extends WithStatus>(object: T, stored: T): T => ({ ...keepSpec(object, stored), metadata: { ...object.metadata, labels: stored.metadata.labels } });

/** Kinds that only count their changes: everything but metadata. */
export function generationOfContent<T extends KubeObject>(object: T, stored: T): T {
  const { metadata: _a, ...next } = object;
  const { metadata: _b, ...before } = stored;
  return bumpGeneration(object, stored, !deepEqual(next, before));
}

export const firstGeneration = <T extends KubeObject>(object: T, _context?: StrategyContext): T => withGeneration(object, 1);
