import { KubectlError, StatusError } from "../client.ts";
import type { Command, CommandContext } from "../command.ts";
import { describeGeneric } from "../describe/generic.ts";
import { DESCRIBERS } from "../describe/registry.ts";
import { type AnyObject, getObject, listObjects } from "../list-objects.ts";
import { FILE_FLAGS, readManifests } from "../manifest-files.ts";
import { statusText } from "../print-error.ts";
import { type ApiResource, groupVersionOf, resolveTargets, type Target } from "../resources.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/describe/describe.go. */
export const describe: Command = {
  name: "describe",
  summary: "Show details of a specific resource or group of resources",
  usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]",
  flags: [
    ...FILE_FLAGS,
    { name: "selector", short: "l", type: "string" },
    { name: "all-namespaces", short: "A", type: "bool" },
    { name: "show-events", type: "bool" },
  ],
  async run(context) {
    const { flags, io } = context;
    const found: { resource: ApiResource; object: AnyObject; byPrefix: boolean }[] = [];
    const problems: string[] = [];
    for (const target of await findTargets(context)) {
      try {
        const objects = await findObjects(context, target);
        found.push(...objects.map((object) => ({ resource: target.resource, object, byPrefix: target.name !== undefined && object.metadata.name !== target.name })));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        problems.push(statusText(error.status));
      }
    }
    const showEvents = !flags.has("show-events") || flags.bool("show-events");
    let isFirst = true;
    for (const { resource, object, byPrefix } of found) {
      const typed = { ...object, apiVersion: groupVersionOf(resource), kind: resource.kind };
      const kind = resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
      const scope = { context, resource, showEvents };
      const describer = DESCRIBERS.find((candidate) => candidate.kind === kind);
      const text = describer === undefined ? await describeGeneric(typed, scope) : await describer.describe(typed, scope);
      io.stdout(`${isFirst || byPrefix ? "" : "\n\n"}${text}${byPrefix ? "\n" : ""}`);
      isFirst = false;
    }
    if (found.length === 0 && problems.length === 0) io.stderr(flags.bool("all-namespaces") ? "No resources found\n" : `No resources found in ${context.namespace} namespace.\n`);
    for (const text of problems) io.stderr(`${text}\n`);
    return problems.length > 0 ? 1 : 0;
  },
};

async function findTargets(context: CommandContext): Promise<readonly (Target & { readonly namespace?: string })[]> {
  const { flags } = context;
  if (flags.list("filename").length > 0) {
    const { objects, failures } = await readManifests(context);
    const [failure] = failures;
    if (failure !== undefined) throw new KubectlError(failure.message);
    return objects.map((item) => ({ resource: item.resource, name: item.object.metadata.name, namespace: item.namespace }));
  }
  if (flags.args.length === 0) throw new KubectlError('You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.');
  return resolveTargets(await context.resources(), flags.args);
}

/** By name; when there is none of that name, by prefix. */
async function findObjects(context: CommandContext, target: Target & { readonly namespace?: string }): Promise<readonly AnyObject[]> {
  const { flags } = context;
  const namespace = target.namespace ?? context.namespace;
  const { resource, name } = target;
  if (name === undefined) {
    const { items } = await listObjects(context, resource, flags.bool("all-namespaces") ? undefined : namespace, flags.has("selector") ? { labels: flags.text("selector") ?? "" } : {});
    return items;
  }
  try {
    return [await getObject(context, resource, namespace, name)];
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.code !== 404 || error.status.details?.kind === "namespaces") throw error;
    const { items } = await listObjects(context, resource, namespace);
    const matching = items.filter((item) => item.metadata.name.startsWith(name));
    if (matching.length === 0) throw error;
    return matching;
  }
}
