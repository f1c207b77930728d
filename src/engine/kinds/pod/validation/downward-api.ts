import { type FieldError, invalid, required } from "../../../apimachinery/field-error.ts";
import type { DownwardAPIVolumeFile } from "../../generated/types.ts";
import { validateFieldRef, validateResourceFieldRef, VOLUME_FIELDS } from "./env.ts";
import { checkLocalNonReservedPath } from "./paths.ts";
import { checkMode } from "./volume-items.ts";

/** Source: pkg/apis/core/validation/validation.go, validateDownwardAPIVolumeFile. Errors name the volume source, not the item. */
export function validateDownwardApi(errors: FieldError[], file: DownwardAPIVolumeFile, path: string): void {
  if (file.path === "") errors.push(required(`${path}.path`));
  checkLocalNonReservedPath(errors, `${path}.path`, file.path);
  if (file.fieldRef !== undefined) {
    validateFieldRef(errors, file.fieldRef, VOLUME_FIELDS, `${path}.fieldRef`);
    if (file.resourceFieldRef !== undefined) errors.push(invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  } else if (file.resourceFieldRef !== undefined) validateResourceFieldRef(errors, file.resourceFieldRef, true, `${path}.resourceFieldRef`);
  else errors.push(required(path, "one of fieldRef and resourceFieldRef is required"));
  checkMode(errors, `${path}.mode`, file.mode);
}
