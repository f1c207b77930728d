import type { KindDefinition } from "../kind-definition.ts";
import { Endpoints } from "./endpoints.ts";
import { Ingress } from "./ingress.ts";
import { NetworkPolicy } from "./network-policy.ts";

/**
 * Kinds that are complete but not served: nothing acts on them yet, and the server must not take what nothing acts on.
 * With its controller a kind moves up one folder and into the registry.
 */
export const WAITING_KINDS = [Endpoints, Ingress, NetworkPolicy] as unknown as readonly KindDefinition[];
