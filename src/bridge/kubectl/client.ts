import type { ApiRequest, ApiResponse, ResponseStream, Status } from "../../engine/apimachinery/api.ts";
import type { ApiTransport } from "../protocol/transport.ts";

/** An answer that says no, as the server worded it. */
export class StatusError extends Error {
  constructor(readonly status: Status) {
    super(status.message ?? "");
  }
}

/** A plain error of kubectl's own: printed as "error: …". */
export class KubectlError extends Error {}

/** A text that is printed as it is, without "error: ". */
export class UsageError extends Error {}

export interface SendOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

export const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
export const JSON_ONLY = "application/json";

/** kubectl's side of the wire: adds its headers, turns failures into errors, hands Warning headers on. */
export class KubeClient {
  constructor(
    private readonly transport: ApiTransport,
    private readonly warn: (text: string) => void,
    private readonly impersonate: string | undefined = undefined,
  ) {}

  async send(method: ApiRequest["method"], path: string, options: SendOptions = {}): Promise<unknown> {
    return (await this.respond(method, path, options)).body;
  }

  async stream(path: string, options: SendOptions = {}): Promise<ResponseStream> {
    const response = await this.respond("GET", path, options);
    if (response.stream === undefined) throw new KubectlError("the server answered without a stream");
    return response.stream;
  }

  private async respond(method: ApiRequest["method"], path: string, { query, accept, contentType, body }: SendOptions): Promise<ApiResponse> {
    const response = await this.transport.request({
      method,
      path,
      query: query ?? {},
      headers: {
        accept: accept ?? JSON_ONLY,
        "user-agent": "kubectl/v1.33.0 (linux/amd64) kubernetes/kubarium",
        ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
        ...(this.impersonate === undefined ? {} : { "impersonate-user": this.impersonate }),
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const text of warningsOf(response.headers["warning"] ?? "")) this.warn(text);
    if (response.status >= 400) throw new StatusError(asStatus(response, method, path));
    return response;
  }
}

/** Source: staging/src/k8s.io/apimachinery/pkg/util/net/http.go, ParseWarningHeaders. */
function warningsOf(header: string): string[] {
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? "").replaceAll(/\\(.)/g, "$1"));
}

/** A body that is no Status is worded by the HTTP code. Source: apimachinery/pkg/api/errors/errors.go, NewGenericServerResponse. */
function asStatus(response: ApiResponse, method: string, path: string): Status {
  const body = response.body as Partial<Status> | undefined;
  if (body !== null && typeof body === "object" && body.kind === "Status") return body as Status;
  const base = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code: response.status } as const;
  if (response.status === 404) return { ...base, reason: "NotFound", message: `the server could not find the requested resource (${method.toLowerCase()} ${path.split("/").at(-1)})` };
  return { ...base, message: typeof response.body === "string" ? response.body.trim() : `the server responded with the status code ${response.status} but did not return more information` };
}
