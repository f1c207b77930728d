import type { Status } from "../../apimachinery/api.ts";
import { forbiddenResource } from "../../apimachinery/status.ts";
import type { StatusCause } from "../../apimachinery/api.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Rng } from "../../kernel/rng.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { TimeText } from "../../apimachinery/time-text.ts";
import type { User } from "../core.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** One request, as admission plug-ins see it. Source: apiserver/pkg/admission/interfaces.go, Attributes. */
export interface Attributes {
  readonly operation: Operation;
  readonly kind: KindDefinition;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** What is to be stored; for DELETE what is stored. */
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
}

/** What plug-ins may look at. */
export interface AdmissionView {
  /** A stored object of a kind by its bare name ("ServiceAccount"); undefined also when the kind is not served. */
  get(kind: string, key: ObjectKey): KubeObject | undefined;
  list(kind: string, namespace?: string): readonly KubeObject[];
  serves(kind: string): boolean;
  readonly time: TimeText;
  readonly nowUs: () => number;
  readonly rng: Rng;
}

/** One admission plug-in: a file of its own and a line in `registry.ts`. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Kinds (by bare name) that it looks at; left out, all. */
  readonly kinds?: readonly string[];
  readonly operations: readonly Operation[];
  /** Whether it looks at requests to subresources, too. */
  readonly subresources?: boolean;
  /** The mutating pass: the object as it goes on. */
  admit?(attributes: Attributes, view: AdmissionView): Result<KubeObject, Status>;
  /** The validating pass, after validation: why not, or undefined. */
  validate?(attributes: Attributes, view: AdmissionView): Status | undefined;
}

/** A denial. The name is the generateName prefix when there is no name yet, "Unknown" when there is neither. Source: admission.NewForbidden. */
export function denied(attributes: Attributes, text: string, causes?: readonly StatusCause[]): Status {
  const { object, kind } = attributes;
  const name = attributes.name || object.metadata.name || object.metadata.generateName || "Unknown";
  return forbiddenResource(kind, name, text, causes);
}

export interface AdmissionChain {
  mutate(attributes: Attributes): Result<KubeObject, Status>;
  validate(attributes: Attributes): Status | undefined;
}

/** Runs the plug-ins in their order; the ones that do not look at a kind cost nothing. */
export function createAdmissionChain(plugins: readonly AdmissionPlugin[], view: AdmissionView): AdmissionChain {
  const mutating = pluginTable(plugins.filter((p) => p.admit !== undefined));
  const validating = pluginTable(plugins.filter((p) => p.validate !== undefined));
  return {
    mutate: (attributes) => {
      let object = attributes.object;
      for (const plugin of mutating(attributes)) {
        const result = plugin.admit?.({ ...attributes, object }, view) ?? ok(object);
        if (!result.ok) return err(result.error);
        object = result.value;
      }
      return ok(object);
    },
    validate: (attributes) => {
      for (const plugin of validating(attributes)) {
        const fault = plugin.validate?.(attributes, view);
        if (fault !== undefined) return fault;
      }
      return undefined;
    },
  };
}

function pluginTable(plugins: readonly AdmissionPlugin[]): (attributes: Attributes) => readonly AdmissionPlugin[] {
  const table = new Map<string, readonly AdmissionPlugin[]>();
  return ({ kind, operation, subresource }) => {
    const key = `${kind.kind} ${operation} ${subresource === ""}`;
    let found = table.get(key);
    if (found === undefined) {
      found = plugins.filter((p) => p.operations.includes(operation) && (p.kinds?.includes(kind.kind) ?? true) && (subresource === "" || p.subresources === true));
      table.set(key, found);
    }
    return found;
  };
}
