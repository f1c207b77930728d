import type { Cluster } from "../../engine/cluster/contracts.ts";

/** The kind that a path's resource has, by the API server's own discovery; undefined when it knows none. */
export function kindOfPath(cluster: Pick<Cluster, "request">, path: string): string | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const prefix = parts[0] === "api" ? parts.splice(0, 2) : parts.splice(0, 3);
  if (parts[0] === "namespaces" && parts.length > 2) parts.splice(0, 2);
  const [plural, , subresource] = parts;
  if (plural === undefined) return undefined;
  const { body } = cluster.request({ method: "GET", path: `/${prefix.join("/")}`, query: {}, headers: { accept: "application/json" } });
  const resources = (body as { resources?: unknown } | undefined)?.resources;
  if (!Array.isArray(resources)) return undefined;
  const wanted = subresource === undefined ? plural : `${plural}/${subresource}`;
  return (resources as { name?: string; kind?: string }[]).find((resource) => resource.name === wanted)?.kind;
}
