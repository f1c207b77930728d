import { KubectlError } from "../client.ts";
import type { CommandContext } from "../command.ts";
import type { FlagSpec } from "../flags.ts";
import { type AnyObject, getObject, listObjects } from "../list-objects.ts";
import { pathOf, qualifiedName, type Target } from "../resources.ts";
import { toGoYaml } from "./go-yaml.ts";

export const OUTPUT_FLAGS: readonly FlagSpec[] = [
  { name: "output", short: "o", type: "string" },
  { name: "show-managed-fields", type: "bool" },
];

const FORMATS = ["custom-columns", "custom-columns-file", "go-template", "go-template-file", "json", "jsonpath", "jsonpath-as-json", "jsonpath-file", "name", "template", "templatefile", "wide", "yaml"];

/** The format's name, or an error in kubectl's words. */
export function validateOutput(output: string | undefined): string | undefined {
  if (output === undefined || output === "") return undefined;
  const format = output.split("=")[0] ?? "";
  if (!FORMATS.includes(format)) throw new KubectlError(`unable to match a printer suitable for the output format "${output}", allowed formats are: ${FORMATS.join(",")}`);
  if (!["wide", "json", "yaml", "name"].includes(format)) throw new KubectlError(`the output format "${format}" is not part of this terminal yet; json, yaml, name and wide are`);
  return output;
}

/** get -o json|yaml|name: whole objects instead of tables. */
export async function printObjects(context: CommandContext, targets: readonly Target[], output: string, watch: boolean): Promise<number> {
  const { flags, namespace, io } = context;
  const scope = flags.bool("all-namespaces") ? undefined : namespace;
  const selectors = { ...(flags.has("selector") ? { labels: flags.text("selector") ?? "" } : {}), ...(flags.has("field-selector") ? { fields: flags.text("field-selector") ?? "" } : {}) };
  const found: { target: Target; object: AnyObject }[] = [];
  for (const target of targets) {
    if (target.name !== undefined) found.push({ target, object: await getObject(context, target.resource, namespace, target.name, flags.text("subresource")) });
    else {
      const { items } = await listObjects(context, target.resource, scope, selectors);
      const apiVersion = target.resource.group === "" ? target.resource.version : `${target.resource.group}/${target.resource.version}`;
      found.push(...items.map((object) => ({ target, object: { ...object, apiVersion, kind: target.resource.kind } })));
    }
  }
  const shown = found.map(({ target, object }) => ({ target, object: flags.bool("show-managed-fields") ? object : withoutManagedFields(object) }));
  if (output === "name") {
    for (const { target, object } of shown) io.stdout(`${qualifiedName(target.resource)}/${object.metadata.name}\n`);
  } else {
    const isSingle = targets.length === 1 && targets[0]?.name !== undefined;
    const value = isSingle ? shown[0]?.object : { apiVersion: "v1", items: shown.map(({ object }) => object), kind: "List", metadata: { resourceVersion: "" } };
    io.stdout(output === "yaml" ? toGoYaml(value) : `${JSON.stringify(sortKeys(value), null, 4)}\n`);
  }
  return watch ? watchObjects(context, targets, output) : 0;
}

async function watchObjects(context: CommandContext, [target]: readonly Target[], output: string): Promise<number> {
  if (target === undefined) return 0;
  const { client, io, flags, namespace } = context;
  const query: Record<string, string> = target.name === undefined ? { watch: "true" } : { fieldSelector: `metadata.name=${target.name}`, resourceVersion: "0", watch: "true" };
  const stream = await client.stream(pathOf(target.resource, flags.bool("all-namespaces") ? undefined : namespace), { query });
  let skip = target.name === undefined ? 0 : 1;
  return new Promise((resolve) => {
    const stop = (code: number): void => {
      stream.close();
      resolve(code);
    };
    io.signal.addEventListener("abort", () => stop(130), { once: true });
    stream.listen({
      chunk: (chunk) => {
        if (typeof chunk === "string" || chunk.type === "BOOKMARK") return;
        if (skip > 0) return void (skip -= 1);
        const object = withoutManagedFields(chunk.object as AnyObject);
        if (output === "name") io.stdout(`${qualifiedName(target.resource)}/${object.metadata.name}\n`);
        else io.stdout(output === "yaml" ? `---\n${toGoYaml(object)}` : `${JSON.stringify(sortKeys(object), null, 4)}\n`);
      },
      end: () => stop(0),
    });
  });
}

/** kubectl hides them unless asked. */
export function withoutManagedFields(object: AnyObject): AnyObject {
  const { managedFields: _, ...metadata } = object.metadata as AnyObject["metadata"] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** Go prints maps with sorted keys. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, inner]) => [key, sortKeys(inner)]));
}
