import type { ApiResponse, Status } from "../../engine/apimachinery/api.ts";
import type { ApiTransport } from "../protocol/transport.ts";

/** What became of one document of a manifest. */
export interface ApplyOutcome {
  /** 0-based among the documents of the text. */
  readonly document: number;
  /** Offset of the document's first character in the text. */
  readonly offset: number;
  /** "pod/my-nginx-pod"; "" when the document could not be read that far. */
  readonly subject: string;
  readonly result: "created" | "configured" | "unchanged" | "error";
  /** For errors: what the server said, with `details.causes[].field`, or why the text is no YAML. */
  readonly message: string;
  readonly status: Status | undefined;
  /** For YAML errors: offsets of the offending characters. */
  readonly range: readonly [number, number] | undefined;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly singularName?: string }[];
}

/** Texts longer than this are refused at once, as the API server refuses bodies over 3 MiB. */
const TEXT_MAX = 3 * 1024 * 1024;
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Applies every document of a manifest, in order, through the API: create what is not there, merge-patch what is. One outcome per document. */
export async function applyManifest(transport: ApiTransport, text: string, namespace = "default"): Promise<ApplyOutcome[]> {
  const failed = (message: string, document = 0, offset = 0, range?: readonly [number, number]): ApplyOutcome =>
    ({ document, offset, subject: "", result: "error", message, status: undefined, range });
  if (text.length > TEXT_MAX) return [failed(`Request entity too large: limit is ${TEXT_MAX}`)];
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  const outcomes: ApplyOutcome[] = [];
  for (const [index, document] of documents.entries()) {
    const offset = document.range[0];
    const [error] = document.errors;
    if (error !== undefined) {
      outcomes.push(failed(`error parsing manifest: ${error.message}`, index, offset, error.pos));
      continue;
    }
    let body: unknown;
    try {
      body = document.toJS({ maxAliasCount: 100 });
    } catch (thrown) {
      outcomes.push(failed(`error parsing manifest: ${thrown instanceof Error ? thrown.message : String(thrown)}`, index, offset));
      continue;
    }
    if (body === null || body === undefined) continue;
    outcomes.push(await applyOne(transport, body, namespace, { document: index, offset }));
  }
  return outcomes;
}

async function applyOne(transport: ApiTransport, body: unknown, namespace: string, where: { document: number; offset: number }): Promise<ApplyOutcome> {
  const base = { ...where, subject: "", status: undefined, range: undefined };
  const manifest = body as Partial<Manifest>;
  if (typeof body !== "object" || typeof manifest.kind !== "string" || manifest.kind === "") return { ...base, result: "error", message: "Object 'Kind' is missing" };
  if (typeof manifest.apiVersion !== "string" || manifest.apiVersion === "") return { ...base, result: "error", message: "Object 'apiVersion' is missing" };
  const name = manifest.metadata?.name;
  if (typeof name !== "string" || name === "") return { ...base, result: "error", message: "error: resource name may not be empty" };
  const prefix = manifest.apiVersion.includes("/") ? `/apis/${manifest.apiVersion}` : `/api/${manifest.apiVersion}`;
  const resource = await findResource(transport, prefix, manifest.kind);
  if (resource === undefined) {
    return { ...base, result: "error", message: `resource mapping not found for name: "${name}" namespace: "${manifest.metadata?.namespace ?? ""}": no matches for kind "${manifest.kind}" in version "${manifest.apiVersion}"\nensure CRDs are installed first` };
  }
  const collection = `${prefix}${resource.namespaced ? `/namespaces/${manifest.metadata?.namespace ?? namespace}` : ""}/${resource.name}`;
  const subject = `${manifest.kind.toLowerCase()}/${name}`;
  const stored = await transport.request({ method: "GET", path: `${collection}/${encodeURIComponent(name)}` });
  const applied = withLastApplied(body as Record<string, unknown>, resource.namespaced ? (manifest.metadata?.namespace ?? namespace) : undefined);
  const query = { fieldManager: "kubectl-client-side-apply", fieldValidation: "Strict" };
  const response = stored.status === 404
    ? await transport.request({ method: "POST", path: collection, query, headers: { "content-type": "application/json" }, body: applied })
    : await transport.request({ method: "PATCH", path: `${collection}/${encodeURIComponent(name)}`, query, headers: { "content-type": "application/merge-patch+json" }, body: applied });
  if (response.status >= 400) {
    const status = response.body as Status;
    return { ...base, subject, result: "error", message: status.message ?? `the server answered ${response.status}`, status };
  }
  return { ...base, subject, result: stored.status === 404 ? "created" : versionOf(stored) === versionOf(response) ? "unchanged" : "configured", message: "" };
}

const versionOf = (response: ApiResponse): unknown => (response.body as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion;

async function findResource(transport: ApiTransport, prefix: string, kind: string): Promise<ResourceList["resources"][number] | undefined> {
  const answer = await transport.request({ method: "GET", path: prefix });
  if (answer.status !== 200) return undefined;
  return (answer.body as ResourceList).resources.find((r) => r.kind === kind && !r.name.includes("/"));
}

/** What `kubectl apply` leaves for the next apply. Source: staging/src/k8s.io/kubectl/pkg/util/apply.go, CreateOrUpdateAnnotation. */
function withLastApplied(body: Record<string, unknown>, namespace: string | undefined): Record<string, unknown> {
  const metadata: Record<string, unknown> = { ...(namespace === undefined ? {} : { namespace }), ...(body["metadata"] as Record<string, unknown>) };
  const annotations = { ...(metadata["annotations"] as Record<string, string> | undefined) };
  delete annotations[LAST_APPLIED];
  const plain = { ...body, metadata: { ...metadata, annotations } };
  return { ...body, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(plain)}\n` } } };
}
