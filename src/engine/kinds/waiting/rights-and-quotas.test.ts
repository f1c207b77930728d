import { describe, expect, test } from "vitest";
import { fieldErrorText } from "../../apimachinery/status.ts";
import type { KindDefinition } from "../kind-definition.ts";
import { ago, cellsOf, columnsOf, context, make, problemsOf, updateProblems } from "../testdata/make.ts";
import { ClusterRoleBinding } from "./cluster-role-binding.ts";
import { ClusterRole } from "./cluster-role.ts";
import { LimitRange } from "./limit-range.ts";
import { PodDisruptionBudget } from "./pod-disruption-budget.ts";
import { ResourceQuota } from "./resource-quota.ts";
import { RoleBinding } from "./role-binding.ts";
import { Role } from "./role.ts";

const any = (definition: unknown): KindDefinition => definition as KindDefinition;
const binding = (extra: object = {}): object => ({ roleRef: { kind: "ClusterRole", name: "view" }, ...extra });
const quota = (spec: object): object => ({ spec });
const limits = (...items: object[]): object => ({ spec: { limits: items } });
const budget = (spec: object): object => ({ spec });

function expectProblems(actual: readonly string[], expected: readonly string[]): void {
  expect(actual.map((text, index) => (expected[index] !== undefined && text.includes(expected[index]) ? expected[index] : text))).toEqual(expected);
}

// Cases of upstream's TestValidateRole, TestValidateRoleBinding, TestValidateResourceQuota, TestValidateLimitRange, TestValidatePodDisruptionBudgetSpec.
describe("create", () => {
  test.each<[string, KindDefinition, object, string[]]>([
    ["role", any(Role), { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }, []],
    ["role: nothing in a rule", any(Role), { rules: [{}] }, ["rules[0].verbs: Required value: verbs must contain at least one value", "rules[0].apiGroups: Required value: resource rules must supply at least one api group", "rules[0].resources: Required value: resource rules must supply at least one resource"]],
    ["role: URLs", any(Role), { rules: [{ verbs: ["get"], nonResourceURLs: ["/healthz"], resources: ["pods"] }] }, [
      'rules[0].nonResourceURLs: Invalid value: []string{"/healthz"}: namespaced rules cannot apply to non-resource URLs', 'rules[0].nonResourceURLs: Invalid value: []string{"/healthz"}: rules cannot apply to both regular resources and non-resource URLs',
    ]],
    ["cluster role: URLs", any(ClusterRole), { rules: [{ verbs: ["get"], nonResourceURLs: ["*"] }] }, []],
    ["cluster role: aggregation of nothing", any(ClusterRole), { aggregationRule: {} }, ["aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil"]],
    ["cluster role: aggregation", any(ClusterRole), { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }, { matchExpressions: [{ key: "a", operator: "Is" }] }] } }, ['Invalid value: "Is": not a valid selector operator', 'aggregationRule.clusterRoleSelectors[1]: Invalid value: "null": invalid label selector.']],
    ["binding", any(RoleBinding), binding({ subjects: [{ kind: "ServiceAccount", name: "default" }, { kind: "Group", name: "system:authenticated" }] }), []],
    ["binding: subjects", any(RoleBinding), binding({ subjects: [{ kind: "Robot", name: "r" }, { kind: "User", name: "", apiGroup: "x" }, { kind: "ServiceAccount", name: "A", apiGroup: "x" }] }), [
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"', "subjects[1].name: Required value", 'subjects[1].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
      'subjects[2].name: Invalid value: "A": a lowercase RFC 1123 subdomain', 'subjects[2].apiGroup: Unsupported value: "x": supported values: ""',
    ]],
    ["binding: role", any(ClusterRoleBinding), { roleRef: { apiGroup: "x", kind: "Role", name: "a/b" } }, ['roleRef.apiGroup: Unsupported value: "x"', 'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"', "roleRef.name: Invalid value: \"a/b\": may not contain '/'"]],
    ["quota", any(ResourceQuota), quota({ hard: { pods: "10", "requests.cpu": "1", "count/jobs.batch": "5", "requests.nvidia.com/gpu": 4, "requests.hugepages-2Mi": "4Mi" } }), []],
    ["quota: names and amounts", any(ResourceQuota), quota({ hard: { pod: "1", pods: "1.5", cpu: "-1" } }), [
      "spec.hard[cpu]: Invalid value: \"-1\": must be greater than or equal to 0", "spec.hard[pod]: Invalid value: pod: must be a standard resource type or fully qualified", "spec.hard[pod]: Invalid value: pod: must be a standard resource for quota", "must be an integer",
    ]],
    ["quota: scopes", any(ResourceQuota), quota({ hard: { pods: "1", cpu: "1" }, scopes: ["BestEffort", "NotBestEffort", "Best"] }), [
      'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort", "NotBestEffort", "Best"}: unsupported scope applied to resource', "unsupported scope", "conflicting scopes",
    ]],
    ["quota: scope selector", any(ResourceQuota), quota({ scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }, { scopeName: "PriorityClass", operator: "In" }, { scopeName: "constructor", operator: "Exists", values: ["x"] }, { scopeName: "Terminating", operator: "Is" }] } }), [
      "spec.scopeSelector.matchExpressions.values: Required value", 'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "constructor": unsupported scope', 'spec.scopeSelector.matchExpressions.values: Invalid value: []string{"x"}: must be no value',
      "spec.scopeSelector.matchExpressions.operator: Invalid value: \"Is\": must be 'Exists'", 'spec.scopeSelector.matchExpressions.operator: Invalid value: "Is": not a valid selector operator',
    ]],
    ["limits", any(LimitRange), limits({ type: "Container", min: { cpu: "100m" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "4" } }, { type: "PersistentVolumeClaim", max: { storage: "5Gi" } }), []],
    ["limits: types", any(LimitRange), limits({ type: "Box" }, { type: "Box" }, { type: "PersistentVolumeClaim" }, { type: "Pod", default: { cpu: "1" } }), [
      'spec.limits[0].type: Invalid value: "Box": must be a standard limit type or fully qualified', "spec.limits[1].type: Invalid value", 'spec.limits[1].type: Duplicate value: "Box"', "spec.limits[2].limits: Required value: either minimum or maximum storage value is required, but neither was provided",
      "spec.limits[3].default: Forbidden: may not be specified when `type` is 'Pod'",
    ]],
    ["limits: ratio", any(LimitRange), limits({ type: "Pod", min: { cpu: "1" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "10", memory: "500m" } }), ["ratio 10 is greater than max/min = 2.000000", "ratio 500m is less than 1"]],
    ["limits: no overcommitment", any(LimitRange), limits({ type: "Container", default: { "nvidia.com/gpu": "2" }, defaultRequest: { "nvidia.com/gpu": "1" } }), ['spec.limits[0].defaultRequest[nvidia.com/gpu]: Invalid value: "nvidia.com/gpu": default value 2 must equal to defaultRequest value 1 in nvidia.com/gpu']],
    ["budget", any(PodDisruptionBudget), budget({ minAvailable: "50%", selector: { matchLabels: { a: "b" } } }), []],
    ["budget: both", any(PodDisruptionBudget), budget({ minAvailable: 1, maxUnavailable: -1, unhealthyPodEvictionPolicy: "Never" }), ["minAvailable and maxUnavailable cannot be both set", "spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0", 'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"']],
  ])("%s", (_name, definition, object, expected) => {
    expectProblems(problemsOf(definition, object), expected);
  });
});

describe("update", () => {
  test.each<[string, KindDefinition, object, object, string[]]>([
    ["subjects", any(RoleBinding), binding(), binding({ subjects: [{ kind: "User", name: "u" }] }), []],
    ["role", any(RoleBinding), binding(), binding({ roleRef: { kind: "Role", name: "r" } }), ['roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"Role", Name:"r"}: cannot change roleRef']],
    ["scopes", any(ResourceQuota), quota({ scopes: ["BestEffort"] }), quota({ scopes: [] }), ["spec.scopes: Invalid value: []core.ResourceQuotaScope(nil): field is immutable"]],
    ["budget", any(PodDisruptionBudget), budget({ minAvailable: 1 }), budget({ maxUnavailable: 1 }), []],
  ])("%s", (_name, definition, before, after, expected) => {
    expectProblems(updateProblems(definition, before, after), expected);
  });

  test("statuses", () => {
    const stored = make(PodDisruptionBudget, budget({ minAvailable: 1 }));
    expect(PodDisruptionBudget.prepareForStatusUpdate({ ...stored, spec: {}, status: { disruptionsAllowed: -1, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } }, stored, context)).toMatchObject({ spec: { minAvailable: 1 } });
    expect(PodDisruptionBudget.validateStatusUpdate({ ...stored, status: { disruptionsAllowed: -1, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } }, stored).map(fieldErrorText)).toEqual(["status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0"]);
    const used = make(ResourceQuota, quota({ hard: { pods: "1" } }));
    expect(ResourceQuota.validateStatusUpdate({ ...used, status: { used: { pod: "1" } } }, used)).toHaveLength(2);
  });
});

test("columns", () => {
  expect([Role, ClusterRole, LimitRange].map((definition) => columnsOf(any(definition)))).toEqual(["Name Created At", "Name Created At", "Name Created At"]);
  expect(columnsOf(RoleBinding)).toBe("Name Role Age (Users) (Groups) (ServiceAccounts)");
  const bound = make(RoleBinding, binding({ subjects: [{ kind: "User", name: "jane" }, { kind: "User", name: "bob" }, { kind: "ServiceAccount", name: "sa", namespace: "ns" }] }), { creationTimestamp: ago(60) });
  expect(cellsOf(RoleBinding, bound)).toEqual(["x", "ClusterRole/view", "60s", "jane, bob", "", "ns/sa"]);
  expect(cellsOf(Role, make(Role, { rules: [] }, { creationTimestamp: "2026-01-01T00:00:00Z" }))).toEqual(["x", "2026-01-01T00:00:00Z"]);
  expect(columnsOf(ResourceQuota)).toBe("Name Request Limit Age");
  const used = { ...make(ResourceQuota, quota({ hard: {} }), { creationTimestamp: ago(60) }), status: { hard: { pods: "3", "limits.cpu": "2", "requests.cpu": "1" }, used: { pods: "1" } } };
  expect(cellsOf(ResourceQuota, used)).toEqual(["x", "pods: 1/3, requests.cpu: 0/1", "limits.cpu: 0/2", "60s"]);
  expect(columnsOf(PodDisruptionBudget)).toBe("Name Min Available Max Unavailable Allowed Disruptions Age");
  expect(cellsOf(PodDisruptionBudget, make(PodDisruptionBudget, budget({ minAvailable: "50%" }), { creationTimestamp: ago(60) }))).toEqual(["x", "50%", "N/A", 0, "60s"]);
});
