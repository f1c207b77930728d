import type { Cluster, ClusterOptions } from "../../engine/cluster/contracts.ts";
import { createCluster, DESCRIPTIONS } from "../../engine/index.ts";
import { boot, catchUpWith } from "./cli/boot.ts";
import { writeKubeconfig } from "./cli/kubeconfig.ts";
import { type CliOptions, parseArguments, USAGE } from "./cli/options.ts";
import { Pump } from "./pump.ts";
import { createHttpBridge, type HttpBridge } from "./server.ts";

/**
 * Wall-clock ms by which a new cluster's calendar starts in the past: enough to boot in. At speed 1 it then keeps real time, so that the ages that
 * clients reckon by their own clock (kubectl describe) are right.
 */
const HEAD_START_MS = 5 * 60_000;
/** At other speeds the calendars part; a start further back keeps new events in the client's past for some hours, not in its future. */
const FAST_HEAD_START_MS = 24 * 60 * 60_000;
/** Wall-clock ms between a first Ctrl-C and one that ends the process at once. */
const IMPATIENCE_MS = 500;
const PARENT_CHECK_MS = 1_000;
const MAX_REPORTED_BUGS = 20;
/** A /24 for each node out of a /16; the control plane's is one of them. */
const NODES_OF_DEFAULT_POD_CIDR = 256;
const BIG_POD_CIDR = "10.128.0.0/9";

const fail = (code: number, sentence: string): never => {
  console.error(sentence);
  process.exit(code);
};

/** The command `npm run cluster`. Exit codes: 0 ended by a signal, 1 could not start, 2 bad command line. */
async function main(argv: readonly string[]): Promise<void> {
  const parsed = parseArguments(argv);
  if (!parsed.ok) return fail(2, `${parsed.error}.\n\n${USAGE}`);
  if (parsed.value.help) return console.log(USAGE);
  const { options } = parsed.value;

  const cleanUps: (() => unknown)[] = [];
  let endedAtMs: number | undefined;
  const end = (): void => {
    // One Ctrl-C arrives twice under npm, from the terminal and from npm; a later one means it.
    if (endedAtMs !== undefined && performance.now() - endedAtMs < IMPATIENCE_MS) return;
    if (endedAtMs !== undefined) process.exit(1);
    endedAtMs = performance.now();
    // The newest first: the clock stops before its cluster's door closes.
    void Promise.all(cleanUps.reverse().map((cleanUp) => cleanUp())).then(() => process.exit(0));
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  if (process.env["npm_lifecycle_event"] === "cluster") endWithParent(end);

  const startMs = Date.now() - (options.speed === 1 ? HEAD_START_MS : FAST_HEAD_START_MS);
  const epoch = options.cluster.epoch ?? `${new Date(startMs).toISOString().slice(0, 19)}Z`;
  const cluster = createClusterOrFail({ ...options.cluster, epoch });
  const onBug = reporter();
  const pump = new Pump({ cluster, speed: options.speed, onBug });
  const bridge = createHttpBridge({
    cluster,
    pump,
    onBug,
    ...(options.verbose ? { onRequest: (request, status) => console.error(`${status} ${request.method} ${request.path}${queryText(request.query)}`) } : {}),
  });
  const { url, port } = await listenOrFail(bridge, options.port);
  cleanUps.push(() => bridge.close());
  const kubeconfig = writeKubeconfig(url, port, options.kubeconfig, process.env["INIT_CWD"] ?? process.cwd());
  if (!kubeconfig.ok) return fail(1, `${capitalised(kubeconfig.error)}.`);
  cleanUps.push(() => kubeconfig.value.remove());

  if (!(await boot(cluster))) {
    kubeconfig.value.remove();
    return fail(1, `The cluster did not become ready: ${notReady(cluster)}.`);
  }
  if (options.speed === 1 && options.cluster.epoch === undefined) await catchUpWith(cluster, () => Date.now() - Date.parse(epoch));
  pump.start();
  cleanUps.push(() => pump.stop());
  console.log(readyLine(url, kubeconfig.value.path, options));
}

/** An npm that is killed outright takes nothing along: without this, its cluster would hold the port for ever. */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  setInterval(() => (process.ppid === parent ? undefined : end()), PARENT_CHECK_MS).unref();
}

/** The engine says in a RangeError what it cannot build, and what to ask for instead. */
function createClusterOrFail(options: ClusterOptions): Cluster {
  const needsMorePods = (options.nodes ?? 0) >= NODES_OF_DEFAULT_POD_CIDR;
  try {
    return createCluster({ ...options, ...(needsMorePods ? { podCIDR: BIG_POD_CIDR } : {}) }, { descriptions: DESCRIPTIONS });
  } catch (error) {
    if (error instanceof RangeError) return fail(2, `${capitalised(error.message)}.`);
    throw error;
  }
}

/** Prints bugs, the first ones only: one bug often comes back with every event. */
function reporter(): (error: unknown) => void {
  let left = MAX_REPORTED_BUGS;
  return (error) => {
    if (left > 0) console.error(error);
    if (left === 1) console.error("Further errors are not shown.");
    left -= 1;
  };
}

async function listenOrFail(bridge: HttpBridge, port: number): Promise<{ url: string; port: number }> {
  try {
    return await bridge.listen(port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") return fail(1, `Port ${port} is in use by another program: choose another with --port, or --port 0 for any free one.`);
    if (code === "EACCES") return fail(1, `Port ${port} is not allowed for this user: choose one above 1023 with --port.`);
    return fail(1, `Cannot serve on port ${port}: ${message}.`);
  }
}

function readyLine(url: string, kubeconfigPath: string, { cluster, speed }: CliOptions): string {
  const quoted = /^[\w@%+=:,./-]+$/.test(kubeconfigPath) ? kubeconfigPath : `'${kubeconfigPath.replaceAll("'", "'\\''")}'`;
  const nodes = (cluster.nodes ?? 3) + 1;
  return `Kubarium is ready: Kubernetes v1.33, ${nodes} ${nodes === 1 ? "node" : "nodes"}, speed ${speed}, at ${url} - try: kubectl --kubeconfig ${quoted} get pods -A (Ctrl-C ends it)`;
}

/** Which system pods are not Ready, for the message that says so. */
function notReady(cluster: Cluster): string {
  const { body } = cluster.request({ method: "GET", path: "/api/v1/namespaces/kube-system/pods", query: {}, headers: { accept: "application/json" } });
  const pods = (body as { items?: { metadata: { name: string }; status?: { phase?: string; conditions?: { type: string; status: string }[] } }[] }).items ?? [];
  const waiting = pods.filter((pod) => pod.status?.conditions?.find(({ type }) => type === "Ready")?.status !== "True");
  return waiting.map((pod) => `${pod.metadata.name} is ${pod.status?.phase ?? "Pending"}`).join(", ") || "its system pods were never made";
}

const queryText = (query: Readonly<Record<string, string>> | undefined): string => {
  const text = new URLSearchParams(query ?? {}).toString();
  return text === "" ? "" : `?${text}`;
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

await main(process.argv.slice(2));
