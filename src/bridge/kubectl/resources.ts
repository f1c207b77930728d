import { KubectlError, type KubeClient } from "./client.ts";

/** One resource as discovery tells of it. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
}

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

interface DiscoveryResource {
  readonly resource: string;
  readonly responseKind: { readonly kind: string };
  readonly scope: string;
  readonly singularResource?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}
interface DiscoveryList {
  readonly items: readonly { readonly metadata: { readonly name?: string }; readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveryResource[] }[] }[];
}

/** Everything that the server serves: core first, then the order of /apis; a name goes to the first that knows it. */
export async function discover(client: KubeClient): Promise<readonly ApiResource[]> {
  const lists = [await client.send("GET", "/api", { accept: AGGREGATED }), await client.send("GET", "/apis", { accept: AGGREGATED })] as DiscoveryList[];
  return lists.flatMap((list) =>
    list.items.flatMap((item) =>
      item.versions.flatMap(({ version, resources }) =>
        resources.map((resource): ApiResource => ({
          group: item.metadata.name ?? "",
          version,
          plural: resource.resource,
          singular: resource.singularResource ?? resource.responseKind.kind.toLowerCase(),
          kind: resource.responseKind.kind,
          namespaced: resource.scope === "Namespaced",
          verbs: resource.verbs,
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
          subresources: (resource.subresources ?? []).map((sub) => sub.subresource),
        })),
      ),
    ),
  );
}

/** "po", "pods", "Pod", "deployments.apps", "deployments.v1.apps". Source: staging/src/k8s.io/client-go/restmapper. */
export function findResource(resources: readonly ApiResource[], name: string): ApiResource {
  const wanted = name.toLowerCase();
  const [plain = "", ...suffix] = wanted.split(".");
  const group = suffix.join(".");
  const names = (resource: ApiResource): readonly string[] => [resource.plural, resource.singular, resource.kind.toLowerCase(), ...resource.shortNames];
  const found =
    resources.find((resource) => names(resource).includes(wanted)) ??
    resources.find((resource) => names(resource).includes(plain) && (resource.group === group || `${resource.version}.${resource.group}` === group || (suffix.length > 0 && resource.group.startsWith(`${group}.`))));
  if (found === undefined) throw new KubectlError(`the server doesn't have a resource type "${name}"`);
  return found;
}

export function findByKind(resources: readonly ApiResource[], apiVersion: string, kind: string): ApiResource | undefined {
  return resources.find((resource) => groupVersionOf(resource) === apiVersion && resource.kind === kind);
}

export const groupVersionOf = (resource: ApiResource): string => (resource.group === "" ? resource.version : `${resource.group}/${resource.version}`);

/** "deployment.apps", or "pod" in the core group: how results name a resource. */
export const qualifiedName = (resource: ApiResource): string => (resource.group === "" ? resource.singular : `${resource.singular}.${resource.group}`);

export function pathOf(resource: ApiResource, namespace: string | undefined, name?: string, subresource?: string): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
  return [`${root}${scope}/${resource.plural}`, name, subresource].filter((part) => part !== undefined && part !== "").join("/");
}

/** What the arguments of get, describe, delete … point at. */
export interface Target {
  readonly resource: ApiResource;
  /** Without a name: all of the kind. */
  readonly name: string | undefined;
}

/** TYPE, TYPE NAME…, TYPE1,TYPE2, TYPE/NAME…, and categories ("all"). Source: staging/src/k8s.io/cli-runtime/pkg/resource/builder.go, ResourceTypeOrNameArgs. */
export function resolveTargets(resources: readonly ApiResource[], args: readonly string[]): readonly Target[] {
  if (args.some((arg) => arg.includes("/"))) {
    return args.map((arg) => {
      const parts = arg.split("/");
      if (parts.length !== 2) {
        if (parts.length === 1) throw new KubectlError(`there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`);
        throw new KubectlError("arguments in resource/name form may not have more than one slash");
      }
      const [type = "", name = ""] = parts;
      if (type === "" || name === "") throw new KubectlError("arguments in resource/name form must have a single resource and name");
      return { resource: findResource(resources, type), name };
    });
  }
  const [types = "", ...names] = args;
  const kinds = types.split(",").filter((type) => type !== "").flatMap((type) => expandCategory(resources, type));
  return names.length === 0 ? kinds.map((resource) => ({ resource, name: undefined })) : kinds.flatMap((resource) => names.map((name) => ({ resource, name })));
}

function expandCategory(resources: readonly ApiResource[], type: string): readonly ApiResource[] {
  const members = resources.filter((resource) => resource.categories.includes(type) && resource.verbs.includes("list"));
  return members.length > 0 ? members : [findResource(resources, type)];
}
