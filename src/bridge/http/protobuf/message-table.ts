import fields from "../../../../scripts/data/k8s-1.33-fields.json" with { type: "json" };

/** One field of a message: how it is numbered on the wire and named in JSON. */
export interface FieldRow {
  readonly number: number;
  readonly name: string;
  /** "string", "int", …, a message's name, `[]T` for a list or `{}T` for a map with string keys. */
  readonly type: string;
  /** A pointer in Go: absent means unset, and a present zero has a meaning. */
  readonly pointer: boolean;
  /** An embedded struct: its fields stand in the parent's JSON object. */
  readonly inlined: boolean;
}

export type MessageRows = ReadonlyMap<number, FieldRow>;

const messages = new Map<string, MessageRows>();

/** The fields of "core/v1.PodSpec" by number; undefined for a message that Kubernetes v1.33 does not have. */
export function messageRows(name: string): MessageRows | undefined {
  const known = messages.get(name);
  if (known !== undefined) return known;
  if (!Object.hasOwn(fields, name)) return undefined;
  const rows = new Map<number, FieldRow>();
  for (const [number, fieldName, type, flags] of (fields as unknown as Record<string, [number, string, string, string][]>)[name] ?? []) {
    rows.set(number, { number, name: fieldName, type, pointer: flags.includes("p"), inlined: flags.includes("i") });
  }
  messages.set(name, rows);
  return rows;
}

/** What every group answers to, whatever the apiVersion of the envelope says. Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/register.go, AddToGroupVersion. */
const META_KINDS: ReadonlySet<string> = new Set(["DeleteOptions"]);

/** "rbac.authorization.k8s.io/v1" and "Role" to "rbac/v1.Role"; undefined when there is no such message. */
export function messageNameOf(apiVersion: string, kind: string): string | undefined {
  if (META_KINDS.has(kind)) return `meta/v1.${kind}`;
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "core" : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const name = `${group.split(".", 1)[0]}/${version}.${kind}`;
  const isBuiltInGroup = !group.includes(".") || group.endsWith(".k8s.io");
  return isBuiltInGroup && messageRows(name)?.has(1) === true ? name : undefined;
}
