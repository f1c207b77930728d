import type { ApiRequest, ApiResponse, Status } from "../../apimachinery/api.ts";
import { invalid } from "../../apimachinery/field-error.ts";
import { isJsonObject } from "../../apimachinery/deep.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { badRequest, invalidObject, invalidOptions, notImplemented, plainError, unsupportedPatchType } from "../../apimachinery/status.ts";
import { goText } from "../../apimachinery/strategic-merge.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { decode, decodeType } from "../../kinds/decode.ts";
import { converterError } from "../../kinds/decoding/converter-error.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { RequestScope, ServerCore, User } from "../core.ts";
import { createBinding } from "../subresources/binding.ts";
import { createEviction } from "../subresources/eviction.ts";
import { FINALIZE } from "../subresources/finalize.ts";
import { type ScaleObject, writeScale } from "../subresources/scale.ts";
import { applyObject } from "../verbs/apply.ts";
import { createObject } from "../verbs/create.ts";
import { type DeleteOptions, deleteObject, validateDeleteOptions } from "../verbs/delete.ts";
import { listObjects } from "../verbs/list.ts";
import { applyPatch, patchObject, type PatchType } from "../verbs/patch.ts";
import { parseSelection } from "../verbs/selection.ts";
import { MAIN, STATUS, updateObject, type UpdateStrategy } from "../verbs/update.ts";
import { statusAnswer, warningHeaders } from "./answers.ts";
import { type Body, mediaTypeOf, readBody, readText } from "./body.ts";
import { decodeObjectBody, type FieldValidation, strictFaults, type Target } from "./decode-object.ts";
import { dryRunErrors, dryRunOf, parseListOptions, parseWriteOptions, type WriteOptions } from "./options.ts";
import type { Presenter } from "./present.ts";
import { queryOf, type ResourceRequest } from "./request-info.ts";

/** One write as it comes from outside. */
export interface WriteRequest {
  readonly core: ServerCore;
  readonly request: ApiRequest;
  readonly resource: ResourceRequest;
  readonly presenter: Presenter;
  readonly user: User;
}

const SCALE: Target & { readonly schemaName: string } = { group: "autoscaling", version: "v1", kind: "Scale", schemaName: "autoscaling/v1.Scale" };
const BINDING: Target = { group: "", version: "v1", kind: "Binding", schemaName: "core/v1.Binding" };
const EVICTION: Target = { group: "policy", version: "v1", kind: "Eviction", schemaName: "policy/v1.Eviction" };

const strategyOf = (subresource: string): UpdateStrategy | undefined => (subresource === "" ? MAIN : subresource === "status" ? STATUS : subresource === "finalize" ? FINALIZE : undefined);
const scopeOf = (write: WriteRequest, options: WriteOptions): RequestScope => ({ user: write.user, manager: options.manager, dryRun: options.dryRun, warnings: [], managedFields: "track" });
const unsupported = ({ kind, subresource }: ResourceRequest, verb: string): ApiResponse => statusAnswer(notImplemented(`Kubarium does not ${verb} ${kind.plural}/${subresource} yet`));

function answer(write: WriteRequest, status: number, result: Result<KubeObject | Status, Status>, scope: RequestScope, kind: KindDefinition | undefined = write.resource.kind): ApiResponse {
  if (!result.ok) return statusAnswer(result.error);
  return write.presenter.object(status, result.value, kind, warningHeaders(scope.warnings));
}

/** POST. */
export function handleCreate(write: WriteRequest): ApiResponse {
  const { core, request, resource } = write;
  const { kind, namespace, name, subresource } = resource;
  const options = parseWriteOptions(request, "CreateOptions");
  if (!options.ok) return statusAnswer(options.error);
  const scope = scopeOf(write, options.value);
  if (subresource !== "" && subresource !== "binding" && subresource !== "eviction") return unsupported(resource, "create");
  const target = subresource === "binding" ? BINDING : subresource === "eviction" ? EVICTION : kind;
  const body = decodeObjectBody(target, readBody(request), options.value.fieldValidation);
  if (!body.ok) return statusAnswer(body.error);
  if (options.value.fieldValidation === "Warn") scope.warnings.push(...body.value.warnings);
  const { object } = body.value;
  const key = { namespace, name };
  if (subresource === "binding") return answer(write, 201, createBinding(core, kind, key, object, scope), scope);
  if (subresource === "eviction") return answer(write, 201, createEviction(core, kind, key, object, scope), scope);
  return answer(write, 201, createObject(core, kind, namespace, object, scope), scope);
}

/** PUT. */
export function handleUpdate(write: WriteRequest): ApiResponse {
  const { core, request, resource } = write;
  const { kind, namespace, name, subresource } = resource;
  const options = parseWriteOptions(request, "UpdateOptions");
  if (!options.ok) return statusAnswer(options.error);
  const scope = scopeOf(write, options.value);
  const strategy = strategyOf(subresource);
  if (strategy === undefined && subresource !== "scale") return unsupported(resource, "update");
  const body = decodeObjectBody(subresource === "scale" ? SCALE : kind, readBody(request), options.value.fieldValidation);
  if (!body.ok) return statusAnswer(body.error);
  if (options.value.fieldValidation === "Warn") scope.warnings.push(...body.value.warnings);
  const key = { namespace, name };
  if (strategy === undefined) return answer(write, 200, writeScale(core, kind, key, "update", () => ok(body.value.object as ScaleObject), scope), scope, undefined);
  const updated = updateObject(core, kind, key, body.value.object, scope, strategy);
  return updated.ok ? answer(write, updated.value.created ? 201 : 200, ok(updated.value.object), scope) : statusAnswer(updated.error);
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json", "application/merge-patch+json": "merge", "application/strategic-merge-patch+json": "strategic",
};

/** PATCH. Source: apiserver/pkg/endpoints/handlers/patch.go. */
export function handlePatch(write: WriteRequest): ApiResponse {
  const { core, request, resource } = write;
  const { kind, namespace, name, subresource } = resource;
  const media = mediaTypeOf(request);
  if (media === "application/apply-patch+yaml") return handleApply(write);
  const type = PATCH_TYPES[media];
  if (type === undefined) return statusAnswer(unsupportedPatchType());
  const options = parseWriteOptions(request, "PatchOptions");
  if (!options.ok) return statusAnswer(options.error);
  const scope = scopeOf(write, options.value);
  const strategy = strategyOf(subresource);
  if (strategy === undefined && subresource !== "scale") return unsupported(resource, "patch");
  const read = readPatch(request, type);
  if (!read.ok && read.error.code === 413) return statusAnswer(read.error);
  const key = { namespace, name };
  const validation = options.value.fieldValidation;
  if (strategy === undefined) {
    const scaled = writeScale(core, kind, key, "patch", (scale) => (read.ok ? patchScale(scale, type, read.value, validation, scope) : read), scope);
    return answer(write, 200, scaled, scope, undefined);
  }
  const decoder = (value: unknown): Result<KubeObject, Status> => (read.ok ? decodePatched(kind.schemaName, decode(kind, value), value, type, read.value, validation, scope) : read);
  const patched = patchObject(core, kind, key, type, read.ok ? ok(read.value.value) : read, scope, strategy, decoder);
  return patched.ok ? answer(write, 200, ok(patched.value.object), scope) : statusAnswer(patched.error);
}

/** Server-side apply: YAML or JSON, created when it is not there. */
function handleApply(write: WriteRequest): ApiResponse {
  const { core, request, resource } = write;
  const { kind, namespace, name, subresource } = resource;
  const options = parseWriteOptions(request, "PatchOptions", true);
  if (!options.ok) return statusAnswer(options.error);
  const strategy = strategyOf(subresource);
  if (strategy === undefined) return unsupported(resource, "apply");
  const body = readText(request.body ?? "", true);
  if (!body.ok) return statusAnswer("status" in body.error ? body.error.status : badRequest(`error decoding YAML: ${body.error.syntax}`));
  const scope = scopeOf(write, options.value);
  const applied = applyObject(core, kind, { namespace, name }, body.value.value, options.value.force, scope, strategy);
  return applied.ok ? answer(write, applied.value.created ? 201 : 200, ok(applied.value.object), scope) : statusAnswer(applied.error);
}

/** The body of a PATCH; syntax errors are worded by type. */
function readPatch(request: ApiRequest, type: PatchType): Result<Body, Status> {
  const body = readText(request.body ?? "", false);
  if (body.ok) return body;
  if ("status" in body.error) return err(body.error.status);
  return err(badRequest(type === "strategic" ? body.error.syntax : `error decoding patch: ${body.error.syntax}`));
}

function patchScale(scale: ScaleObject, type: PatchType, body: Body, validation: FieldValidation, scope: RequestScope): Result<ScaleObject, Status> {
  const patched = applyPatch(SCALE.schemaName, scale, type, body.value);
  if (!patched.ok) return patched;
  const decoded = decodePatched(SCALE.schemaName, decodeType<{ object: KubeObject }>(SCALE.schemaName, patched.value) as ReturnType<typeof decode>, patched.value, type, body, validation, scope);
  return decoded.ok ? ok(decoded.value as ScaleObject) : decoded;
}

/** What is wrong with a patched object is the patch's fault: 422 with the whole object in it. */
function decodePatched(schemaName: string, decoded: ReturnType<typeof decode>, value: unknown, type: PatchType, body: Body, validation: FieldValidation, scope: RequestScope): Result<KubeObject, Status> {
  const shown = type === "strategic" ? goText(body.value) : JSON.stringify(value);
  const refuse = (why: string): Result<KubeObject, Status> => err(invalidObject({ group: "", kind: "" }, "", [invalid("patch", shown, why)]));
  if (!decoded.ok) return refuse((type === "strategic" ? converterError(schemaName, value) : undefined) ?? decoded.error);
  const faults = strictFaults({ ...body, duplicatesFirst: true }, decoded.value.strictErrors);
  if (faults.length > 0 && validation === "Strict") return refuse(`strict decoding error: ${faults.join(", ")}`);
  if (validation === "Warn") scope.warnings.push(...faults);
  return ok(decoded.value.object);
}

/** DELETE of one object. */
export function handleDelete(write: WriteRequest): ApiResponse {
  const { core, resource, presenter } = write;
  const options = deleteOptionsOf(write.request);
  if (!options.ok) return statusAnswer(options.error);
  const scope: RequestScope = { user: write.user, manager: "", dryRun: options.value.dryRun, warnings: [] };
  const deleted = deleteObject(core, resource.kind, { namespace: resource.namespace, name: resource.name }, options.value.options, scope);
  if (!deleted.ok) return statusAnswer(deleted.error);
  return presenter.object(deleted.value.accepted ? 202 : 200, deleted.value.body, resource.kind);
}

/** DELETE of a collection: every selected object with the same options. The answer is the list as it was. */
export function handleDeleteCollection(write: WriteRequest): ApiResponse {
  const { core, request, resource, presenter } = write;
  const { kind, namespace } = resource;
  const window = parseListOptions(request);
  if (!window.ok) return statusAnswer(window.error);
  const selection = parseSelection(kind, namespace, window.value.labelSelector, window.value.fieldSelector);
  if (!selection.ok) return statusAnswer(selection.error);
  const options = deleteOptionsOf(request);
  if (!options.ok) return statusAnswer(options.error);
  const fault = validateDeleteOptions(options.value.options);
  if (fault !== undefined) return statusAnswer(fault);
  const listed = listObjects(core, kind, selection.value, window.value);
  if (!listed.ok) return statusAnswer(listed.error);
  const scope: RequestScope = { user: write.user, manager: "", dryRun: options.value.dryRun, warnings: [] };
  for (const { metadata } of listed.value.items) {
    const deleted = deleteObject(core, kind, { namespace: metadata.namespace ?? "", name: metadata.name }, options.value.options, scope);
    if (!deleted.ok && deleted.error.code !== 404) return statusAnswer(deleted.error);
  }
  return presenter.list(kind, listed.value);
}

/** DeleteOptions of the body, or of the query when there is no body. Source: handlers/delete.go, DeleteResource. */
function deleteOptionsOf(request: ApiRequest): Result<{ options: DeleteOptions; dryRun: boolean }, Status> {
  const body = readBody(request);
  if (!body.ok) return err("status" in body.error ? body.error.status : plainError(`couldn't get version/kind; json parse error: ${body.error.syntax}`));
  const given = body.value.value;
  if (given === undefined || given === null) return queryDeleteOptions(request);
  if (isJsonObject(given) && typeof given["kind"] === "string" && given["kind"] !== "" && given["kind"] !== "DeleteOptions") {
    return err(badRequest(`no kind ${JSON.stringify(given["kind"])} is registered for version ${JSON.stringify(given["apiVersion"] ?? "")} in scheme "pkg/apis/meta/internalversion/scheme/register.go:36"`));
  }
  const decoded = decodeType<DeleteOptionsBody>("meta/v1.DeleteOptions", given);
  if (!decoded.ok) return err(badRequest(decoded.error));
  const { preconditions, dryRun = [], ...options } = decoded.value.object;
  const errors = dryRunErrors(dryRun);
  if (errors.length > 0) return err(invalidOptions("DeleteOptions", errors));
  return ok({ options: { ...options, uid: preconditions?.uid, resourceVersion: preconditions?.resourceVersion }, dryRun: dryRun.length > 0 || dryRunOf(request).includes("All") });
}

interface DeleteOptionsBody {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

function queryDeleteOptions(request: ApiRequest): Result<{ options: DeleteOptions; dryRun: boolean }, Status> {
  const grace = queryOf(request, "gracePeriodSeconds");
  if (grace !== "" && !/^[+-]?\d+$/.test(grace)) return err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`));
  const errors = dryRunErrors(dryRunOf(request));
  if (errors.length > 0) return err(invalidOptions("DeleteOptions", errors));
  const policy = queryOf(request, "propagationPolicy");
  const orphan = queryOf(request, "orphanDependents");
  return ok({
    options: {
      gracePeriodSeconds: grace === "" ? undefined : Number(grace), propagationPolicy: policy === "" ? undefined : policy,
      orphanDependents: orphan === "" ? undefined : orphan === "true",
    },
    dryRun: dryRunOf(request).length > 0,
  });
}

