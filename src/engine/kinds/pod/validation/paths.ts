import { type FieldError, invalid } from "../../../apimachinery/field-error.ts";

/** No ".." between slashes. Source: pkg/apis/core/validation/validation.go, validatePathNoBacksteps. */
export function checkNoBacksteps(errors: FieldError[], field: string, path: string): void {
  if (path.split("/").includes("..")) errors.push(invalid(field, path, "must not contain '..'"));
}

/** Relative and without "..". Source: validateLocalDescendingPath. */
export function checkLocalDescendingPath(errors: FieldError[], field: string, path: string): void {
  if (path.startsWith("/")) errors.push(invalid(field, path, "must be a relative path"));
  checkNoBacksteps(errors, field, path);
}

/** The same, and not one of the names that start with "..", which the kubelet uses itself. Source: ValidateLocalNonReservedPath. */
export function checkLocalNonReservedPath(errors: FieldError[], field: string, path: string): void {
  checkLocalDescendingPath(errors, field, path);
  // "../" is reported already.
  if (path.startsWith("..") && !path.startsWith("../")) errors.push(invalid(field, path, "must not start with '..'"));
}
