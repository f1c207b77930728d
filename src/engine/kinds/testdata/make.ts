import type { KubeObject } from "../../apimachinery/object.ts";
import { fieldErrorText } from "../../apimachinery/status.ts";
import { createTimeText } from "../../apimachinery/time-text.ts";
import { usOf } from "../../kernel/time.ts";
import { decode } from "../decode.ts";
import type { CellContext, KindDefinition, StrategyContext } from "../kind-definition.ts";

/** An hour after the epoch. */
export const context: StrategyContext & CellContext = { now: usOf(3600 * 1e6), time: createTimeText("2026-01-01T00:00:00Z"), uid: () => "u" };
export const ago = (seconds: number): string => context.time.seconds(usOf((3600 - seconds) * 1e6));

/** An object as it is stored: decoded, defaulted, prepared. */
export function make<T extends KubeObject>(definition: KindDefinition<T>, object: object, metadata: object = {}): T {
  const decoded = decode(definition, { ...object, metadata: { name: "x", resourceVersion: "1", ...(definition.scope === "Namespaced" ? { namespace: "ns" } : {}), ...metadata } });
  if (!decoded.ok) throw new Error(decoded.error);
  return definition.prepareForCreate(definition.defaults(decoded.value.object), context);
}

export const problemsOf = <T extends KubeObject>(definition: KindDefinition<T>, object: object, metadata: object = {}): string[] => definition.validate(make(definition, object, metadata)).map(fieldErrorText);

/** An update as the server makes it: defaults, strategy, validation. */
export function updateProblems<T extends KubeObject>(definition: KindDefinition<T>, before: object, after: object): string[] {
  const stored = make(definition, before);
  const next = definition.prepareForUpdate(make(definition, after), stored, context);
  return definition.validateUpdate(next, stored).map(fieldErrorText);
}

export const cellsOf = <T extends KubeObject>(definition: KindDefinition<T>, object: T): unknown[] => definition.columns.map((column) => column.cell(object, context));
export const columnsOf = <T extends KubeObject>(definition: KindDefinition<T>): string => definition.columns.map((column) => (column.priority === 1 ? `(${column.name})` : column.name)).join(" ");
