import type { ApiRequest, ApiResponse, Status } from "../../apimachinery/api.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import type { ServerCore } from "../core.ts";
import type { Listed } from "../verbs/list.ts";
import { jsonAnswer } from "./answers.ts";
import { negotiate, type Wanted } from "./negotiate.ts";
import { parseInclude } from "./options.ts";
import { headerOf } from "./request-info.ts";
import { type IncludeObject, type ListMeta, partialObject, tableOf } from "./table.ts";
import { yamlText } from "./yaml-text.ts";

/** Turns objects and lists into what the Accept header asked for. */
export interface Presenter {
  readonly wanted: Wanted;
  object(status: number, object: KubeObject | Status, kind: KindDefinition | undefined, headers?: Readonly<Record<string, string>>): ApiResponse;
  list(kind: KindDefinition, listed: Listed): ApiResponse;
  /** The object of a watch event. `first`: with column definitions. */
  event(kind: KindDefinition, object: KubeObject, first: boolean): KubeObject | Readonly<Record<string, unknown>>;
}

/** Source: apiserver/pkg/endpoints/handlers/response.go, transformResponseObject. */
export function createPresenter(core: ServerCore, request: ApiRequest): Result<Presenter, Status> {
  const negotiated = negotiate(headerOf(request, "accept"));
  if (!negotiated.ok) return negotiated;
  const wanted = negotiated.value;
  const include = wanted.as === "table" ? parseInclude(request) : ok<IncludeObject>("Metadata");
  if (!include.ok) return err(include.error);
  const { context } = core;
  const table = (kind: KindDefinition | undefined, objects: readonly KubeObject[], metadata: ListMeta, withColumns = true): Readonly<Record<string, unknown>> =>
    tableOf(kind, objects, metadata, { version: wanted.version, include: include.value, cells: { now: context.clock.now(), time: context.time }, withColumns });
  const shape = (kind: KindDefinition | undefined, object: KubeObject, first: boolean): KubeObject | Readonly<Record<string, unknown>> => {
    if (wanted.as === "object") return object;
    const { resourceVersion } = object.metadata;
    return wanted.as === "partial" ? partialObject(object, wanted.version) : table(kind, [object], resourceVersion === undefined ? {} : { resourceVersion }, first);
  };
  return ok({
    wanted,
    object: (status, object, kind, headers = {}) => encode(wanted, status, object.kind === "Status" ? object : shape(kind, object as KubeObject, true), headers),
    list: (kind, listed) => encode(wanted, 200, listBody(kind, listed, wanted, table), {}),
    event: shape,
  });
}

function listBody(kind: KindDefinition, listed: Listed, wanted: Wanted, table: (kind: KindDefinition, objects: readonly KubeObject[], metadata: ListMeta) => unknown): unknown {
  const { items, ...metadata } = listed;
  if (wanted.as === "table") return table(kind, items, metadata);
  if (wanted.as === "partial") {
    return { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${wanted.version}`, metadata, items: items.map((item) => partialObject(item, wanted.version)) };
  }
  return { kind: `${kind.kind}List`, apiVersion: groupVersion(kind), metadata, items: items.map(withoutType) };
}

/** Items of a list do not repeat their kind. */
function withoutType(object: KubeObject): Readonly<Record<string, unknown>> {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

const encode = (wanted: Wanted, status: number, body: unknown, headers: Readonly<Record<string, string>>): ApiResponse =>
  wanted.yaml ? jsonAnswer(status, yamlText(body), { ...headers, "content-type": "application/yaml" }) : jsonAnswer(status, body, headers);
