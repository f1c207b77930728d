import type { ConfigMapObject, NamespaceObject, SecretObject, ServiceAccountObject } from "../../../engine/kinds/generated/types.ts";
import { StatusError } from "../client.ts";
import { type Describer, type DescribeScope, eventsOf, newPage, writeEvents, writeHead } from "./describer.ts";
import { compareText } from "./page.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, describeNamespace. Differs: quotas and limit ranges themselves are not printed. */
export const describeNamespace: Describer = {
  kind: "Namespace",
  async describe(object, scope) {
    const { metadata, status } = object as unknown as NamespaceObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.line(0, `Status:\t${status?.phase ?? ""}`);
    if ((status?.conditions ?? []).length > 0) {
      page.raw("Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage\n");
      page.line(1, "----\t------\t------------------\t------\t-------");
      for (const c of status?.conditions ?? []) page.line(1, `${c.type}\t${c.status}\t${c.lastTransitionTime ?? ""}\t${c.reason ?? ""}\t${c.message ?? ""}`);
    }
    if (await isServed(scope, metadata.name, "resourcequotas")) page.raw("\nNo resource quota.\n");
    if (await isServed(scope, metadata.name, "limitranges")) page.raw("\nNo LimitRange resource.\n");
    return page.finish();
  },
};

/** kubectl leaves out what the server does not know. */
async function isServed({ context }: DescribeScope, namespace: string, plural: string): Promise<boolean> {
  try {
    await context.client.send("GET", `/api/v1/namespaces/${namespace}/${plural}`, { query: { limit: "500" } });
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 404) return false;
    throw error;
  }
}

/** Source: describe.go, describeConfigMap. */
export const describeConfigMap: Describer = {
  kind: "ConfigMap",
  async describe(object, scope) {
    const { metadata, data, binaryData } = object as unknown as ConfigMapObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.raw("\nData\n====\n");
    for (const [key, value] of Object.entries(data ?? {}).toSorted(([a], [b]) => compareText(a, b))) page.raw(`${key}:\n----\n${value}\n\n`);
    page.raw("\nBinaryData\n====\n");
    for (const [key, value] of Object.entries(binaryData ?? {}).toSorted(([a], [b]) => compareText(a, b))) page.raw(`${key}: ${base64Bytes(value)} bytes\n`);
    page.raw("\n");
    writeEvents(page, scope, await eventsOf(scope, object));
    return page.finish();
  },
};

/** Source: describe.go, describeSecret: sizes, never values. */
export const describeSecret: Describer = {
  kind: "Secret",
  async describe(object, scope) {
    const { metadata, type, data } = object as unknown as SecretObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.line(0, `\nType:\t${type ?? ""}`);
    page.raw("\nData\n====\n");
    for (const [key, value] of Object.entries(data ?? {}).toSorted(([a], [b]) => compareText(a, b))) page.line(0, `${key}:\t${base64Bytes(value)} bytes`);
    return page.finish();
  },
};

const base64Bytes = (text: string): number => Math.floor((text.replace(/=+$/, "").length * 3) / 4);

/** Source: describe.go, describeServiceAccount. */
export const describeServiceAccount: Describer = {
  kind: "ServiceAccount",
  async describe(object, scope) {
    const { metadata, imagePullSecrets, secrets } = object as unknown as ServiceAccountObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.lines("Image pull secrets", (imagePullSecrets ?? []).map((ref) => ref.name ?? ""));
    page.lines("Mountable secrets", (secrets ?? []).map((ref) => ref.name ?? ""));
    page.line(0, "Tokens:\t<none>");
    writeEvents(page, scope, await eventsOf(scope, object));
    return page.finish();
  },
};
