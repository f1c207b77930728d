import { KubectlError, StatusError } from "../client.ts";
import type { Command, CommandContext } from "../command.ts";
import type { AnyObject } from "../list-objects.ts";
import { FILE_FLAGS, type ManifestObject, readManifests } from "../manifest-files.ts";
import { sortKeys, withoutManagedFields } from "../print/objects.ts";
import { toGoYaml } from "../print/go-yaml.ts";
import { statusText } from "../print-error.ts";
import { groupVersionOf, pathOf, qualifiedName } from "../resources.ts";
import { type Json, threeWayPatch } from "../three-way-merge.ts";

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const MANAGER = "kubectl-client-side-apply";
const MAX_CONFLICT_RETRIES = 5;

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/apply/{apply,patcher}.go. Differs: --server-side, --prune and -k are not here. */
export const apply: Command = {
  name: "apply",
  summary: "Apply a configuration to a resource by file name or stdin",
  usage: "apply (-f FILENAME) [options]",
  flags: [
    ...FILE_FLAGS,
    { name: "dry-run", type: "optional", bare: "unchanged" },
    { name: "output", short: "o", type: "string" },
    { name: "validate", type: "optional", bare: "strict" },
  ],
  async run(context) {
    const { flags, io } = context;
    if (flags.list("filename").length === 0) throw new KubectlError("must specify one of -f and -k");
    const { objects, failures } = await readManifests(context);
    if (objects.length === 0 && failures.length === 0) throw new KubectlError("no objects passed to apply");
    let exitCode = 0;
    for (const item of objects) {
      try {
        await applyOne(context, item);
      } catch (error) {
        if (!(error instanceof StatusError) && !(error instanceof KubectlError)) throw error;
        io.stderr(error instanceof StatusError ? `${statusText(error.status)}\n` : `error: ${error.message}\n`);
        exitCode = 1;
      }
    }
    failures.forEach((failure) => io.stderr(objects.length === 0 && failures.length === 1 ? `error: ${failure.message}\n` : `${failure.message}\n`));
    return failures.length > 0 ? 1 : exitCode;
  },
};

/** "strict", "warn" and "ignore", and what --validate=true|false stands for. */
export function fieldValidation(context: CommandContext): string {
  const level = context.flags.text("validate") ?? "strict";
  const levels: Readonly<Record<string, string>> = { strict: "Strict", true: "Strict", warn: "Warn", ignore: "Ignore", false: "Ignore" };
  const found = levels[level];
  if (found === undefined) throw new KubectlError(`invalid - validate option ${JSON.stringify(level)}; must be one of: strict (or true), warn, ignore (or false)`);
  return found;
}

export interface Applied {
  readonly verb: "created" | "configured" | "unchanged";
  readonly object: AnyObject;
  readonly dryRun: string;
}

async function applyOne(context: CommandContext, item: ManifestObject): Promise<void> {
  const { verb, object, dryRun } = await applyObject(context, item);
  report(context, item, verb, object, dryRun);
}

/** One object: created when it is not there, patched when it differs. Throws StatusError or KubectlError. */
export async function applyObject(context: CommandContext, item: ManifestObject): Promise<Applied> {
  const { client, flags } = context;
  const { resource, object, namespace, file } = item;
  if (typeof object.metadata.name !== "string" || object.metadata.name === "") {
    const generateName = (object.metadata as { generateName?: string }).generateName;
    throw new KubectlError(generateName === undefined ? `error when retrieving current configuration of:\nResource: "${resource.group}/${resource.version}, Resource=${resource.plural}", GroupVersionKind: "${resource.group}/${resource.version}, Kind=${resource.kind}"\nName: "", Namespace: ${JSON.stringify(namespace)}\nfrom server for: ${JSON.stringify(file)}: resource name may not be empty` : `from ${generateName}: cannot use generate name with apply`);
  }
  const modified = withLastApplied(object, namespace);
  const dryRun = flags.has("dry-run") ? (flags.text("dry-run") === "unchanged" ? "client" : (flags.text("dry-run") ?? "none")) : "none";
  if (!["none", "client", "server"].includes(dryRun)) throw new KubectlError(`Invalid dry-run value (${dryRun}). Must be "none", "server", or "client".`);
  const query = { fieldManager: MANAGER, fieldValidation: fieldValidation(context), ...(dryRun === "server" ? { dryRun: "All" } : {}) };
  const live = await liveObject(context, item);
  if (live === undefined) {
    if (dryRun === "client") return { verb: "created", object: modified, dryRun };
    const created = await client.send("POST", pathOf(resource, namespace), { query, body: sortKeys(modified) }).catch((error: unknown) => {
      throw doing(error, `error when creating ${JSON.stringify(file)}: `);
    });
    return { verb: "created", object: created as AnyObject, dryRun };
  }
  if (dryRun === "client") return { verb: "configured", object: modified, dryRun };
  const { result, changed } = await patchLive(context, item, modified, live, query);
  return { verb: changed ? "configured" : "unchanged", object: result, dryRun };
}

async function patchLive(context: CommandContext, item: ManifestObject, modified: AnyObject, first: AnyObject, query: Readonly<Record<string, string>>): Promise<{ result: AnyObject; changed: boolean }> {
  const { client, io } = context;
  const { resource, object, namespace, file } = item;
  let live = first;
  for (let attempt = 0; ; attempt++) {
    const annotation = live.metadata.annotations?.[LAST_APPLIED];
    if (annotation === undefined && attempt === 0) io.stderr(`Warning: resource ${resource.plural}/${object.metadata.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`);
    if (live.metadata.deletionTimestamp !== undefined && attempt === 0) io.stderr(`Warning: Detected changes to resource ${object.metadata.name} which is currently being deleted.\n`);
    const patch = threeWayPatch(annotation === undefined ? undefined : (JSON.parse(annotation) as Json), modified as unknown as Json, live as unknown as Json);
    if (Object.keys(patch).length === 0) return { result: live, changed: false };
    try {
      const result = (await client.send("PATCH", pathOf(resource, namespace, object.metadata.name), { query, body: patch, contentType: "application/strategic-merge-patch+json" })) as AnyObject;
      return { result, changed: true };
    } catch (error) {
      if (error instanceof StatusError && error.status.reason === "Conflict" && attempt < MAX_CONFLICT_RETRIES) {
        live = (await liveObject(context, item)) ?? live;
        continue;
      }
      throw doing(error, `error when applying patch:\n${goJson(patch)}\nto:\nResource: "${resource.group}/${resource.version}, Resource=${resource.plural}", GroupVersionKind: "${resource.group}/${resource.version}, Kind=${resource.kind}"\nName: ${JSON.stringify(object.metadata.name)}, Namespace: ${JSON.stringify(namespace)}\nfor: ${JSON.stringify(file)}: error when patching ${JSON.stringify(file)}: `);
    }
  }
}

async function liveObject(context: CommandContext, { resource, object, namespace }: ManifestObject): Promise<AnyObject | undefined> {
  try {
    return (await context.client.send("GET", pathOf(resource, namespace, object.metadata.name))) as AnyObject;
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 404) return undefined;
    throw error;
  }
}

/** The manifest with itself in an annotation: what the next apply compares with. Source: staging/src/k8s.io/kubectl/pkg/util/apply.go. */
function withLastApplied(object: AnyObject, namespace: string): AnyObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  const bare = { ...object, metadata: { ...object.metadata, annotations, ...(namespace === "" ? {} : { namespace }) } };
  return { ...bare, metadata: { ...bare.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${goJson(bare)}\n` } } };
}

/** Compact JSON with sorted keys and Go's escapes for HTML. Source: encoding/json, Encoder.SetEscapeHTML. */
function goJson(value: unknown): string {
  return JSON.stringify(sortKeys(value)).replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Puts what kubectl was doing in front of the server's message; errors with causes are printed without it. */
function doing(error: unknown, what: string): unknown {
  return error instanceof StatusError ? new StatusError({ ...error.status, message: `${what}${error.status.message ?? ""}` }) : error;
}

function report({ flags, io }: CommandContext, { resource, object }: ManifestObject, verb: string, result: AnyObject, dryRun: string): void {
  const output = flags.text("output");
  const typed = { ...withoutManagedFields(result), apiVersion: groupVersionOf(resource), kind: resource.kind };
  if (output === "yaml") io.stdout(toGoYaml(typed));
  else if (output === "json") io.stdout(`${JSON.stringify(sortKeys(typed), null, 4)}\n`);
  else if (output === "name") io.stdout(`${qualifiedName(resource)}/${object.metadata.name}\n`);
  else if (output === undefined) io.stdout(`${qualifiedName(resource)}/${object.metadata.name} ${verb}${dryRun === "none" ? "" : ` (${dryRun === "client" ? "dry run" : "server dry run"})`}\n`);
  else throw new KubectlError(`unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: json,name,yaml`);
}
