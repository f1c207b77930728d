import type { KindDefinition } from "../kind-definition.ts";
import { KINDS } from "../registry.ts";

/** The registered kinds, and those that wait for their controllers. */
export const ALL_KINDS: readonly KindDefinition[] = [...KINDS];
