import { sha256 } from "@noble/hashes/sha2.js";
import type { ApiRequest, ApiResponse } from "../../apimachinery/api.ts";
import { methodNotAllowed } from "../../apimachinery/status.ts";
import { encodeUtf8 } from "../../apimachinery/utf8.ts";
import type { ServerCore } from "../core.ts";
import { VERSION_INFO } from "../version.ts";
import { jsonAnswer, statusAnswer, textAnswer } from "./answers.ts";
import { aggregatedDiscovery, apiVersions, groupDocument, groupList, resourceList, type ServedGroup, servedGroups } from "./discovery.ts";
import { documentPath, OPENAPI_V2_PROTOBUF, openApiV2, openApiV3 } from "./openapi-documents.ts";
import { headerOf } from "./request-info.ts";

const V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** A document that stays the same while the server runs. */
interface Fixed { readonly body: unknown; readonly etag: string }

/** Everything below no resource: discovery, OpenAPI, health, version. Documents are made when first asked for. */
export function createFixedRoutes(core: ServerCore): (request: ApiRequest) => ApiResponse | undefined {
  const groups = servedGroups(core.kinds.all);
  const documents = new Map<string, Fixed>();
  const fixed = (key: string, make: () => unknown): Fixed => {
    let found = documents.get(key);
    if (found === undefined) {
      const body = make();
      documents.set(key, (found = { body, etag: hashOf(JSON.stringify(body) ?? "") }));
    }
    return found;
  };
  const routes = discoveryRoutes(groups);
  return (request) => {
    const path = request.path.length > 1 ? request.path.replace(/\/+$/, "") : request.path;
    const isHealth = /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path);
    const make = routes.get(path);
    const openApi = path.startsWith("/openapi/") ? openApiRoute(core, groups, path, request, fixed) : undefined;
    const plain = path === "/version" || path === "/";
    if (!isHealth && make === undefined && openApi === undefined && !plain) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") return statusAnswer(methodNotAllowed());
    if (isHealth) return health(path, request);
    if (openApi !== undefined) return openApi;
    if (make === undefined) return jsonAnswer(200, path === "/version" ? VERSION_INFO : { paths: rootPaths(routes, groups) });
    const aggregated = path === "/api" || path === "/apis" ? wantedAggregation(headerOf(request, "accept")) : undefined;
    if (aggregated === undefined) return conditional(request, fixed(path, make), "application/json", { vary: "Accept" });
    const own = groups.filter((g) => (g.name === "") === (path === "/api"));
    const document = fixed(`${path} ${aggregated}`, () => aggregatedDiscovery(own, aggregated));
    return conditional(request, document, `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`, { vary: "Accept" });
  };
}

function discoveryRoutes(groups: readonly ServedGroup[]): Map<string, () => unknown> {
  const routes = new Map<string, () => unknown>([["/api", apiVersions], ["/apis", () => groupList(groups)]]);
  for (const group of groups) {
    if (group.name !== "") routes.set(`/apis/${group.name}`, () => groupDocument(group));
    for (const { version, kinds } of group.versions) routes.set(group.name === "" ? `/api/${version}` : `/apis/${group.name}/${version}`, () => resourceList(kinds));
  }
  return routes;
}

/** The first clause that we can serve decides. */
function wantedAggregation(accept: string): "v2" | "v2beta1" | undefined {
  for (const clause of accept.split(",")) {
    const [media = "", ...parameters] = clause.split(";").map((p) => p.trim());
    if (media !== "application/json" && media !== "*/*") continue;
    if (!parameters.includes("as=APIGroupDiscoveryList")) {
      if (parameters.length === 0) return undefined;
      continue;
    }
    if (parameters.includes("v=v2")) return "v2";
    if (parameters.includes("v=v2beta1")) return "v2beta1";
  }
  return undefined;
}

/** Content hash as an entity tag; a client that has this content gets 304. */
function conditional(request: ApiRequest, { body, etag }: Fixed, contentType: string, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  const quoted = `"${etag}"`;
  const all = { ...headers, "content-type": contentType, "cache-control": "no-cache, private", etag: quoted };
  const known = headerOf(request, "if-none-match").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(quoted) ? { status: 304, headers: all, body: "" } : { status: 200, headers: all, body };
}

const hashOf = (text: string): string => [...sha256(new Uint8Array(encodeUtf8(text)))].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();

function openApiRoute(core: ServerCore, groups: readonly ServedGroup[], path: string, request: ApiRequest, fixed: (key: string, make: () => unknown) => Fixed): ApiResponse | undefined {
  if (path === "/openapi/v2") {
    if (headerOf(request, "accept").includes("protobuf")) return { status: 200, headers: { "content-type": V2_PROTOBUF, "cache-control": "no-cache, private" }, body: OPENAPI_V2_PROTOBUF };
    return conditional(request, fixed(path, openApiV2), "application/json");
  }
  const documentOf = (key: string): Fixed => {
    const [, , version = ""] = key.startsWith("api/") ? ["", "", key.slice("api/".length)] : key.split("/");
    const group = key.startsWith("api/") ? "" : (key.split("/")[1] ?? "");
    return fixed(`openapi ${key}`, () => openApiV3(core.kinds.all.filter((k) => k.group === group && k.version === version), core.descriptions()));
  };
  const keys = groups.flatMap((g) => g.versions.map((v) => documentPath({ group: g.name, version: v.version })));
  if (path === "/openapi/v3") {
    const index = (): unknown => ({ paths: Object.fromEntries(keys.map((key) => [key, { serverRelativeURL: `/openapi/v3/${key}?hash=${documentOf(key).etag}` }])) });
    return conditional(request, fixed(path, index), "application/json");
  }
  const key = path.slice("/openapi/v3/".length);
  return keys.includes(key) ? conditional(request, documentOf(key), "application/json") : undefined;
}

/** Checks of a healthy server, in upstream's order, shortened. Source: apiserver/pkg/server/healthz/healthz.go. */
const CHECKS = [
  "ping", "log", "etcd", "poststarthook/start-apiserver-admission-initializer", "poststarthook/generic-apiserver-start-informers",
  "poststarthook/priority-and-fairness-config-consumer", "poststarthook/start-system-namespaces-controller", "poststarthook/bootstrap-controller",
  "poststarthook/start-kubernetes-service-cidr-controller", "autoregister-completion", "poststarthook/apiservice-openapi-controller",
];

function health(path: string, request: ApiRequest): ApiResponse {
  const [name = "", ...rest] = path.slice(1).split("/");
  const single = rest.join("/");
  const checks = name === "readyz" ? [...CHECKS, "informer-sync", "shutdown"] : CHECKS;
  if (single !== "") return checks.includes(single) ? textAnswer(200, "ok") : textAnswer(404, "404 page not found\n");
  if (request.query?.["verbose"] === undefined) return textAnswer(200, "ok");
  return textAnswer(200, `${checks.map((check) => `[+]${check} ok\n`).join("")}${name} check passed\n`);
}

function rootPaths(routes: ReadonlyMap<string, unknown>, groups: readonly ServedGroup[]): string[] {
  const openApi = groups.flatMap((g) => g.versions.map((v) => `/openapi/v3/${documentPath({ group: g.name, version: v.version })}`));
  const all = [...routes.keys(), "/healthz", "/livez", "/readyz", "/openapi/v2", "/openapi/v3", ...openApi, "/version"];
  return [...new Set(all)].sort();
}
