import { compareQuantities, parseQuantity, quantityText, addQuantities, quantityOf, quantityMilli, quantityValue, type Quantity } from "../../../engine/apimachinery/quantity.ts";
import type { Container, EventObject, LeaseObject, NodeObject, PodObject } from "../../../engine/kinds/generated/types.ts";
import { StatusError } from "../client.ts";
import { type Describer, listAt, newPage, type DescribeScope, writeEvents, writeHead } from "./describer.ts";
import { compareText, joinOrNone, type Page, rfc1123 } from "./page.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, describeNode and describeNodeResource. */
export const describeNode: Describer = {
  kind: "Node",
  async describe(object, scope) {
    const node = object as unknown as NodeObject;
    const { metadata, spec, status = {} } = node;
    const page = newPage(scope);
    writeHead(page, object);
    page.line(0, `Roles:\t${joinOrNone(rolesOf(node)).replaceAll(", ", ",")}`);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.line(0, `CreationTimestamp:\t${rfc1123(metadata.creationTimestamp)}`);
    page.lines("Taints", (spec.taints ?? []).map((taint) => `${taint.key}${(taint.value ?? "") === "" ? "" : `=${taint.value}`}:${taint.effect}`).toSorted(compareText));
    page.line(0, `Unschedulable:\t${spec.unschedulable ?? false}`);
    await writeLease(page, scope, metadata.name);
    if ((status.conditions ?? []).length > 0) {
      page.raw("Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n");
      page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
      for (const c of status.conditions ?? []) page.line(1, `${c.type} \t${c.status} \t${rfc1123(c.lastHeartbeatTime)} \t${rfc1123(c.lastTransitionTime)} \t${c.reason ?? ""} \t${c.message ?? ""}`);
    }
    page.raw("Addresses:\n");
    for (const address of status.addresses ?? []) page.line(1, `${address.type}:\t${address.address}`);
    writeResources(page, "Capacity", status.capacity);
    writeResources(page, "Allocatable", status.allocatable);
    const info = status.nodeInfo;
    if (info !== undefined) {
      page.raw("System Info:\n");
      const rows = [["Machine ID", info.machineID], ["System UUID", info.systemUUID], ["Boot ID", info.bootID], ["Kernel Version", info.kernelVersion], ["OS Image", info.osImage], ["Operating System", info.operatingSystem], ["Architecture", info.architecture], ["Container Runtime Version", info.containerRuntimeVersion], ["Kubelet Version", info.kubeletVersion], ["Kube-Proxy Version", info.kubeProxyVersion]];
      for (const [title, value] of rows) page.raw(`  ${title}:\t${value ?? ""}\n`);
    }
    if ((spec.podCIDR ?? "") !== "") page.line(0, `PodCIDR:\t${spec.podCIDR}`);
    if ((spec.podCIDRs ?? []).length > 0) page.line(0, `PodCIDRs:\t${(spec.podCIDRs ?? []).join(",")}`);
    if ((spec.providerID ?? "") !== "") page.line(0, `ProviderID:\t${spec.providerID}`);
    const pods = await listAt<PodObject>(scope, "/api/v1/pods", { fieldSelector: `spec.nodeName=${metadata.name},status.phase!=Failed,status.phase!=Succeeded` });
    writePods(page, node, pods);
    writeEvents(page, scope, await nodeEvents(scope, node));
    return page.finish();
  },
};

/** The kubelet writes the node's name where others write its uid, so kubectl asks for both. */
async function nodeEvents(scope: DescribeScope, { metadata }: NodeObject): Promise<readonly EventObject[]> {
  if (!scope.showEvents) return [];
  const ask = (uid: string): Promise<readonly EventObject[]> => listAt<EventObject>(scope, "/api/v1/namespaces/default/events", { fieldSelector: `involvedObject.kind=Node,involvedObject.name=${metadata.name},involvedObject.namespace=,involvedObject.uid=${uid}` });
  return [...(await ask(metadata.uid ?? "")), ...(await ask(metadata.name))];
}

function rolesOf({ metadata }: NodeObject): string[] {
  return Object.entries(metadata.labels ?? {})
    .flatMap(([key, value]) => (key.startsWith("node-role.kubernetes.io/") ? [key.slice("node-role.kubernetes.io/".length)] : key === "kubernetes.io/role" ? [value] : []))
    .filter((role) => role !== "")
    .toSorted(compareText);
}

async function writeLease(page: Page, { context }: DescribeScope, name: string): Promise<void> {
  page.raw("Lease:\n");
  let lease: LeaseObject | undefined;
  try {
    lease = (await context.client.send("GET", `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`)) as LeaseObject;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    context.io.stderr(`Failed to get lease: ${error.status.message ?? ""}\n`);
  }
  page.line(1, `HolderIdentity:\t${lease?.spec?.holderIdentity ?? "<unset>"}`);
  page.line(1, `AcquireTime:\t${lease?.spec?.acquireTime === undefined ? "<unset>" : rfc1123(lease.spec.acquireTime)}`);
  page.line(1, `RenewTime:\t${lease?.spec?.renewTime === undefined ? "<unset>" : rfc1123(lease.spec.renewTime)}`);
}

function writeResources(page: Page, title: string, list: Readonly<Record<string, string>> | undefined): void {
  const entries = Object.entries(list ?? {}).toSorted(([a], [b]) => compareText(a, b));
  if (entries.length === 0) return;
  page.raw(`${title}:\n`);
  for (const [name, quantity] of entries) page.line(1, `${name}:\t${quantity}`);
}

type ResourceMap = Map<string, Quantity>;

function writePods(page: Page, node: NodeObject, pods: readonly PodObject[]): void {
  const allocatable = Object.keys(node.status?.allocatable ?? {}).length > 0 ? node.status?.allocatable : node.status?.capacity;
  const percent = (used: Quantity, name: string): number => {
    const total = name === "cpu" ? quantityMilli(allocatable?.[name]) : quantityValue(allocatable?.[name]);
    const amount = name === "cpu" ? quantityMilli(quantityText(used)) : quantityValue(quantityText(used));
    return total === 0 ? 0 : Math.trunc((amount / total) * 100);
  };
  const shown = (map: ResourceMap, name: string): string => {
    const used = map.get(name) ?? quantityOf(0);
    return `${quantityText(used)} (${percent(used, name)}%)`;
  };
  page.line(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  page.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  page.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  const totals = { requests: new Map() as ResourceMap, limits: new Map() as ResourceMap };
  for (const pod of pods) {
    const requests = podResources(pod, "requests");
    const limits = podResources(pod, "limits");
    page.line(1, `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${shown(requests, "cpu")}\t${shown(limits, "cpu")}\t${shown(requests, "memory")}\t${shown(limits, "memory")}\t${page.age(pod.metadata.creationTimestamp)}`);
    addAll(totals.requests, requests);
    addAll(totals.limits, limits);
  }
  page.raw("Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n");
  page.line(1, "Resource\tRequests\tLimits");
  page.line(1, "--------\t--------\t------");
  const names = ["cpu", "memory", "ephemeral-storage", ...Object.keys(allocatable ?? {}).filter((name) => name.startsWith("hugepages-")).toSorted(compareText)];
  for (const name of names) page.line(1, `${name}\t${shown(totals.requests, name)}\t${shown(totals.limits, name)}`);
}

/** Sum of containers, at least the largest init container. Source: kubectl/pkg/util/resource/resource.go, PodRequestsAndLimits. */
function podResources({ spec }: PodObject, list: "requests" | "limits"): ResourceMap {
  const sum: ResourceMap = new Map();
  for (const container of spec.containers) addAll(sum, resourcesOf(container, list));
  const sidecars: ResourceMap = new Map();
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === "Always") {
      addAll(sum, resourcesOf(container, list));
      addAll(sidecars, resourcesOf(container, list));
    } else {
      const needed = new Map(sidecars);
      addAll(needed, resourcesOf(container, list));
      for (const [name, quantity] of needed) if (compareQuantities(quantity, sum.get(name) ?? quantityOf(0)) > 0) sum.set(name, quantity);
    }
  }
  return sum;
}

function resourcesOf(container: Container, list: "requests" | "limits"): ResourceMap {
  return new Map(Object.entries(container.resources?.[list] ?? {}).flatMap(([name, text]) => {
    const parsed = parseQuantity(text);
    return parsed.ok ? [[name, parsed.value] as const] : [];
  }));
}

function addAll(sum: ResourceMap, more: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of more) sum.set(name, addQuantities(sum.get(name) ?? quantityOf(0), quantity));
}
