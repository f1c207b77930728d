import { KubectlError } from "./client.ts";
import type { CommandContext } from "./command.ts";
import type { FlagSpec } from "./flags.ts";
import type { AnyObject } from "./list-objects.ts";
import { type ManifestDocument, parseManifest, type Position } from "./manifest.ts";
import { type ApiResource, findByKind } from "./resources.ts";

export const FILE_FLAGS: readonly FlagSpec[] = [
  { name: "filename", short: "f", type: "list" },
  { name: "recursive", short: "R", type: "bool" },
];

/** One object of a file, with what kubectl has to know to send it. */
export interface ManifestObject {
  readonly file: string;
  readonly document: ManifestDocument;
  readonly resource: ApiResource;
  readonly object: AnyObject;
  /** Of the object, else the command's; "" for cluster-scoped kinds. */
  readonly namespace: string;
}

/** What could not be read: told after the good objects have been dealt with, as kubectl's builder does. */
export interface ManifestFailure {
  readonly file: string;
  readonly message: string;
  readonly position: Position;
}

/** Source: staging/src/k8s.io/cli-runtime/pkg/resource/{builder,visitor,mapper}.go. */
export async function readManifests(context: CommandContext): Promise<{ objects: ManifestObject[]; failures: ManifestFailure[] }> {
  const objects: ManifestObject[] = [];
  const failures: ManifestFailure[] = [];
  for (const file of await expandFiles(context)) {
    const text = await context.io.readFile(file);
    if (text === undefined) throw new KubectlError(`the path ${JSON.stringify(file)} does not exist`);
    const shown = file === "-" ? "STDIN" : file;
    for (const parsed of parseManifest(text, shown, !["false", "ignore"].includes(context.flags.text("validate") ?? "strict"))) {
      if (!parsed.ok) {
        failures.push({ file: shown, message: parsed.problem.message, position: parsed.problem.position });
        continue;
      }
      for (const value of listItems(parsed.document.value)) {
        const found = mapObject(context, await context.resources(), shown, value as AnyObject, parsed.document);
        if ("message" in found) failures.push(found);
        else objects.push(found);
      }
    }
  }
  return { objects, failures };
}

/** A List (as `get -o yaml` prints) stands for its items. */
function listItems(value: Readonly<Record<string, unknown>>): readonly unknown[] {
  return typeof value["kind"] === "string" && value["kind"].endsWith("List") && Array.isArray(value["items"]) ? value["items"] : [value];
}

async function expandFiles({ flags, io }: CommandContext): Promise<string[]> {
  const named = flags.list("filename").flatMap((text) => text.split(","));
  const files: string[] = [];
  for (const name of named) {
    if (/^https?:\/\//.test(name)) throw new KubectlError(`unable to read URL ${JSON.stringify(name)}: this cluster lives in your browser and fetches nothing; paste the manifest into a file and apply that`);
    const inside = await io.listFolder?.(name);
    if (inside === undefined) files.push(name);
    else files.push(...inside.filter((file) => /\.(?:ya?ml|json)$/.test(file)));
    if (inside !== undefined && !inside.some((file) => /\.(?:ya?ml|json)$/.test(file))) throw new KubectlError(`error reading [${name}]: recognized file extensions are [.json .yaml .yml]`);
  }
  return files;
}

function mapObject(context: CommandContext, resources: readonly ApiResource[], file: string, object: AnyObject, document: ManifestDocument): ManifestObject | ManifestFailure {
  const failed = (message: string, field = ""): ManifestFailure => ({ file, message, position: document.positionOf(field) });
  const { apiVersion, kind } = object;
  const metadata = (object.metadata ?? {}) as Partial<AnyObject["metadata"]>;
  const resource = findByKind(resources, apiVersion ?? "", kind ?? "");
  const name = typeof metadata.name === "string" ? metadata.name : "";
  const ownNamespace = typeof metadata.namespace === "string" ? metadata.namespace : "";
  if (resource === undefined) return failed(`resource mapping not found for name: ${JSON.stringify(name)} namespace: ${JSON.stringify(ownNamespace)} from ${JSON.stringify(file)}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}\nensure CRDs are installed first`, "kind");
  const explicit = context.flags.text("namespace");
  if (resource.namespaced && explicit !== undefined && ownNamespace !== "" && ownNamespace !== explicit) {
    return failed(`the namespace from the provided object ${JSON.stringify(ownNamespace)} does not match the namespace ${JSON.stringify(explicit)}. You must pass '--namespace=${ownNamespace}' to perform this operation.`, "metadata.namespace");
  }
  const namespace = resource.namespaced ? ownNamespace || context.namespace : "";
  const placed = resource.namespaced && ownNamespace === "" ? { ...object, metadata: { ...metadata, namespace } } : object;
  return { file, document, resource, object: placed as AnyObject, namespace };
}
