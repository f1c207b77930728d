import type { ApiRequest } from "../../apimachinery/api.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { KindTable } from "../kind-table.ts";

/** A request to a resource, taken apart. Source: apiserver/pkg/endpoints/request/requestinfo.go. */
export interface ResourceRequest {
  readonly kind: KindDefinition;
  /** "" for cluster-scoped kinds and for lists across all namespaces. */
  readonly namespace: string;
  /** "" for a collection. */
  readonly name: string;
  readonly subresource: string;
  /** The path names a namespace. */
  readonly inNamespace: boolean;
}

/** "not-found": a group that nobody serves; "unknown": a served group, but no such version or resource. */
export type Route = { readonly type: "resource"; readonly request: ResourceRequest } | { readonly type: "not-found" } | { readonly type: "unknown" };

/** Reads `/api/v1/…` and `/apis/{group}/{version}/…` below the version; the rest is not about resources. */
export function routeOf(kinds: KindTable, path: string): Route | undefined {
  const parts = path.split("/").filter((p) => p !== "").map(decodeSegment);
  const isCore = parts[0] === "api";
  if (!isCore && parts[0] !== "apis") return undefined;
  const head = isCore ? 2 : 3;
  if (parts.length <= head) return undefined;
  const group = isCore ? "" : (parts[1] ?? "");
  const version = parts[head - 1] ?? "";
  if (!kinds.hasGroup(group)) return { type: "not-found" };
  if (!kinds.hasGroupVersion(group, version)) return { type: "unknown" };
  const request = resourceOf(kinds, group, version, parts.slice(head));
  return request === undefined ? { type: "unknown" } : { type: "resource", request };
}

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // not an escape after all: a name that no object has
  }
}

function resourceOf(kinds: KindTable, group: string, version: string, parts: readonly string[]): ResourceRequest | undefined {
  const isNamespaced = parts[0] === "namespaces" && parts.length >= 3 && !(group === "" && (parts[2] === "status" || parts[2] === "finalize") && parts.length === 3);
  const [plural = "", name = "", subresource = "", ...rest] = isNamespaced ? parts.slice(2) : parts;
  const kind = kinds.byResource(group, version, plural);
  if (kind === undefined || (rest.length > 0 && subresource !== "proxy")) return undefined;
  if (isNamespaced !== (kind.scope === "Namespaced") && (isNamespaced || name !== "")) return undefined;
  if (subresource !== "" && !kind.subresources.some((s) => s.name === subresource)) return undefined;
  return { kind, namespace: isNamespaced ? (parts[1] ?? "") : "", name, subresource, inNamespace: isNamespaced };
}

export const headerOf = (request: ApiRequest, name: string): string => request.headers?.[name] ?? "";
export const queryOf = (request: ApiRequest, name: string): string => request.query?.[name] ?? "";
