import { deepEqual } from "../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, tooLong } from "../apimachinery/field-error.ts";
import { isConfigMapKey, subdomainName } from "../apimachinery/names.ts";
import { utf8Length, validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import { base64Bytes } from "./decoding/base64.ts";
import type { ConfigMapObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { addInvalid } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";

/** Of all values together. Source: pkg/apis/core/types.go, MaxSecretSize. */
export const MAX_DATA_BYTES = 1024 * 1024;
export const IMMUTABLE_WHEN_SET = "field is immutable when `immutable` is set";

/** Source: pkg/apis/core/validation/validation.go, ValidateConfigMap and ValidateConfigMapUpdate; pkg/printers/internalversion/printers.go, printConfigMap. */
export const ConfigMap = defineKind<ConfigMapObject>({
  group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"], scope: "Namespaced", schemaName: "core/v1.ConfigMap",
  validate: validateConfigMap,
  validateUpdate: (configMap, stored) => {
    const errors = validateObjectMetaUpdate(configMap.metadata, stored.metadata);
    if (stored.immutable === true) {
      if (configMap.immutable !== true) errors.push(forbidden("immutable", IMMUTABLE_WHEN_SET));
      if (!deepEqual(configMap.data ?? {}, stored.data ?? {})) errors.push(forbidden("data", IMMUTABLE_WHEN_SET));
      if (!deepEqual(configMap.binaryData ?? {}, stored.binaryData ?? {})) errors.push(forbidden("binaryData", IMMUTABLE_WHEN_SET));
    }
    return [...errors, ...validateConfigMap(configMap)];
  },
  columns: [
    nameColumn,
    { name: "Data", type: "string", cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length },
    ageColumn,
  ],
});

function validateConfigMap({ metadata, data = {}, binaryData = {} }: ConfigMapObject): FieldError[] {
  const errors = validateObjectMeta(metadata, true, subdomainName);
  let bytes = 0;
  for (const key of Object.keys(data).sort()) {
    addInvalid(errors, `data[${key}]`, key, isConfigMapKey(key));
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    bytes += utf8Length(data[key] ?? "");
  }
  for (const key of Object.keys(binaryData).sort()) {
    addInvalid(errors, `binaryData[${key}]`, key, isConfigMapKey(key));
    bytes += base64Bytes(binaryData[key] ?? "");
  }
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong("", MAX_DATA_BYTES));
  return errors;
}
