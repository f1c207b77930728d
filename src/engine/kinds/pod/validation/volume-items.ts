import { type FieldError, invalid, required } from "../../../apimachinery/field-error.ts";
import type { KeyToPath } from "../../generated/types.ts";
import { checkLocalNonReservedPath } from "./paths.ts";

/** Permission bits of files. */
export function checkMode(errors: FieldError[], field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive"));
}

/** Source: validateKeyToPath. Upstream's path of an item is the list's. */
export function validateItems(errors: FieldError[], items: readonly KeyToPath[] | undefined, path: string): void {
  items?.forEach(({ key, path: target, mode }, index) => {
    const at = `${path}[${index}]`;
    if (key === "") errors.push(required(`${at}.key`));
    if (target === "") errors.push(required(`${at}.path`));
    checkLocalNonReservedPath(errors, `${at}.path`, target);
    checkMode(errors, `${at}.mode`, mode);
  });
}
