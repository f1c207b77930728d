import type { CommandContext } from "./command.ts";
import { StatusError } from "./client.ts";
import { type ApiResource, pathOf } from "./resources.ts";

/** How an object looks to code that reads any kind. */
export interface AnyObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const PAGE = 500;

/** GET of one object; a 404 in a namespace that is missing too is told as such, as kubectl's resource builder does. */
export async function getObject(context: CommandContext, resource: ApiResource, namespace: string, name: string, subresource?: string): Promise<AnyObject> {
  try {
    return (await context.client.send("GET", pathOf(resource, namespace, name, subresource))) as AnyObject;
  } catch (error) {
    throw await explainMissing(context, resource, namespace, error);
  }
}

/** Source: staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go and kubectl-wire observations: after a 404 outside of default the namespace is asked for. */
export async function explainMissing(context: CommandContext, resource: ApiResource, namespace: string, error: unknown): Promise<unknown> {
  if (!(error instanceof StatusError) || error.status.code !== 404 || !resource.namespaced || namespace === "default") return error;
  try {
    await context.client.send("GET", `/api/v1/namespaces/${namespace}`);
    return error;
  } catch (missing) {
    return missing instanceof StatusError && missing.status.code === 404 ? missing : error;
  }
}

/** A selector that the server cannot read is told with what was asked for. Source: staging/src/k8s.io/cli-runtime/pkg/resource/selector.go, Visit. */
export function nameSelectors(error: unknown, resource: ApiResource, query: Readonly<Record<string, string | undefined>>): unknown {
  if (!(error instanceof StatusError) || error.status.reason !== "BadRequest") return error;
  const { group, version, plural } = resource;
  const text = `Unable to find "${group}/${version}, Resource=${plural}" that match label selector ${JSON.stringify(query["labelSelector"] ?? "")}, field selector ${JSON.stringify(query["fieldSelector"] ?? "")}: ${error.status.message ?? ""}`;
  return new StatusError({ ...error.status, message: text });
}

/** All objects of a kind, page by page. */
export async function listObjects(context: CommandContext, resource: ApiResource, namespace: string | undefined, selectors: { readonly labels?: string; readonly fields?: string } = {}): Promise<{ items: AnyObject[]; resourceVersion: string }> {
  const items: AnyObject[] = [];
  for (let more: string | undefined = ""; ; ) {
    const query = { ...(selectors.labels === undefined ? {} : { labelSelector: selectors.labels }), ...(selectors.fields === undefined ? {} : { fieldSelector: selectors.fields }), limit: String(PAGE), ...(more === "" ? {} : { continue: more }) };
    const list = (await context.client.send("GET", pathOf(resource, namespace), { query }).catch((error: unknown) => {
      throw nameSelectors(error, resource, query);
    })) as { items: AnyObject[]; metadata: { continue?: string; resourceVersion?: string } };
    items.push(...list.items);
    more = list.metadata.continue;
    if (more === undefined || more === "") return { items, resourceVersion: list.metadata.resourceVersion ?? "" };
  }
}
