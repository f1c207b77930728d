import type { ApiRequest, Status } from "../../apimachinery/api.ts";
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../../apimachinery/field-error.ts";
import { badRequest, invalidOptions } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { ListWindow } from "../verbs/list.ts";
import type { FieldValidation } from "./decode-object.ts";
import type { IncludeObject } from "./table.ts";
import { headerOf, queryOf } from "./request-info.ts";

const MAX_MANAGER_BYTES = 128;

/** CreateOptions, UpdateOptions and PatchOptions. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

/** Source: apimachinery/pkg/apis/meta/v1/validation/validation.go, ValidateCreateOptions, ValidateUpdateOptions, ValidatePatchOptions. */
export function parseWriteOptions(request: ApiRequest, kind: "CreateOptions" | "UpdateOptions" | "PatchOptions", isApply = false): Result<WriteOptions, Status> {
  const errors: FieldError[] = [];
  const manager = queryOf(request, "fieldManager");
  const force = request.query?.["force"];
  if (kind === "PatchOptions") {
    if (isApply && manager === "") errors.push(required("fieldManager", "is required for apply patch"));
    if (!isApply && force !== undefined) errors.push(forbidden("force", "may not be specified for non-apply patch"));
  }
  if (manager.length > MAX_MANAGER_BYTES) errors.push(tooLong("fieldManager", MAX_MANAGER_BYTES));
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(manager)) errors.push(invalid("fieldManager", manager, "should only contain printable characters"));
  errors.push(...dryRunErrors(dryRunOf(request)));
  const validation = queryOf(request, "fieldValidation");
  if (!["", "Ignore", "Strict", "Warn"].includes(validation)) errors.push(notSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  if (errors.length > 0) return err(invalidOptions(kind, errors));
  return ok({
    dryRun: dryRunOf(request).length > 0, manager: manager || managerOf(headerOf(request, "user-agent")),
    fieldValidation: (validation || "Warn") as FieldValidation, force: force === "true" || force === "1",
  });
}

/** Values of the dryRun parameter. */
export const dryRunOf = (request: ApiRequest): readonly string[] => (request.query?.["dryRun"] === undefined ? [] : [queryOf(request, "dryRun")].filter((v) => v !== ""));

export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.every((v) => v === "All")) return [];
  const list = `[]string{${values.map((v) => JSON.stringify(v)).join(", ")}}`;
  return [{ type: "FieldValueNotSupported", field: "dryRun", body: `Unsupported value: ${list}: supported values: "All"` }];
}

/** Source: apiserver/pkg/endpoints/handlers/create.go, managerOrUserAgent. */
export const managerOf = (userAgent: string): string => (userAgent.split("/")[0] ?? "").slice(0, MAX_MANAGER_BYTES) || "unknown";

/** ListOptions. */
export interface ListOptions extends ListWindow {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

const TRUE = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE = ["0", "f", "F", "false", "FALSE", "False"];

function integer(request: ApiRequest, name: string): Result<number | undefined, Status> {
  const text = request.query?.[name];
  if (text === undefined || text === "") return ok(undefined);
  return /^[+-]?\d+$/.test(text) ? ok(Number(text)) : err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`));
}

function boolean(request: ApiRequest, name: string): boolean {
  const text = request.query?.[name];
  // A parameter without a value counts as set. Source: apimachinery/pkg/runtime/converter.go, Convert_Slice_string_To_bool.
  return text !== undefined && (text === "" || TRUE.includes(text) || !FALSE.includes(text));
}

/** Source: apimachinery/pkg/apis/meta/internalversion/validation/validation.go, ValidateListOptions. */
export function parseListOptions(request: ApiRequest): Result<ListOptions, Status> {
  const limit = integer(request, "limit");
  if (!limit.ok) return limit;
  const timeoutSeconds = integer(request, "timeoutSeconds");
  if (!timeoutSeconds.ok) return timeoutSeconds;
  const options: ListOptions = {
    labelSelector: queryOf(request, "labelSelector"), fieldSelector: queryOf(request, "fieldSelector"), watch: boolean(request, "watch"),
    allowWatchBookmarks: boolean(request, "allowWatchBookmarks"), timeoutSeconds: timeoutSeconds.value, limit: Math.max(0, limit.value ?? 0),
    continue: queryOf(request, "continue"), resourceVersion: queryOf(request, "resourceVersion"), resourceVersionMatch: queryOf(request, "resourceVersionMatch"),
  };
  const errors = options.watch ? watchErrors(request, options) : listErrors(request, options);
  return errors.length === 0 ? ok(options) : err(invalidOptions("ListOptions", errors));
}

function listErrors(request: ApiRequest, { resourceVersionMatch: match, resourceVersion, continue: token }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== "") {
    if (resourceVersion === "") errors.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    if (token !== "") errors.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
    if (match !== "Exact" && match !== "NotOlderThan") errors.push(notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && resourceVersion === "0") errors.push(forbidden("resourceVersionMatch", 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (request.query?.["sendInitialEvents"] !== undefined) errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return errors;
}

function watchErrors(request: ApiRequest, { resourceVersionMatch: match, continue: token }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const initial = request.query?.["sendInitialEvents"] !== undefined;
  if (initial) {
    if (match !== "NotOlderThan") errors.push(forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"));
  }
  if (match !== "") {
    if (!initial) errors.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    if (match !== "NotOlderThan") errors.push(notSupported("resourceVersionMatch", match, ["NotOlderThan"]));
    if (token !== "") errors.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
  }
  return errors;
}

/** The `includeObject` of a table. Source: apiserver/pkg/endpoints/handlers/response.go, targetEncodingForTransform. */
export function parseInclude(request: ApiRequest): Result<IncludeObject, Status> {
  const text = queryOf(request, "includeObject");
  if (text === "") return ok("Metadata");
  return text === "Metadata" || text === "Object" || text === "None" ? ok(text) : err(badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`));
}
