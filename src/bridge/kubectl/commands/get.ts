import type { WatchEvent } from "../../../engine/apimachinery/api.ts";
import { KubectlError, StatusError, TABLE, UsageError } from "../client.ts";
import type { Command, CommandContext } from "../command.ts";
import { explainMissing, nameSelectors } from "../list-objects.ts";
import { OUTPUT_FLAGS, printObjects, validateOutput } from "../print/objects.ts";
import { alignColumns, ColumnWriter, type Table, tableCells, type TableOptions } from "../print/table.ts";
import { pathOf, qualifiedName, resolveTargets, type Target } from "../resources.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/get/get.go. Differs: -f, --sort-by on arrays, --raw with a body and -k are not here. */
export const get: Command = {
  name: "get",
  summary: "Display one or many resources",
  usage: "get [(-o|--output=)wide|yaml|json|name|jsonpath=…] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]",
  flags: [
    ...OUTPUT_FLAGS,
    { name: "watch", short: "w", type: "bool" },
    { name: "watch-only", type: "bool" },
    { name: "output-watch-events", type: "bool" },
    { name: "all-namespaces", short: "A", type: "bool" },
    { name: "selector", short: "l", type: "string" },
    { name: "field-selector", type: "string" },
    { name: "no-headers", type: "bool" },
    { name: "show-labels", type: "bool" },
    { name: "label-columns", short: "L", type: "list" },
    { name: "show-kind", type: "bool" },
    { name: "ignore-not-found", type: "bool" },
    { name: "subresource", type: "string" },
    { name: "sort-by", type: "string" },
    { name: "chunk-size", type: "int" },
    { name: "raw", type: "string" },
  ],
  async run(context) {
    const { flags, io } = context;
    const raw = flags.text("raw");
    if (raw !== undefined) return getRaw(context, raw);
    if (flags.args.length === 0) throw new UsageError('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples');
    const output = validateOutput(flags.text("output"));
    const targets = resolveTargets(await context.resources(), flags.args);
    if (targets.some((target) => target.name !== undefined)) {
      if (flags.bool("all-namespaces")) throw new KubectlError("a resource cannot be retrieved by name across all namespaces");
      if (flags.has("selector")) throw new KubectlError("name cannot be provided when a selector is specified");
    }
    const wantsWatch = flags.bool("watch") || flags.bool("watch-only");
    if (wantsWatch && new Set(targets.map((target) => target.resource)).size > 1) throw new KubectlError("you may only specify a single resource type");
    if (output !== undefined && output !== "wide") return printObjects(context, targets, output, wantsWatch);
    return wantsWatch ? watchTable(context, targets) : getTables(context, targets, io.stdout);
  },
};

async function getRaw(context: CommandContext, raw: string): Promise<number> {
  const url = new URL(raw, "http://server");
  const body = await context.client.send("GET", url.pathname, { query: Object.fromEntries(url.searchParams), accept: "*/*" });
  context.io.stdout(typeof body === "string" ? body : `${JSON.stringify(body)}\n`);
  return 0;
}

interface Fetched {
  readonly target: Target;
  readonly table: Table;
}

/** Prints one table per kind, an empty line between, `No resources found` when there is nothing at all. */
async function getTables(context: CommandContext, targets: readonly Target[], print: (text: string) => void): Promise<number> {
  const { flags, io, namespace } = context;
  const fetched: Fetched[] = [];
  let exitCode = 0;
  const errors: string[] = [];
  for (const target of targets) {
    try {
      fetched.push({ target, table: await fetchTable(context, target) });
    } catch (error) {
      if (!(error instanceof StatusError) || targets.length === 1) {
        if (error instanceof StatusError && error.status.code === 404 && flags.bool("ignore-not-found") && target.name !== undefined) continue;
        throw error;
      }
      if (error.status.code === 404 && flags.bool("ignore-not-found")) continue;
      errors.push(`Error from server (${error.status.reason ?? ""}): ${error.status.message ?? ""}\n`);
      exitCode = 1;
    }
  }
  const groups = mergeByKind(fetched);
  const withRows = groups.filter(({ table }) => (table.rows ?? []).length > 0);
  const manyKinds = new Set(targets.map((target) => target.resource)).size > 1 || flags.bool("show-kind");
  withRows.forEach(({ target, table }, i) => {
    if (i > 0) print("\n");
    const { header, rows } = tableCells(table, table.columnDefinitions ?? [], tableOptions(context, target, manyKinds));
    print(alignColumns(flags.bool("no-headers") ? rows : [header, ...rows]));
  });
  if (withRows.length === 0 && exitCode === 0 && fetched.length > 0 && !flags.bool("ignore-not-found")) {
    const isScoped = targets.some((target) => target.resource.namespaced) && !flags.bool("all-namespaces");
    io.stderr(isScoped ? `No resources found in ${namespace} namespace.\n` : "No resources found\n");
  }
  for (const text of errors) io.stderr(text);
  return exitCode;
}

/** `get pod a b` is two requests and one table. */
function mergeByKind(fetched: readonly Fetched[]): Fetched[] {
  const merged: Fetched[] = [];
  for (const { target, table } of fetched) {
    const last = merged.at(-1);
    if (last !== undefined && last.target.resource === target.resource) merged[merged.length - 1] = { target, table: { ...last.table, rows: [...(last.table.rows ?? []), ...(table.rows ?? [])] } };
    else merged.push({ target, table });
  }
  return merged;
}

async function fetchTable(context: CommandContext, { resource, name }: Target): Promise<Table> {
  const { flags, client, namespace } = context;
  const scope = flags.bool("all-namespaces") ? undefined : namespace;
  if (name !== undefined) {
    try {
      return (await client.send("GET", pathOf(resource, scope, name, flags.text("subresource")), { accept: TABLE })) as Table;
    } catch (error) {
      throw await explainMissing(context, resource, namespace, error);
    }
  }
  const sortBy = flags.text("sort-by");
  const limit = sortBy === undefined ? String(flags.int("chunk-size") ?? 500) : "0";
  let table: Table | undefined;
  for (let more = ""; ; ) {
    const query: Record<string, string> = { ...selectorQuery(context), ...(limit === "0" ? {} : { limit }), ...(more === "" ? {} : { continue: more }), ...(sortBy === undefined ? {} : { includeObject: "Object" }) };
    const page = (await client.send("GET", pathOf(resource, scope), { accept: TABLE, query }).catch((error: unknown) => {
      throw nameSelectors(error, resource, query);
    })) as Table;
    table = table === undefined ? page : { ...table, rows: [...(table.rows ?? []), ...(page.rows ?? [])] };
    more = page.metadata?.continue ?? "";
    if (more === "") return sortBy === undefined ? table : sortRows(table, sortBy);
  }
}

/** By a JSONPath of the objects: {.metadata.name}, .status.podIP. Missing values come first. */
function sortRows(table: Table, sortBy: string): Table {
  const steps = sortBy.replace(/^\{|\}$/g, "").replace(/^\./, "").split(".");
  const valueOf = (row: NonNullable<Table["rows"]>[number]): unknown => steps.reduce<unknown>((value, step) => (value === null || typeof value !== "object" ? undefined : (value as Record<string, unknown>)[step]), row.object);
  const compare = (a: unknown, b: unknown): number => (a === undefined ? (b === undefined ? 0 : -1) : b === undefined ? 1 : typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
  return { ...table, rows: (table.rows ?? []).toSorted((a, b) => compare(valueOf(a), valueOf(b))) };
}

function selectorQuery({ flags }: CommandContext): Record<string, string> {
  const labels = flags.text("selector");
  const fields = flags.text("field-selector");
  return { ...(labels === undefined ? {} : { labelSelector: labels }), ...(fields === undefined ? {} : { fieldSelector: fields }) };
}

function tableOptions({ flags }: CommandContext, target: Target, manyKinds: boolean): TableOptions {
  return {
    wide: flags.text("output") === "wide",
    noHeaders: flags.bool("no-headers"),
    showNamespace: flags.bool("all-namespaces") && target.resource.namespaced,
    showLabels: flags.bool("show-labels"),
    labelColumns: flags.list("label-columns").flatMap((text) => text.split(",")),
    namePrefix: manyKinds ? `${qualifiedName(target.resource)}/` : "",
  };
}

/** The table, then a line for every change until interrupted. Source: get.go, watch. */
async function watchTable(context: CommandContext, targets: readonly Target[]): Promise<number> {
  const { flags, io, client, namespace } = context;
  const [target] = targets;
  if (target === undefined) return 0;
  if (targets.length > 1) throw new KubectlError("you may only specify a single resource type");
  const table = await fetchTable(context, target);
  let columns = table.columnDefinitions ?? [];
  let headerDone = false;
  const writer = new ColumnWriter();
  const show = (part: Table, event: string | undefined): void => {
    const options = { ...tableOptions(context, target, flags.bool("show-kind")), ...(flags.bool("output-watch-events") && event !== undefined ? { event } : {}) };
    if (part.columnDefinitions !== null && part.columnDefinitions !== undefined && part.columnDefinitions.length > 0) columns = part.columnDefinitions;
    const { header, rows } = tableCells(part, columns, options);
    if (rows.length === 0) return;
    io.stdout(writer.align(headerDone || flags.bool("no-headers") ? rows : [header, ...rows]));
    headerDone = true;
  };
  if (!flags.bool("watch-only")) show(table, "ADDED");
  const scope = flags.bool("all-namespaces") ? undefined : namespace;
  const query: Record<string, string> = target.name === undefined ? { ...selectorQuery(context), resourceVersion: table.metadata?.resourceVersion ?? "", watch: "true" } : { fieldSelector: `metadata.name=${target.name}`, resourceVersion: "0", watch: "true" };
  const stream = await client.stream(pathOf(target.resource, scope), { accept: TABLE, query });
  let skip = target.name === undefined ? 0 : 1; // a single object's watch begins with the state that is printed already
  return new Promise((resolve) => {
    const stop = (code: number): void => {
      stream.close();
      resolve(code);
    };
    io.signal.addEventListener("abort", () => stop(130), { once: true });
    stream.listen({
      chunk: (chunk) => {
        const { type, object } = chunk as WatchEvent;
        if (type === "BOOKMARK") return;
        if (type === "ERROR") {
          io.stderr(`error: unable to decode an event from the watch stream: ${(object as { message?: string }).message ?? ""}\n`);
          return stop(1);
        }
        if (skip > 0) {
          skip -= 1;
          columns = (object as unknown as Table).columnDefinitions ?? columns;
          return;
        }
        show(object as unknown as Table, type);
      },
      end: () => stop(0),
    });
  });
}
