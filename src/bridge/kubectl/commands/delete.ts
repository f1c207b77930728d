import type { WatchEvent } from "../../../engine/apimachinery/api.ts";
import { KubectlError, StatusError } from "../client.ts";
import type { Command, CommandContext } from "../command.ts";
import { type AnyObject, listObjects } from "../list-objects.ts";
import { FILE_FLAGS, readManifests } from "../manifest-files.ts";
import { statusText } from "../print-error.ts";
import { type ApiResource, pathOf, qualifiedName, resolveTargets } from "../resources.ts";

interface Victim {
  readonly resource: ApiResource;
  readonly namespace: string;
  readonly name: string;
}

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/delete/delete.go. */
export const deleteCommand: Command = {
  name: "delete",
  summary: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
  usage: "delete ([-f FILENAME] | TYPE [(NAME | -l label | --all)]) [options]",
  flags: [
    ...FILE_FLAGS,
    { name: "selector", short: "l", type: "string" },
    { name: "field-selector", type: "string" },
    { name: "all", type: "bool" },
    { name: "all-namespaces", short: "A", type: "bool" },
    { name: "grace-period", type: "int" },
    { name: "now", type: "bool" },
    { name: "force", type: "bool" },
    { name: "wait", type: "bool" },
    { name: "cascade", type: "optional", bare: "background" },
    { name: "ignore-not-found", type: "bool" },
    { name: "dry-run", type: "optional", bare: "unchanged" },
    { name: "output", short: "o", type: "string" },
  ],
  async run(context) {
    const { flags, io } = context;
    const options = deleteOptions(context);
    const victims = await findVictims(context);
    if (options.isForced) io.stderr("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n");
    const gone: { victim: Victim; uid: string }[] = [];
    let exitCode = 0;
    for (const victim of victims) {
      try {
        const uid = await deleteOne(context, victim, options);
        gone.push({ victim, uid });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (error.status.code === 404 && (flags.bool("ignore-not-found") || flags.bool("all") || flags.has("selector"))) continue;
        io.stderr(`${statusText(error.status, flags.list("filename").length > 0 ? `error when deleting ${JSON.stringify(flags.list("filename")[0])}: ` : "")}\n`);
        exitCode = 1;
      }
    }
    if (victims.length === 0) io.stdout("No resources found\n");
    if (!options.isDryRun && !(flags.has("wait") && !flags.bool("wait")) && !options.isForced) for (const { victim, uid } of gone) await waitUntilGone(context, victim, uid);
    return exitCode;
  },
};

interface DeleteFlags {
  readonly body: Readonly<Record<string, unknown>>;
  readonly isForced: boolean;
  readonly isDryRun: boolean;
}

function deleteOptions({ flags }: CommandContext): DeleteFlags {
  const cascade: Readonly<Record<string, string>> = { background: "Background", true: "Background", orphan: "Orphan", false: "Orphan", foreground: "Foreground" };
  const propagationPolicy = cascade[flags.text("cascade") ?? "background"];
  if (propagationPolicy === undefined) throw new KubectlError(`Invalid cascade value (${flags.text("cascade")}). Must be "background", "foreground", or "orphan".`);
  if (flags.bool("now") && flags.has("grace-period")) throw new KubectlError("--now and --grace-period cannot be specified together");
  if (flags.bool("force") && (flags.int("grace-period") ?? 0) > 0) throw new KubectlError("--force and --grace-period greater than 0 cannot be specified together");
  if (flags.int("grace-period") === 0 && !flags.bool("force")) {
    // kubectl waits for the deletion and asks for at least one second, so that data is not lost unasked.
    return { body: { propagationPolicy, gracePeriodSeconds: 1 }, isForced: false, isDryRun: flags.has("dry-run") && flags.text("dry-run") !== "none" };
  }
  const grace = flags.bool("now") ? 1 : flags.bool("force") ? 0 : flags.int("grace-period");
  const dryRun = flags.has("dry-run") && flags.text("dry-run") !== "none";
  return { body: { propagationPolicy, ...(grace === undefined || grace < 0 ? {} : { gracePeriodSeconds: grace }), ...(flags.text("dry-run") === "server" ? { dryRun: ["All"] } : {}) }, isForced: flags.bool("force"), isDryRun: dryRun };
}

async function findVictims(context: CommandContext): Promise<Victim[]> {
  const { flags, namespace } = context;
  if (flags.list("filename").length > 0) {
    const { objects, failures } = await readManifests(context);
    const [failure] = failures;
    if (failure !== undefined) throw new KubectlError(failure.message);
    return objects.map((item) => ({ resource: item.resource, namespace: item.namespace, name: item.object.metadata.name }));
  }
  if (flags.args.length === 0) throw new KubectlError("You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'");
  const targets = resolveTargets(await context.resources(), flags.args);
  const byName = targets.filter((target) => target.name !== undefined);
  if (byName.length > 0) {
    if (flags.bool("all-namespaces")) throw new KubectlError("a resource cannot be retrieved by name across all namespaces");
    if (flags.has("selector")) throw new KubectlError("name cannot be provided when a selector is specified");
    return byName.map(({ resource, name }) => ({ resource, namespace, name: name ?? "" }));
  }
  if (!flags.bool("all") && !flags.has("selector") && !flags.has("field-selector")) throw new KubectlError("resource(s) were provided, but no name was specified");
  const victims: Victim[] = [];
  for (const { resource } of targets) {
    const { items } = await listObjects(context, resource, flags.bool("all-namespaces") ? undefined : namespace, { ...(flags.has("selector") ? { labels: flags.text("selector") ?? "" } : {}), ...(flags.has("field-selector") ? { fields: flags.text("field-selector") ?? "" } : {}) });
    victims.push(...items.map((item) => ({ resource, namespace: item.metadata.namespace ?? "", name: item.metadata.name })));
  }
  return victims;
}

async function deleteOne(context: CommandContext, { resource, namespace, name }: Victim, { body, isForced, isDryRun }: DeleteFlags): Promise<string> {
  const { client, io, flags } = context;
  const isClientDryRun = isDryRun && flags.text("dry-run") !== "server";
  const reply = isClientDryRun ? undefined : ((await client.send("DELETE", pathOf(resource, namespace, name), { body })) as AnyObject & { details?: { uid?: string } });
  const shown = `${qualifiedName(resource)} "${name}"`;
  if (flags.text("output") === "name") io.stdout(`${qualifiedName(resource)}/${name}\n`);
  else io.stdout(`${shown} ${isForced ? "force deleted" : "deleted"}${isDryRun ? (isClientDryRun ? " (dry run)" : " (server dry run)") : ""}\n`);
  return reply?.details?.uid ?? reply?.metadata?.uid ?? "";
}

/** GET until it is gone (or another one of that name stands there), then a watch until DELETED. */
async function waitUntilGone(context: CommandContext, { resource, namespace, name }: Victim, uid: string): Promise<void> {
  const { client, io } = context;
  for (;;) {
    let object: AnyObject;
    try {
      object = (await client.send("GET", pathOf(resource, namespace, name))) as AnyObject;
    } catch (error) {
      if (error instanceof StatusError && error.status.code === 404) return;
      throw error;
    }
    if (object.metadata.uid !== uid) return;
    const stream = await client.stream(pathOf(resource, namespace), { query: { fieldSelector: `metadata.name=${name}`, resourceVersion: object.metadata.resourceVersion ?? "", watch: "true" } });
    const isDeleted = await new Promise<boolean>((resolve, reject) => {
      io.signal.addEventListener("abort", () => {
        stream.close();
        reject(new KubectlError("interrupted"));
      }, { once: true });
      stream.listen({ chunk: (chunk) => (chunk as WatchEvent).type === "DELETED" && resolve(true), end: () => resolve(false) });
    });
    stream.close();
    if (isDeleted) return;
  }
}
