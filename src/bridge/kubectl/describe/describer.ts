import type { EventObject } from "../../../engine/kinds/generated/types.ts";
import type { CommandContext } from "../command.ts";
import type { AnyObject } from "../list-objects.ts";
import type { ApiResource } from "../resources.ts";
import { Page } from "./page.ts";

/** Describes objects of one kind. */
export interface Describer {
  /** "Pod", or "Deployment.apps". */
  readonly kind: string;
  describe(object: AnyObject, scope: DescribeScope): Promise<string>;
}

/** What describers read besides the object itself. */
export interface DescribeScope {
  readonly context: CommandContext;
  readonly resource: ApiResource;
  readonly showEvents: boolean;
}

export const newPage = ({ context }: DescribeScope): Page => new Page(context.io.now());

/** Items of a list request; every describer asks by page of 500 as kubectl does. */
export async function listAt<T>({ context }: DescribeScope, path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly T[]> {
  const list = (await context.client.send("GET", path, { query: { ...query, limit: "500" } })) as { items: readonly T[] };
  return list.items;
}

/** Events about an object. Events about cluster-scoped objects live in "default". */
export async function eventsOf(scope: DescribeScope, object: AnyObject, kind?: string): Promise<readonly EventObject[]> {
  if (!scope.showEvents) return [];
  const { name, namespace = "", uid = "" } = object.metadata;
  const terms = [`involvedObject.name=${name}`, `involvedObject.namespace=${namespace}`, ...(kind === undefined ? [] : [`involvedObject.kind=${kind}`]), `involvedObject.uid=${uid}`];
  return listAt<EventObject>(scope, `/api/v1/namespaces/${namespace === "" ? "default" : namespace}/events`, { fieldSelector: terms.join(",") });
}

/** Name, Namespace. */
export function writeHead(page: Page, object: AnyObject): void {
  page.line(0, `Name:\t${object.metadata.name}`);
  if (object.metadata.namespace !== undefined) page.line(0, `Namespace:\t${object.metadata.namespace}`);
}

/** "ReplicaSet/web-5d4f" of the controlling owner. */
export function controllerText(object: AnyObject): string | undefined {
  const owners = (object.metadata as { ownerReferences?: readonly { kind: string; name: string; controller?: boolean }[] }).ownerReferences ?? [];
  const owner = owners.find((candidate) => candidate.controller === true);
  return owner === undefined ? undefined : `${owner.kind}/${owner.name}`;
}

export function writeEvents(page: Page, scope: DescribeScope, events: readonly EventObject[]): void {
  if (scope.showEvents) page.events(events);
}
