import { KubectlError, StatusError } from "../client.ts";
import type { Command, CommandContext } from "../command.ts";
import { type AnyObject, getObject, listObjects } from "../list-objects.ts";
import { findResource, resolveTargets } from "../resources.ts";

interface ContainerLike {
  readonly name: string;
}
interface PodLike extends AnyObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }[]; readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  readonly spec: { readonly nodeName?: string; readonly containers: readonly ContainerLike[]; readonly initContainers?: readonly ContainerLike[]; readonly ephemeralContainers?: readonly ContainerLike[] };
}

const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

/** Source: staging/src/k8s.io/kubectl/pkg/cmd/logs/logs.go, pkg/polymorphichelpers/logsforobject.go. */
export const logs: Command = {
  name: "logs",
  summary: "Print the logs for a container in a pod",
  usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]",
  flags: [
    { name: "follow", short: "f", type: "bool" },
    { name: "previous", short: "p", type: "bool" },
    { name: "container", short: "c", type: "string" },
    { name: "all-containers", type: "bool" },
    { name: "selector", short: "l", type: "string" },
    { name: "prefix", type: "bool" },
    { name: "tail", type: "int" },
    { name: "since", type: "string" },
    { name: "since-time", type: "string" },
    { name: "timestamps", type: "bool" },
    { name: "limit-bytes", type: "int" },
  ],
  async run(context) {
    const { flags, io } = context;
    if (flags.args.length === 0 && !flags.has("selector")) throw new KubectlError("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples");
    if (flags.has("selector") && flags.args.length > 0) throw new KubectlError("only a selector (-l) or a POD name is allowed");
    const query = logQuery(context);
    const pods = await findPods(context);
    if (pods.length === 0) io.stderr(`No resources found in ${context.namespace} namespace.\n`);
    const jobs = pods.flatMap((pod) => chooseContainers(context, pod).map((container) => ({ pod, container })));
    if (flags.bool("follow")) await Promise.all(jobs.map((job) => streamLog(context, job, query)));
    else for (const job of jobs) await printLog(context, job, query);
    return 0;
  },
};

function logQuery({ flags }: CommandContext): Record<string, string> {
  const query: Record<string, string> = {};
  const tail = flags.int("tail") ?? (flags.has("selector") ? 10 : -1);
  if (tail >= 0) query["tailLines"] = String(tail);
  if (flags.has("since") && flags.has("since-time")) throw new KubectlError("at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (flags.has("since")) {
    const seconds = parseDuration(flags.text("since") ?? "");
    if (seconds === undefined) throw new KubectlError(`invalid argument ${JSON.stringify(flags.text("since"))} for "--since" flag: time: invalid duration ${JSON.stringify(flags.text("since"))}`);
    query["sinceSeconds"] = String(Math.ceil(seconds));
  }
  if (flags.has("since-time")) query["sinceTime"] = flags.text("since-time") ?? "";
  if (flags.bool("timestamps")) query["timestamps"] = "true";
  if (flags.bool("previous")) query["previous"] = "true";
  if (flags.has("limit-bytes")) query["limitBytes"] = String(flags.int("limit-bytes"));
  return query;
}

/** Go durations: 5s, 2m, 3h, 1h30m. Answers in seconds. */
export function parseDuration(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text)) return text === "0" ? 0 : undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)].reduce((sum, match) => sum + Number(match[1]) * (units[match[2] ?? ""] ?? 0), 0);
}

async function findPods(context: CommandContext): Promise<PodLike[]> {
  const { flags, namespace } = context;
  const resources = await context.resources();
  const pods = findResource(resources, "pods");
  if (flags.has("selector")) return (await listObjects(context, pods, namespace, { labels: flags.text("selector") ?? "" })).items as PodLike[];
  const [name = ""] = flags.args;
  if (!name.includes("/")) {
    try {
      return [(await getObject(context, pods, namespace, name)) as PodLike];
    } catch (error) {
      if (!(error instanceof StatusError) || error.status.reason !== "NotFound" || error.status.details?.kind !== "pods") throw error;
      throw new KubectlError(`error from server (NotFound): ${error.status.message} in namespace ${JSON.stringify(namespace)}`);
    }
  }
  const [target] = resolveTargets(resources, [name]);
  if (target === undefined) return [];
  if (target.resource.plural === "pods") return [(await getObject(context, pods, namespace, target.name ?? "")) as PodLike];
  const owner = await getObject(context, target.resource, namespace, target.name ?? "");
  const selector = (owner["spec"] as { selector?: { matchLabels?: Record<string, string> } } | undefined)?.selector?.matchLabels;
  if (selector === undefined) throw new KubectlError(`cannot get the logs from ${target.resource.kind.toLowerCase()}: no pod selector`);
  const { items } = await listObjects(context, pods, namespace, { labels: Object.entries(selector).map(([key, value]) => `${key}=${value}`).join(",") });
  const [first] = (items as PodLike[]).toSorted(byLogging);
  if (first === undefined) throw new KubectlError("timed out waiting for the condition");
  if (items.length > 1) context.io.stderr(`Found ${items.length} pods, using pod/${first.metadata.name}\n`);
  return [first];
}

/** Which pod to read first: assigned, running, ready, ready for longest, most restarts, oldest. Source: kubectl/pkg/util/podutils/podutils.go, ByLogging. */
function byLogging(a: PodLike, b: PodLike): number {
  const phases = ["Running", "Unknown", "Pending"];
  const ready = (pod: PodLike): string | undefined => pod.status?.conditions?.find(({ type, status }) => type === "Ready" && status === "True")?.lastTransitionTime;
  const restarts = (pod: PodLike): number => Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
  const before = (x: string | undefined, y: string | undefined): number => (x === y ? 0 : x === undefined ? 1 : y === undefined ? -1 : x < y ? -1 : 1);
  return (
    Number((a.spec.nodeName ?? "") === "") - Number((b.spec.nodeName ?? "") === "") ||
    phases.indexOf(a.status?.phase ?? "") - phases.indexOf(b.status?.phase ?? "") ||
    Number(ready(b) !== undefined) - Number(ready(a) !== undefined) ||
    before(ready(a), ready(b)) ||
    restarts(b) - restarts(a) ||
    before(a.metadata.creationTimestamp, b.metadata.creationTimestamp)
  );
}

function chooseContainers({ flags, io }: CommandContext, pod: PodLike): readonly string[] {
  const init = (pod.spec.initContainers ?? []).map((container) => container.name);
  const app = pod.spec.containers.map((container) => container.name);
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map((container) => container.name);
  if (flags.bool("all-containers")) return [...init, ...app, ...ephemeral];
  const wanted = flags.text("container") ?? flags.args[1];
  if (wanted !== undefined) {
    if (![...init, ...app, ...ephemeral].includes(wanted)) throw new KubectlError(`container ${wanted} is not valid for pod ${pod.metadata.name}`);
    return [wanted];
  }
  const annotated = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (annotated !== undefined && app.includes(annotated)) return [annotated];
  const [first = ""] = app;
  if (init.length + app.length + ephemeral.length > 1) io.stderr(`Defaulted container "${first}" out of: ${[...app, ...ephemeral.map((name) => `${name} (ephem)`), ...init.map((name) => `${name} (init)`)].join(", ")}\n`);
  return [first];
}

interface Job {
  readonly pod: PodLike;
  readonly container: string;
}

const pathTo = ({ pod }: Job): string => `/api/v1/namespaces/${pod.metadata.namespace ?? "default"}/pods/${pod.metadata.name}/log`;
const prefixed = ({ flags }: CommandContext, { pod, container }: Job, text: string): string => (flags.bool("prefix") ? text.replaceAll(/^(?=.)/gm, `[pod/${pod.metadata.name}/${container}] `) : text);

async function printLog(context: CommandContext, job: Job, query: Readonly<Record<string, string>>): Promise<void> {
  const body = await context.client.send("GET", pathTo(job), { query: { ...query, container: job.container }, accept: "application/json, */*" });
  if (typeof body === "string" && body !== "") context.io.stdout(prefixed(context, job, body));
}

async function streamLog(context: CommandContext, job: Job, query: Readonly<Record<string, string>>): Promise<void> {
  const stream = await context.client.stream(pathTo(job), { query: { ...query, container: job.container, follow: "true" }, accept: "application/json, */*" });
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      stream.close();
      resolve();
    };
    context.io.signal.addEventListener("abort", stop, { once: true });
    stream.listen({ chunk: (chunk) => context.io.stdout(prefixed(context, job, String(chunk))), end: stop });
  });
}
