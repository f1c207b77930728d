import { sha256 } from "@noble/hashes/sha2.js";
import { groupVersion, type KindDefinition, type SubresourceDefinition } from "../../kinds/kind-definition.ts";
import { encodeUtf8 } from "../../apimachinery/utf8.ts";

/** Order of the groups as upstream serves them; what is not named comes last. Source: pkg/controlplane; recorded from v1.33. */
const GROUP_ORDER = [
  "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io", "networking.k8s.io",
  "policy", "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io",
  "node.k8s.io", "discovery.k8s.io", "resource.k8s.io", "flowcontrol.apiserver.k8s.io",
];

/** One group with its versions, preferred first, and the kinds of each. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly kinds: readonly KindDefinition[] }[];
}

const rank = (group: string): number => {
  const index = GROUP_ORDER.indexOf(group);
  return group === "" ? -1 : index < 0 ? GROUP_ORDER.length : index;
};

/** Groups in upstream's order, core first; versions in the registry's order; kinds by plural. */
export function servedGroups(kinds: readonly KindDefinition[]): readonly ServedGroup[] {
  const names = [...new Set(kinds.map((k) => k.group))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return names.map((name) => {
    const own = kinds.filter((k) => k.group === name);
    const versions = [...new Set(own.map((k) => k.version))];
    return { name, versions: versions.map((version) => ({ version, kinds: own.filter((k) => k.version === version).sort((a, b) => (a.plural < b.plural ? -1 : 1)) })) };
  });
}

const subresourcesOf = (kind: KindDefinition): readonly SubresourceDefinition[] => [...kind.subresources].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Source: staging/src/k8s.io/api/apidiscovery/v2/types.go, APIGroupDiscoveryList. */
export function aggregatedDiscovery(groups: readonly ServedGroup[], version: "v2" | "v2beta1"): unknown {
  return {
    kind: "APIGroupDiscoveryList", apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map((v) => ({ version: v.version, resources: v.kinds.map(discoveredResource), freshness: "Current" })),
    })),
  };
}

function discoveredResource(kind: KindDefinition): unknown {
  const own = { group: kind.group, version: kind.version, kind: kind.kind };
  const subresources = subresourcesOf(kind).map((s) => ({ subresource: s.name, responseKind: s.responseKind ?? own, verbs: s.verbs }));
  return {
    resource: kind.plural, responseKind: own, scope: kind.scope, singularResource: kind.singular, verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }), ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** `/api`. */
export const apiVersions = (): unknown => ({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "10.0.0.10:6443" }] });

/** `/apis` without aggregation. */
export const groupList = (groups: readonly ServedGroup[]): unknown => ({ kind: "APIGroupList", apiVersion: "v1", groups: groups.filter((g) => g.name !== "").map(groupEntry) });

function groupEntry({ name, versions }: ServedGroup): Readonly<Record<string, unknown>> {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `/apis/{group}`. */
export const groupDocument = (group: ServedGroup): unknown => ({ kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) });

/** `/api/v1` and `/apis/{group}/{version}`. The core list has no apiVersion, as recorded. */
export function resourceList(kinds: readonly KindDefinition[]): unknown {
  const [first] = kinds;
  if (first === undefined) return undefined;
  const resources = kinds.flatMap((kind) => [legacyResource(kind), ...subresourcesOf(kind).map((s) => legacySubresource(kind, s))]);
  return { kind: "APIResourceList", ...(first.group === "" ? {} : { apiVersion: "v1" }), groupVersion: groupVersion(first), resources };
}

const legacyResource = (kind: KindDefinition): unknown => ({
  name: kind.plural, singularName: kind.singular, namespaced: kind.scope === "Namespaced", kind: kind.kind, verbs: kind.verbs,
  ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }), ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
  storageVersionHash: storageVersionHash(kind),
});

function legacySubresource(kind: KindDefinition, { name, verbs, responseKind }: SubresourceDefinition): unknown {
  const foreign = responseKind !== undefined && (responseKind.group !== kind.group || responseKind.version !== kind.version);
  return {
    name: `${kind.plural}/${name}`, singularName: "", namespaced: kind.scope === "Namespaced",
    ...(foreign ? { group: responseKind.group, version: responseKind.version } : {}), kind: responseKind?.kind ?? kind.kind, verbs,
  };
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Source: apiserver/pkg/endpoints/discovery/storageversionhash.go. */
function storageVersionHash({ group, version, kind }: KindDefinition): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = sha256(new Uint8Array(encodeUtf8(`${group}/${version}/${kind}`)));
  const word = (x: number, y: number, z: number): string => [x >> 2, ((x & 3) << 4) | (y >> 4), ((y & 15) << 2) | (z >> 6), z & 63].map((digit) => BASE64[digit] ?? "").join("");
  return `${word(a, b, c)}${word(d, e, f)}${word(g, h, 0).slice(0, 3)}=`;
}
