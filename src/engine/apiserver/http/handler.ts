import type { ApiRequest, ApiResponse } from "../../apimachinery/api.ts";
import { methodNotAllowed, notFound, notImplemented, serviceUnavailable, unknownResource } from "../../apimachinery/status.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { refusedText } from "../address.ts";
import { ADMIN, journalStage, type ServerCore, stored, type User } from "../core.ts";
import { scaleOf } from "../subresources/scale.ts";
import { listObjects, parseVersion } from "../verbs/list.ts";
import { parseSelection } from "../verbs/selection.ts";
import { pageNotFound, statusAnswer } from "./answers.ts";
import { createFixedRoutes } from "./fixed-routes.ts";
import type { Liveness } from "./liveness.ts";
import { parseListOptions } from "./options.ts";
import { readLog, refuseStream } from "./pod-subresources.ts";
import { createPresenter, type Presenter } from "./present.ts";
import { headerOf, queryOf, type ResourceRequest, routeOf } from "./request-info.ts";
import { openWatch } from "./watch-stream.ts";
import { handleCreate, handleDelete, handleDeleteCollection, handlePatch, handleUpdate } from "./write-requests.ts";

const STREAMS = ["exec", "attach", "portforward"];

/** The HTTP face of the API server. Source: apiserver/pkg/endpoints/installer.go; apiserver/pkg/server/handler.go. */
export function createHttpHandler(core: ServerCore, liveness: Liveness): (request: ApiRequest) => ApiResponse {
  const fixedRoutes = createFixedRoutes(core);
  return (request) => {
    if (!liveness.available()) return statusAnswer(serviceUnavailable(refusedText(request.method, request.path)));
    const route = routeOf(core.kinds, request.path);
    if (route === undefined || route.type === "not-found") return fixedRoutes(request) ?? pageNotFound();
    if (route.type === "unknown") return fixedRoutes(request) ?? statusAnswer(unknownResource());
    return handleResource(core, liveness, request, route.request);
  };
}

/** kubernetes-admin, or whoever is impersonated. Nobody has to log in yet. */
function userOf(request: ApiRequest): User {
  const name = headerOf(request, "impersonate-user");
  if (name === "") return ADMIN;
  const group = headerOf(request, "impersonate-group");
  return { name, groups: [...(group === "" ? [] : [group]), "system:authenticated"] };
}

function handleResource(core: ServerCore, liveness: Liveness, request: ApiRequest, resource: ResourceRequest): ApiResponse {
  const verb = verbOf(request, resource);
  if (verb === undefined) return statusAnswer(methodNotAllowed());
  const user = userOf(request);
  if (STREAMS.includes(resource.subresource)) return refuseStream(core, resource.kind, resource, request, resource.subresource);
  // Whatever the method: what it asks for lies behind the object, and is not the object.
  if (resource.subresource === "proxy") return statusAnswer(notImplemented(`Kubarium does not proxy to ${resource.kind.plural} yet`));
  if (resource.subresource === "log") return readLog(core, liveness, resource.kind, resource, request);
  const presenter = createPresenter(core, request);
  if (!presenter.ok) return statusAnswer(presenter.error);
  const write = { core, request, resource, presenter: presenter.value, user };
  switch (verb) {
    case "get": return handleGet(core, request, resource, presenter.value, user);
    case "list": return handleList(core, liveness, request, resource, presenter.value, user);
    case "create": return handleCreate(write);
    case "update": return handleUpdate(write);
    case "patch": return handlePatch(write);
    case "delete": return handleDelete(write);
    case "deletecollection": return handleDeleteCollection(write);
  }
}

type Verb = "get" | "list" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** The verb of a request, if the endpoint has it. */
function verbOf({ method }: ApiRequest, { kind, name, subresource, inNamespace }: ResourceRequest): Verb | undefined {
  const ofName: Partial<Record<ApiRequest["method"], Verb>> = { GET: "get", PUT: "update", PATCH: "patch", DELETE: "delete", ...(subresource === "" ? {} : { POST: "create" }) };
  const ofCollection: Partial<Record<ApiRequest["method"], Verb>> = { GET: "list", POST: "create", DELETE: "deletecollection" };
  const verb = (name === "" ? ofCollection : ofName)[method];
  if (verb === undefined) return undefined;
  // Across all namespaces things can only be listed.
  if (name === "" && kind.scope === "Namespaced" && !inNamespace && verb !== "list") return undefined;
  const verbs = subresource === "" ? kind.verbs : (kind.subresources.find((s) => s.name === subresource)?.verbs ?? []);
  return verbs.includes(verb) ? verb : undefined;
}

/** GET of one object. Source: apiserver/pkg/endpoints/handlers/get.go, GetResource. */
function handleGet(core: ServerCore, request: ApiRequest, resource: ResourceRequest, presenter: Presenter, user: User): ApiResponse {
  const { kind, name, subresource } = resource;
  const version = parseVersion(core, queryOf(request, "resourceVersion"));
  if (!version.ok) return statusAnswer(version.error);
  const found = stored(core, kind, resource);
  journalRead(core, resource, "get", user, found === undefined ? 404 : 200);
  if (found === undefined) return statusAnswer(notFound(kind, name));
  if (subresource === "scale") return presenter.object(200, scaleOf(found), undefined);
  return presenter.object(200, found as KubeObject, kind);
}

function handleList(core: ServerCore, liveness: Liveness, request: ApiRequest, resource: ResourceRequest, presenter: Presenter, user: User): ApiResponse {
  const { kind, namespace } = resource;
  const options = parseListOptions(request);
  if (!options.ok) return statusAnswer(options.error);
  const selection = parseSelection(kind, namespace, options.value.labelSelector, options.value.fieldSelector);
  if (!selection.ok) return statusAnswer(selection.error);
  if (options.value.watch) {
    const version = options.value.resourceVersion;
    const readable = /^\d*$/.test(version) ? undefined : parseVersion(core, version);
    if (readable !== undefined && !readable.ok) return statusAnswer(readable.error);
    journalRead(core, resource, "watch", user, 200);
    return openWatch(core, liveness, kind, selection.value, options.value, presenter);
  }
  const listed = listObjects(core, kind, selection.value, options.value);
  journalRead(core, resource, "list", user, listed.ok ? 200 : (listed.error.code ?? 500));
  return listed.ok ? presenter.list(kind, listed.value) : statusAnswer(listed.error);
}

function journalRead(core: ServerCore, resource: ResourceRequest, verb: string, user: User, code: number): void {
  if (!core.context.journal.enabled) return;
  const scope = { user, manager: "", dryRun: false, warnings: [] };
  const subject = { verb, ...resource };
  journalStage(core, scope, subject, "authentication");
  journalStage(core, scope, subject, "authorization", { decision: "allow" });
  journalStage(core, scope, subject, "response", { code });
}
