import type { KindDefinition } from "../kind-definition.ts";
import { ClusterRoleBinding } from "./cluster-role-binding.ts";
import { ClusterRole } from "./cluster-role.ts";
import { ControllerRevision } from "./controller-revision.ts";
import { CronJob } from "./cron-job.ts";
import { Endpoints } from "./endpoints.ts";
import { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { Ingress } from "./ingress.ts";
import { Job } from "./job.ts";
import { LimitRange } from "./limit-range.ts";
import { NetworkPolicy } from "./network-policy.ts";
import { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { PersistentVolume } from "./persistent-volume.ts";
import { PodDisruptionBudget } from "./pod-disruption-budget.ts";
import { ReplicationController } from "./replication-controller.ts";
import { ResourceQuota } from "./resource-quota.ts";
import { RoleBinding } from "./role-binding.ts";
import { Role } from "./role.ts";
import { StatefulSet } from "./stateful-set.ts";
import { StorageClass } from "./storage-class.ts";

/**
 * Kinds that are complete but not served: nothing acts on them yet, and the server must not take what nothing acts on.
 * With its controller a kind moves up one folder and into the registry.
 */
export const WAITING_KINDS = [
  Endpoints, LimitRange, PersistentVolumeClaim, PersistentVolume, ReplicationController, ResourceQuota, ControllerRevision, StatefulSet, CronJob, Job,
  HorizontalPodAutoscaler, Ingress, NetworkPolicy, PodDisruptionBudget, ClusterRoleBinding, ClusterRole, RoleBinding, Role, StorageClass,
] as unknown as readonly KindDefinition[];
