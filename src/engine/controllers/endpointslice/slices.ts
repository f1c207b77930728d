import { EndpointSlice } from "../../kinds/endpoint-slice.ts";
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSliceObject, NodeObject, ObjectMeta, PodObject, ServiceObject } from "../../kinds/generated/types.ts";
import { groupVersion } from "../../kinds/kind-definition.ts";
import { Service } from "../../kinds/service.ts";
import { controllerReference } from "../actions.ts";
import { type AddressType, addressTypesOf, endpointKey, endpointPorts, isEndpointPod, isHeadless, podToEndpoint, portsKey, sameEndpoint } from "./endpoints.ts";

/** Source for this file: staging/src/k8s.io/endpointslice/reconciler.go. */

export const SERVICE_NAME = "kubernetes.io/service-name";
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
export const MANAGER = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
const RESERVED = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS]);
const MAX_ENDPOINTS_PER_SLICE = 100;

export interface SliceChanges {
  readonly create: EndpointSliceObject[];
  readonly update: EndpointSliceObject[];
  readonly delete: EndpointSliceObject[];
  /** Pods left out because their node is not known (yet). */
  readonly problems: string[];
}

export type NodeLookup = (name: string) => NodeObject | undefined;

interface PortGroup {
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

const ownedBy = (slice: EndpointSliceObject, service: ServiceObject): boolean => slice.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === service.metadata.uid) ?? false;

/** The fewest writes that make the slices say what the pods are. */
export function sliceChanges(service: ServiceObject, pods: readonly PodObject[], existing: readonly EndpointSliceObject[], nodeOf: NodeLookup): SliceChanges {
  const changes: SliceChanges = { create: [], update: [], delete: [], problems: [] };
  const types = addressTypesOf(service);
  for (const slice of existing) if (!types.some((type) => type === slice.addressType)) changes.delete.push(slice);
  for (const type of types) {
    const part: SliceChanges = { create: [], update: [], delete: [], problems: changes.problems };
    changesOfType(service, pods, existing.filter(({ addressType }) => addressType === type), nodeOf, type, part);
    reuseDeleted(service, part);
    changes.create.push(...part.create);
    changes.update.push(...part.update);
    changes.delete.push(...part.delete);
  }
  return changes;
}

/** Source: reconcileByAddressType. */
function changesOfType(service: ServiceObject, pods: readonly PodObject[], existing: readonly EndpointSliceObject[], nodeOf: NodeLookup, type: AddressType, changes: SliceChanges): void {
  const byPorts = new Map<string, EndpointSliceObject[]>();
  for (const slice of existing) {
    if (!ownedBy(slice, service)) {
      changes.delete.push(slice);
      continue;
    }
    const key = portsKey(slice.ports);
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  const desired = desiredEndpoints(service, pods, nodeOf, type, changes.problems);
  for (const [key, group] of desired) changesOfGroup(service, byPorts.get(key) ?? [], group, type, changes);
  for (const [key, slices] of byPorts) if (!desired.has(key)) changes.delete.push(...slices);
  if (existing.length !== changes.delete.length || changes.create.length > 0) return;
  // Without any endpoint one empty slice says that the service has been looked at.
  const placeholder = newSlice(service, [], type, []);
  const [only] = changes.delete;
  if (changes.delete.length === 1 && only !== undefined && isPlaceholder(only, placeholder)) changes.delete.length = 0;
  else changes.create.push(placeholder);
}

const isPlaceholder = (slice: EndpointSliceObject, placeholder: EndpointSliceObject): boolean =>
  (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0 && JSON.stringify(sortedEntries(slice.metadata.labels)) === JSON.stringify(sortedEntries(placeholder.metadata.labels)) &&
  slice.metadata.ownerReferences?.[0]?.uid === placeholder.metadata.ownerReferences?.[0]?.uid;

/** What was worked out for a pod last time: in a large service one pod changes and all others are as they were. */
interface Known {
  readonly service: ServiceObject;
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly key: string;
  readonly endpoints: Map<AddressType, { readonly node: NodeObject | undefined; readonly endpoint: Endpoint | undefined }>;
}
const knownPods = new WeakMap<PodObject, Known>();
const endpointKeys = new WeakMap<Endpoint, string>();

function keyOfEndpoint(endpoint: Endpoint): string {
  let key = endpointKeys.get(endpoint);
  if (key === undefined) endpointKeys.set(endpoint, (key = endpointKey(endpoint)));
  return key;
}

function portsOf(service: ServiceObject, pod: PodObject): Known {
  let known = knownPods.get(pod);
  if (known === undefined || known.service !== service) {
    const ports = endpointPorts(service, pod);
    knownPods.set(pod, (known = { service, ports, key: portsKey(ports), endpoints: new Map() }));
  }
  return known;
}

function endpointOf(service: ServiceObject, pod: PodObject, node: NodeObject | undefined, type: AddressType): Endpoint | undefined {
  const { endpoints } = portsOf(service, pod);
  const before = endpoints.get(type);
  if (before !== undefined && before.node === node) return before.endpoint;
  const endpoint = podToEndpoint(pod, node, service, type);
  endpoints.set(type, { node, endpoint });
  return endpoint;
}

function desiredEndpoints(service: ServiceObject, pods: readonly PodObject[], nodeOf: NodeLookup, type: AddressType, problems: string[]): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    if (!isEndpointPod(pod)) continue;
    const { ports, key } = portsOf(service, pod);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    groups.set(key, group);
    const { nodeName = "" } = pod.spec;
    const node = nodeOf(nodeName);
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) {
      problems.push(`skipping Pod ${pod.metadata.name} for Service ${service.metadata.namespace}/${service.metadata.name}: Node ${nodeName} Not Found`);
      continue;
    }
    const endpoint = endpointOf(service, pod, node, type);
    if (endpoint !== undefined) group.endpoints.set(keyOfEndpoint(endpoint), endpoint);
  }
  return groups;
}

/**
 * Stale endpoints leave and changed ones are renewed where they are; new ones go to slices that are written anyway (fullest first),
 * then into one slice with room for all of them, then into new slices. Source: reconcileByPortMapping.
 */
function changesOfGroup(service: ServiceObject, existing: readonly EndpointSliceObject[], { ports, endpoints: wanted }: PortGroup, type: AddressType, changes: SliceChanges): void {
  const left = new Map(wanted);
  const updated: EndpointSliceObject[] = [];
  const unchanged: EndpointSliceObject[] = [];
  for (const slice of existing) {
    const before = slice.endpoints ?? [];
    const kept: Endpoint[] = [];
    let renewed = false;
    for (const endpoint of before) {
      const key = keyOfEndpoint(endpoint);
      const now = left.get(key);
      if (now === undefined) continue;
      kept.push(now);
      left.delete(key);
      if (!sameEndpoint(now, endpoint)) renewed = true;
    }
    const labels = labelsOf(service);
    const relabelled = JSON.stringify(sortedEntries(slice.metadata.labels)) !== JSON.stringify(sortedEntries(labels));
    if (kept.length === 0 && before.length > 0) changes.delete.push(slice);
    else if (renewed || kept.length !== before.length || relabelled) updated.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints: kept });
    else unchanged.push(slice);
  }
  const take = (count: number): Endpoint[] => {
    const taken: Endpoint[] = [];
    for (const [key, endpoint] of left) {
      if (taken.length >= count) break;
      taken.push(endpoint);
      left.delete(key);
    }
    return taken;
  };
  const filled = updated.toSorted((a, b) => b.endpoints.length - a.endpoints.length).map((slice) => ({ ...slice, endpoints: [...slice.endpoints, ...take(MAX_ENDPOINTS_PER_SLICE - slice.endpoints.length)] }));
  changes.update.push(...filled);
  while (left.size > 0) {
    const roomy = left.size < MAX_ENDPOINTS_PER_SLICE ? sliceToFill(unchanged, left.size) : undefined;
    if (roomy === undefined) changes.create.push(newSlice(service, ports, type, take(MAX_ENDPOINTS_PER_SLICE)));
    else {
      unchanged.splice(unchanged.indexOf(roomy), 1);
      changes.update.push({ ...roomy, endpoints: [...roomy.endpoints, ...take(MAX_ENDPOINTS_PER_SLICE - roomy.endpoints.length)] });
    }
  }
}

/** The fullest slice that has room for so many more. Source: utils.go, getSliceToFill. */
function sliceToFill(slices: readonly EndpointSliceObject[], count: number): EndpointSliceObject | undefined {
  let best: EndpointSliceObject | undefined;
  for (const slice of slices) {
    const size = slice.endpoints.length + count;
    if (size <= MAX_ENDPOINTS_PER_SLICE && (best === undefined || slice.endpoints.length > best.endpoints.length)) best = slice;
  }
  return best;
}

/** A slice that would be deleted takes over the content of one that would be created. Source: finalize. */
function reuseDeleted(service: ServiceObject, changes: SliceChanges): void {
  for (let i = 0; i < changes.delete.length && changes.create.length > 0; ) {
    const old = changes.delete[i];
    if (old === undefined || !ownedBy(old, service)) {
      i += 1;
      continue;
    }
    const fresh = changes.create.pop();
    changes.delete.splice(i, 1);
    if (fresh === undefined) continue;
    const { annotations: _annotations, ...metadata } = old.metadata;
    changes.update.push({ ...fresh, metadata: { ...metadata, labels: fresh.metadata.labels ?? {} } });
  }
}

function newSlice(service: ServiceObject, ports: readonly DiscoveryV1EndpointPort[], addressType: AddressType, endpoints: readonly Endpoint[]): EndpointSliceObject {
  const metadata = { generateName: `${service.metadata.name}-`, namespace: service.metadata.namespace, labels: labelsOf(service), ownerReferences: [controllerReference(Service, service)] };
  return { apiVersion: groupVersion(EndpointSlice), kind: EndpointSlice.kind, metadata: metadata as unknown as ObjectMeta, addressType, endpoints, ports };
}

/** The service's labels and the controller's own. Source: utils.go, setEndpointSliceLabels. */
function labelsOf(service: ServiceObject): Readonly<Record<string, string>> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([key]) => !RESERVED.has(key));
  return { ...Object.fromEntries(own), [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: MANAGER, ...(isHeadless(service) && { [HEADLESS]: "" }) };
}

const sortedEntries = (labels: Readonly<Record<string, string>> | undefined): readonly [string, string][] => Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
