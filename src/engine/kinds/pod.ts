import type { PodObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { podColumns, podRowConditions } from "./pod/columns.ts";
import { defaultPod } from "./pod/defaults.ts";
import { preparePodForCreate, preparePodForStatusUpdate, preparePodForUpdate } from "./pod/strategy.ts";
import { validatePodStatusUpdate } from "./pod/validation/pod-status.ts";
import { validatePodUpdate } from "./pod/validation/pod-update.ts";
import { validatePodCreate } from "./pod/validation/pod.ts";
import { podWarnings } from "./pod/warnings.ts";

const CONNECT = ["create", "get"];
const PROXY = ["create", "delete", "get", "patch", "update"];
const CHANGE = ["get", "patch", "update"];

/** Source: pkg/registry/core/pod/strategy.go and storage/storage.go, pkg/apis/core/validation, pkg/printers/internalversion. */
export const Pod = defineKind<PodObject>({
  group: "", version: "v1", kind: "Pod", plural: "pods", shortNames: ["po"], categories: ["all"], scope: "Namespaced", schemaName: "core/v1.Pod",
  tracksGeneration: true,
  subresources: [
    { name: "attach", verbs: CONNECT, responseKind: { group: "", version: "v1", kind: "PodAttachOptions" } },
    { name: "binding", verbs: ["create"], responseKind: { group: "", version: "v1", kind: "Binding" } },
    { name: "ephemeralcontainers", verbs: CHANGE },
    { name: "eviction", verbs: ["create"], responseKind: { group: "policy", version: "v1", kind: "Eviction" } },
    { name: "exec", verbs: CONNECT, responseKind: { group: "", version: "v1", kind: "PodExecOptions" } },
    { name: "log", verbs: ["get"] },
    { name: "portforward", verbs: CONNECT, responseKind: { group: "", version: "v1", kind: "PodPortForwardOptions" } },
    { name: "proxy", verbs: PROXY, responseKind: { group: "", version: "v1", kind: "PodProxyOptions" } },
    { name: "resize", verbs: CHANGE },
    { name: "status", verbs: CHANGE },
  ],
  selectableFields: {
    "spec.nodeName": (pod) => pod.spec.nodeName ?? "",
    "spec.restartPolicy": (pod) => pod.spec.restartPolicy ?? "",
    "spec.schedulerName": (pod) => pod.spec.schedulerName ?? "",
    "spec.serviceAccountName": (pod) => pod.spec.serviceAccountName ?? "",
    "spec.hostNetwork": (pod) => String(pod.spec.hostNetwork === true),
    "status.phase": (pod) => pod.status?.phase ?? "",
    "status.podIP": (pod) => pod.status?.podIPs?.[0]?.ip ?? "",
    "status.podIPs": (pod) => pod.status?.podIPs?.[0]?.ip ?? "",
    "status.nominatedNodeName": (pod) => pod.status?.nominatedNodeName ?? "",
  },
  defaults: defaultPod,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  validate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: podWarnings,
  columns: podColumns,
  rowConditions: podRowConditions,
});
