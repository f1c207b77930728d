import type { KindDefinition } from "../kind-definition.ts";
import { KINDS } from "../registry.ts";
import { WAITING_KINDS } from "../waiting/registry.ts";

/** The registered kinds, and those that wait for their controllers. */
export const ALL_KINDS: readonly KindDefinition[] = [...KINDS, ...WAITING_KINDS];
