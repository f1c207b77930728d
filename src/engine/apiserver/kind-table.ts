import type { KubeObject } from "../apimachinery/object.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";

/** The kinds that a server serves, by path and by name. */
export interface KindTable {
  readonly all: readonly KindDefinition[];
  byResource(group: string, version: string, plural: string): KindDefinition | undefined;
  /** The served definition of a kind by its bare name, wherever it lives. For admission and bootstrap, which know what they look for. */
  named(kind: string): KindDefinition | undefined;
  hasGroup(group: string): boolean;
  hasGroupVersion(group: string, version: string): boolean;
}

export function createKindTable(kinds: readonly KindDefinition[]): KindTable {
  const byResource = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.plural}`, k]));
  // The first definition of a name wins: core events before those of events.k8s.io.
  const byName = new Map([...kinds].reverse().map((k) => [k.kind, k]));
  const groups = new Set(kinds.map((k) => k.group));
  const groupVersions = new Set(kinds.map((k) => `${k.group}/${k.version}`));
  return {
    all: kinds,
    byResource: (group, version, plural) => byResource.get(`${group}/${version}/${plural}`),
    named: (kind) => byName.get(kind),
    hasGroup: (group) => groups.has(group),
    hasGroupVersion: (group, version) => groupVersions.has(`${group}/${version}`),
  };
}

/** A field selector's value of an object: metadata.name, metadata.namespace, or what the kind offers. */
export function selectableField(kind: KindDefinition, object: KubeObject, field: string): string {
  if (field === "metadata.name") return object.metadata.name;
  if (field === "metadata.namespace") return object.metadata.namespace ?? "";
  return kind.selectableFields[field]?.(object) ?? "";
}
