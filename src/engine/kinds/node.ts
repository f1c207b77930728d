import { duplicate, type FieldError, forbidden, invalid, required } from "../apimachinery/field-error.ts";
import { isLabelValue, subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { NodeObject, NodeSpec, NodeStatus, Taint } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { validateResourceQuantity } from "./pod/validation/resources.ts";
import { checkTaintEffect } from "./pod/validation/scheduling.ts";
import { checkQualifiedName } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { duplicateGo, goStrings, invalidGo } from "./shared/go-syntax.ts";
import { NOT_A_CIDR, parseCidr } from "./shared/ip.ts";
import { withFields } from "./shared/ordered.ts";
import { defaultResourceList } from "./shared/resource-list.ts";
import { keepSpec, keepStatusOnly } from "./shared/strategy.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";
const ROLE_LABEL = "kubernetes.io/role";

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_NodeStatus; pkg/registry/core/node/strategy.go; pkg/printers/internalversion/printers.go, printNode. */
export const Node = defineKind<NodeObject>({
  group: "", version: "v1", kind: "Node", plural: "nodes", shortNames: ["no"], scope: "Cluster", schemaName: "core/v1.Node", storagePrefix: "minions",
  subresources: [
    { name: "proxy", verbs: ["create", "delete", "get", "patch", "update"], responseKind: { group: "", version: "v1", kind: "NodeProxyOptions" } },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec?.unschedulable === true) },
  defaults: defaultNode,
  prepareForUpdate: (node, stored) => keepStatusOnly(node, stored),
  prepareForStatusUpdate: (node, stored) => keepSpec(defaultNode(node), stored),
  validate: validateNode,
  validateUpdate: (node, stored) => [...validateNodeUpdate(node, stored), ...validateNode(node)],
  validateStatusUpdate: validateNodeUpdate,
  warnings: ({ spec }) => (spec?.configSource === undefined ? [] : ["spec.configSource: the feature is no longer supported and this field is no longer consumed"]),
  columns: [
    nameColumn,
    { name: "Status", type: "string", cell: statusCell },
    { name: "Roles", type: "string", cell: ({ metadata }) => rolesCell(metadata.labels ?? {}) },
    ageColumn,
    { name: "Version", type: "string", cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? "" },
    { name: "Internal-IP", type: "string", priority: 1, cell: ({ status }) => addressOf(status, "InternalIP") },
    { name: "External-IP", type: "string", priority: 1, cell: ({ status }) => addressOf(status, "ExternalIP") },
    { name: "OS-Image", type: "string", priority: 1, cell: ({ status }) => status?.nodeInfo?.osImage || "<unknown>" },
    { name: "Kernel-Version", type: "string", priority: 1, cell: ({ status }) => status?.nodeInfo?.kernelVersion || "<unknown>" },
    { name: "Container-Runtime", type: "string", priority: 1, cell: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || "<unknown>" },
  ],
});

function defaultNode(node: NodeObject): NodeObject {
  const spec = node.spec === undefined ? node.spec : syncPodCidrs(node.spec);
  const capacity = defaultResourceList(node.status?.capacity);
  const status = node.status === undefined ? undefined : withFields("core/v1.NodeStatus", node.status, { capacity, allocatable: defaultResourceList(node.status.allocatable ?? capacity) });
  return spec === node.spec && status === node.status ? node : { ...node, spec, ...(status === undefined ? {} : { status }) };
}

/** The first of podCIDRs is podCIDR, however it was given. Source: pkg/apis/core/v1/conversion.go. */
function syncPodCidrs(spec: NodeSpec): NodeSpec {
  const podCIDRs = (spec.podCIDRs?.length ?? 0) > 0 ? spec.podCIDRs : (spec.podCIDR ?? "") === "" ? undefined : [spec.podCIDR ?? ""];
  return withFields("core/v1.NodeSpec", spec, { podCIDR: podCIDRs?.[0] || undefined, podCIDRs });
}

/** Source: pkg/apis/core/validation/validation.go, ValidateNode. Upstream looks for taints under metadata. */
function validateNode(node: NodeObject): FieldError[] {
  const errors = validateObjectMeta(node.metadata, false, subdomainName);
  validateTaints(errors, node.spec?.taints ?? [], "metadata.taints");
  validateNodeResources(errors, node.status);
  const cidrs = node.spec?.podCIDRs ?? [];
  cidrs.forEach((cidr, index) => { if (parseCidr(cidr) === undefined) errors.push(invalid(`spec.podCIDRs[${index}]`, cidr, NOT_A_CIDR)); });
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.address.family));
  if (cidrs.length > 1 && (families.size !== 2 || cidrs.length > 2)) errors.push(invalidGo("spec.podCIDRs", goStrings(cidrs), "may specify no more than one CIDR for each IP family"));
  return errors;
}

/** Source: validateNodeTaints. */
function validateTaints(errors: FieldError[], taints: readonly Taint[], path: string): void {
  const seen = new Set<string>();
  taints.forEach(({ key, value = "", effect }, index) => {
    const at = `${path}[${index}]`;
    checkQualifiedName(errors, `${at}.key`, key);
    const messages = isLabelValue(value);
    if (messages.length > 0) errors.push(invalid(`${at}.value`, value, messages.join(";")));
    if (effect === "") errors.push(required(`${at}.effect`));
    else checkTaintEffect(errors, `${at}.effect`, effect);
    if (seen.has(`${key}:${effect}`)) {
      const error = duplicateGo(at, `core.Taint{Key:${JSON.stringify(key)}, Value:${JSON.stringify(value)}, Effect:${JSON.stringify(effect)}, TimeAdded:<nil>}`);
      errors.push({ ...error, body: `${error.body}: taints must be unique by key and effect pair` });
    }
    seen.add(`${key}:${effect}`);
  });
}

function validateNodeResources(errors: FieldError[], status: NodeStatus | undefined): void {
  for (const list of ["capacity", "allocatable"] as const) {
    for (const name of Object.keys(status?.[list] ?? {}).sort()) validateResourceQuantity(errors, name, status?.[list]?.[name] ?? "0", `status.${list}.${name}`);
  }
}

/** Source: ValidateNodeUpdate. */
function validateNodeUpdate(node: NodeObject, stored: NodeObject): FieldError[] {
  const errors = validateObjectMetaUpdate(node.metadata, stored.metadata);
  if (node.status !== stored.status) validateNodeResources(errors, node.status);
  const addresses = new Set<string>();
  node.status?.addresses?.forEach(({ type, address }, index) => {
    if (addresses.has(`${type}/${address}`)) errors.push(duplicate(`status.addresses[${index}]`, { type, address }));
    addresses.add(`${type}/${address}`);
  });
  const before = stored.spec?.podCIDRs ?? [];
  if (before.length > 0 && before.join() !== (node.spec?.podCIDRs ?? []).join()) errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  const provider = stored.spec?.providerID ?? "";
  if (provider !== "" && provider !== node.spec?.providerID) errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  if (node.spec?.taints !== stored.spec?.taints) validateTaints(errors, node.spec?.taints ?? [], "metadata.taints");
  if ((node.spec?.externalID ?? "") !== (stored.spec?.externalID ?? "")) errors.push(forbidden("spec.externalID", "may not be updated"));
  return errors;
}

function statusCell({ spec, status }: NodeObject): string {
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  const text = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

/** Source: findNodeRoles. */
function rolesCell(labels: Readonly<Record<string, string>>): string {
  const roles = new Set<string>();
  for (const key in labels) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === ROLE_LABEL && labels[key] !== "") roles.add(labels[key] ?? "");
  }
  return roles.size === 0 ? "<none>" : [...roles].sort().join(",");
}

const addressOf = (status: NodeStatus | undefined, type: string): string => status?.addresses?.find((address) => address.type === type)?.address ?? "<none>";
