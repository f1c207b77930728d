import { type FieldError, forbidden, invalid, required, tooLong } from "./field-error.ts";
import { isLabelValue, isQualifiedName, labelName, type NameRule } from "./names.ts";
import type { ObjectMeta, OwnerReference } from "../kinds/generated/types.ts";

const MAX_ANNOTATION_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/**
 * What is wrong with an object's metadata, in upstream's order.
 * Source: apimachinery/pkg/api/validation/objectmeta.go, ValidateObjectMetaAccessor; pkg/apis/core/validation/validation.go, ValidateObjectMeta.
 */
export function validateObjectMeta(meta: ObjectMeta, namespaced: boolean, nameRule: NameRule, path = "metadata"): FieldError[] {
  const errors: FieldError[] = [];
  const { name, generateName = "", namespace = "" } = meta;
  if (generateName !== "") errors.push(...nameRule(generateName, true).map((m) => invalid(`${path}.generateName`, generateName, m)));
  if (name === undefined || name === "") errors.push(required(`${path}.name`, "name or generateName is required"));
  else errors.push(...nameRule(name, false).map((m) => invalid(`${path}.name`, name, m)));
  if (!namespaced) {
    if (namespace !== "") errors.push(forbidden(`${path}.namespace`, "not allowed on this type"));
  } else if (namespace === "") errors.push(required(`${path}.namespace`));
  else errors.push(...labelName(namespace, false).map((m) => invalid(`${path}.namespace`, namespace, m)));
  if ((meta.generation ?? 0) < 0) errors.push(invalid(`${path}.generation`, meta.generation, "must be greater than or equal to 0"));
  return [
    ...errors, ...validateLabels(meta.labels, `${path}.labels`), ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences ?? [], `${path}.ownerReferences`), ...validateFinalizers(meta.finalizers ?? [], `${path}.finalizers`),
  ];
}

/** Source: apimachinery/pkg/apis/meta/v1/validation/validation.go, ValidateLabels. Go visits maps in random order; we in key order. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  if (labels === undefined) return [];
  return Object.keys(labels).sort().flatMap((key) => {
    const value = labels[key] ?? "";
    return [...isQualifiedName(key).map((m) => invalid(path, key, m)), ...isLabelValue(value).map((m) => invalid(path, value, m))];
  });
}

/** Source: apimachinery/pkg/api/validation/objectmeta.go, ValidateAnnotations. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  if (annotations === undefined) return [];
  const keys = Object.keys(annotations).sort();
  const errors = keys.flatMap((key) => isQualifiedName(key.toLowerCase()).map((m) => invalid(path, key, m)));
  let bytes = 0;
  for (const key of keys) bytes += utf8Length(key) + utf8Length(annotations[key] ?? "");
  return bytes > MAX_ANNOTATION_BYTES ? [...errors, tooLong(path, MAX_ANNOTATION_BYTES)] : errors;
}

function validateOwnerReferences(references: readonly OwnerReference[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  let first = "";
  for (const ref of references) {
    errors.push(...validateOwnerReference(ref, path));
    if (ref.controller !== true) continue;
    const name = `${ref.kind}/${ref.name}`;
    if (first === "") first = name;
    else errors.push(invalid(path, references, `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`));
  }
  return errors;
}

function validateOwnerReference(ref: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const version = (ref.apiVersion ?? "").split("/").at(-1) ?? "";
  if (version === "") errors.push(invalid(`${path}.apiVersion`, ref.apiVersion ?? "", "version must not be empty"));
  if ((ref.kind ?? "") === "") errors.push(invalid(`${path}.kind`, "", "kind must not be empty"));
  if ((ref.name ?? "") === "") errors.push(invalid(`${path}.name`, "", "name must not be empty"));
  if ((ref.uid ?? "") === "") errors.push(invalid(`${path}.uid`, "", "uid must not be empty"));
  if (ref.apiVersion === "v1" && ref.kind === "Event") errors.push(bannedOwner(ref, path));
  return errors;
}

/** Upstream prints the reference in Go syntax here, which is short enough to restate. */
function bannedOwner(ref: OwnerReference, path: string): FieldError {
  const value = `v1.OwnerReference{APIVersion:"${ref.apiVersion}", Kind:"${ref.kind}", Name:"${ref.name}", UID:"${ref.uid}", Controller:(*bool)(nil), BlockOwnerDeletion:(*bool)(nil)}`;
  return { type: "FieldValueInvalid", field: path, body: `Invalid value: ${value}: /v1, Kind=Event is disallowed from being an owner` };
}

function validateFinalizers(finalizers: readonly string[], path: string): FieldError[] {
  const errors = finalizers.flatMap((f) => isQualifiedName(f).map((m) => invalid(path, f, m)));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  for (const name of finalizers) {
    if (!name.includes("/") && !STANDARD_FINALIZERS.has(name)) errors.push(invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified"));
  }
  return errors;
}

/**
 * What may not change, in upstream's order.
 * Source: apimachinery/pkg/api/validation/objectmeta.go, ValidateObjectMetaAccessorUpdate.
 */
export function validateObjectMetaUpdate(meta: ObjectMeta, stored: ObjectMeta, path = "metadata"): FieldError[] {
  const errors: FieldError[] = [];
  if (stored.deletionTimestamp !== undefined) {
    const fresh = (meta.finalizers ?? []).filter((f) => !(stored.finalizers ?? []).includes(f));
    if (fresh.length > 0) {
      const list = fresh.map((f) => JSON.stringify(f)).join(", ");
      errors.push(forbidden(`${path}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`));
    }
  }
  if ((meta.resourceVersion ?? "") === "") errors.push(invalid(`${path}.resourceVersion`, "", "must be specified for an update"));
  if ((meta.generation ?? 0) < (stored.generation ?? 0)) errors.push(invalid(`${path}.generation`, meta.generation ?? 0, "must not be decremented"));
  for (const field of ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (meta[field] !== stored[field]) errors.push(invalid(`${path}.${field}`, meta[field], "field is immutable"));
  }
  return [
    ...errors, ...(meta.labels === stored.labels ? [] : validateLabels(meta.labels, `${path}.labels`)),
    ...(meta.annotations === stored.annotations ? [] : validateAnnotations(meta.annotations, `${path}.annotations`)),
    ...(meta.ownerReferences === stored.ownerReferences ? [] : validateOwnerReferences(meta.ownerReferences ?? [], `${path}.ownerReferences`)),
  ];
}

/** Bytes of a text in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) { bytes += 2; i += 1; } // a pair: 4 bytes for 2 units
    else bytes += 2;
  }
  return bytes;
}
