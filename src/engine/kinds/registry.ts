import { ConfigMap } from "./config-map.ts";
import { DaemonSet } from "./daemon-set.ts";
import { Deployment } from "./deployment.ts";
import { EndpointSlice } from "./endpoint-slice.ts";
import { Event } from "./event.ts";
import { IngressClass } from "./ingress-class.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { Lease } from "./lease.ts";
import { Namespace } from "./namespace.ts";
import { Node } from "./node.ts";
import { Pod } from "./pod.ts";
import { PriorityClass } from "./priority-class.ts";
import { ReplicaSet } from "./replica-set.ts";
import { Secret } from "./secret.ts";
import { ServiceAccount } from "./service-account.ts";
import { Service } from "./service.ts";

/** Every kind that the server serves, in the order of upstream's discovery within each group. */
export const KINDS = [
  ConfigMap, Event, Namespace, Node, Pod, Secret, ServiceAccount, Service, DaemonSet, Deployment, ReplicaSet, IngressClass, PriorityClass, Lease, EndpointSlice,
] as unknown as readonly KindDefinition[];
