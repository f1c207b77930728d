import type { Status, StatusCause, StatusDetails, StatusReason } from "./api.ts";
import type { FieldError } from "./field-error.ts";

/** How messages name a resource: plural and group. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

/** How messages name a kind. */
export interface KindName {
  readonly group: string;
  readonly kind: string;
}

const resourceText = (r: ResourceName): string => (r.group === "" ? r.plural : `${r.plural}.${r.group}`);
const kindText = (k: KindName): string => (k.group === "" ? k.kind : `${k.kind}.${k.group}`);

function failure(code: number, reason: StatusReason | undefined, message: string, details?: StatusDetails): Status {
  return {
    kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message,
    ...(reason === undefined ? {} : { reason }), ...(details === undefined ? {} : { details }), code,
  };
}

/** Leaves out what Go would leave out: empty names and groups, absent causes. */
function detailsOf(name: string, group: string, kind: string, extra: { causes?: readonly StatusCause[]; uid?: string; retryAfterSeconds?: number } = {}): StatusDetails {
  return {
    ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), ...(kind === "" ? {} : { kind }),
    ...(extra.uid === undefined ? {} : { uid: extra.uid }), ...(extra.causes === undefined ? {} : { causes: extra.causes }),
    ...(extra.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: extra.retryAfterSeconds }),
  };
}

/*
 * Builders of every Status that the API server answers with.
 * Source: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go (NewNotFound, NewAlreadyExists, …).
 */

export const notFound = (resource: ResourceName, name: string): Status =>
  failure(404, "NotFound", `${resourceText(resource)} "${name}" not found`, detailsOf(name, resource.group, resource.plural));

/** A path of a served group and version that names no resource. */
export const unknownResource = (): Status => failure(404, "NotFound", "the server could not find the requested resource", {});

export const alreadyExists = (resource: ResourceName, name: string): Status =>
  failure(409, "AlreadyExists", `${resourceText(resource)} "${name}" already exists`, detailsOf(name, resource.group, resource.plural));

/** Eight generated names were all taken. Source: NewGenerateNameConflict. */
export const generateNameConflict = (resource: ResourceName, name: string): Status =>
  failure(409, "AlreadyExists", `${resourceText(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`,
    detailsOf(name, resource.group, resource.plural, { retryAfterSeconds: 1 }));

export const conflict = (resource: ResourceName, name: string, text: string): Status =>
  failure(409, "Conflict", `Operation cannot be fulfilled on ${resourceText(resource)} "${name}": ${text}`, detailsOf(name, resource.group, resource.plural));

/** Delete preconditions name the Kind where other conflicts name the plural. Source: registry/rest/delete.go, BeforeDelete. */
export const kindConflict = (kind: KindName, name: string, text: string): Status =>
  failure(409, "Conflict", `Operation cannot be fulfilled on ${kindText(kind)} "${name}": ${text}`, detailsOf(name, kind.group, kind.kind));

export const OPTIMISTIC_LOCK_TEXT = "the object has been modified; please apply your changes to the latest version and try again";

/** Server-side apply conflicts. Source: NewApplyConflict. */
export const applyConflict = (causes: readonly StatusCause[], message: string): Status => failure(409, "Conflict", message, { causes });

/** The text of several errors: identical ones once, brackets only around more than one. Source: apimachinery/pkg/util/errors/errors.go, aggregate.Error. */
export function aggregateText(messages: readonly string[]): string {
  const unique = [...new Set(messages)];
  return unique.length === 1 ? (unique[0] ?? "") : `[${unique.join(", ")}]`;
}

export const fieldErrorText = (error: FieldError): string => `${error.field}: ${error.body}`;

export function invalidObject(kind: KindName, name: string, errors: readonly FieldError[]): Status {
  const head = `${kindText(kind)} "${name}" is invalid`;
  const causes = errors.map(({ type, body, field }): StatusCause => ({ reason: type, message: body, field }));
  return failure(422, "Invalid", errors.length === 0 ? head : `${head}: ${aggregateText(errors.map(fieldErrorText))}`,
    detailsOf(name, kind.group, kind.kind, causes.length === 0 ? {} : { causes }));
}

/** Bad CreateOptions, PatchOptions, ListOptions, DeleteOptions. */
export const invalidOptions = (kind: string, errors: readonly FieldError[]): Status => invalidObject({ group: "meta.k8s.io", kind }, "", errors);

export function forbiddenResource(resource: ResourceName, name: string, text: string, causes?: readonly StatusCause[]): Status {
  const where = resourceText(resource);
  const head = where === "" ? "forbidden" : name === "" ? `${where} is forbidden` : `${where} "${name}" is forbidden`;
  return failure(403, "Forbidden", `${head}: ${text}`, detailsOf(name, resource.group, resource.plural, causes === undefined ? {} : { causes }));
}

export const unauthorized = (): Status => failure(401, "Unauthorized", "Unauthorized");
export const badRequest = (text: string): Status => failure(400, "BadRequest", text);
export const methodNotAllowed = (): Status => failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
export const methodNotSupported = (resource: ResourceName, action: string): Status =>
  failure(405, "MethodNotAllowed", `${action} is not supported on resources of kind "${resourceText(resource)}"`, detailsOf("", resource.group, resource.plural));
export const notAcceptable = (mediaTypes: readonly string[]): Status =>
  failure(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${mediaTypes.join(", ")}`, {});
export const unsupportedMediaType = (accepted: readonly string[]): Status =>
  failure(415, "UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`);
/** What built-in kinds answer to a PATCH of an unknown media type. */
export const unsupportedPatchType = (): Status => failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
export const requestTooLarge = (text: string): Status => failure(413, "RequestEntityTooLarge", `Request entity too large: ${text}`);
export const expired = (text: string): Status => failure(410, "Expired", text);
export const tooManyRequests = (text: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): Status =>
  failure(429, "TooManyRequests", text, detailsOf("", "", "", { retryAfterSeconds, ...(causes === undefined ? {} : { causes }) }));
export const timeoutStatus = (text: string): Status => failure(504, "Timeout", `Timeout: ${text}`);
/** Source: apiserver/pkg/storage/errors.go, NewTooLargeResourceVersionError. */
export const tooLargeResourceVersion = (wanted: string, current: string): Status =>
  failure(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    detailsOf("", "", "", { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 }));
export const internalError = (text: string): Status =>
  failure(500, "InternalError", `Internal error occurred: ${text}`, { causes: [{ message: text }] });
/** An error that is no API error: code 500, no reason. */
export const plainError = (text: string): Status => failure(500, undefined, text);
export const serviceUnavailable = (text: string): Status => failure(503, "ServiceUnavailable", text);
/** What Kubarium does not do yet. */
export const notImplemented = (text: string): Status => failure(501, "NotImplemented", text);
/** Source: NewGenericServerResponse for 422: the library's own text is lost. */
export const unprocessable = (): Status => failure(422, "Invalid", "the server rejected our request due to an error in our request", {});

/** What a delete answers once the object is gone. */
export const deleted = (resource: ResourceName, name: string, uid: string | undefined): Status =>
  ({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: detailsOf(name, resource.group, resource.plural, uid === undefined ? {} : { uid }) });

/** What bindings and evictions answer. */
export const createdStatus = (): Status => ({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
