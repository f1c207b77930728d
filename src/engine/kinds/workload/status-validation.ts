import { type FieldError, invalid } from "../../apimachinery/field-error.ts";
import { checkNonNegative } from "../shared/checks.ts";

/** Counters of a status: none below zero, in this order. */
export function checkCounters<T extends object>(errors: FieldError[], status: T | undefined, names: readonly (keyof T & string)[]): void {
  for (const name of names) checkNonNegative(errors, `status.${name}`, status?.[name] as number | undefined);
}

/** No part is larger than the whole. Source: pkg/apis/apps/validation/validation.go, ValidateDeploymentStatus, ValidateReplicaSetStatus. */
export function checkParts<T extends { readonly replicas?: number; readonly readyReplicas?: number; readonly availableReplicas?: number }>(errors: FieldError[], status: T | undefined, parts: readonly (keyof T & string)[]): void {
  const total = status?.replicas ?? 0;
  for (const part of parts) {
    const count = (status?.[part] as number | undefined) ?? 0;
    if (count > total) errors.push(invalid(`status.${part}`, count, "cannot be greater than status.replicas"));
  }
  const available = status?.availableReplicas ?? 0;
  if (available > (status?.readyReplicas ?? 0)) errors.push(invalid("status.availableReplicas", available, "cannot be greater than readyReplicas"));
}

/** Source: pkg/apis/core/validation/validation.go, IsDecremented. */
export function checkCollisionCount(errors: FieldError[], next: number | undefined, stored: number | undefined): void {
  if (stored !== undefined && (next === undefined || next < stored)) errors.push(invalid("status.collisionCount", next, "cannot be decremented"));
}
