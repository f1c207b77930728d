import { describe, expect, test } from "vitest";
import type { NodeObject, PodObject } from "../../kinds/generated/types.ts";
import { createTestApi, type TestApi } from "../../testing/test-api.ts";

const PODS = "/api/v1/namespaces/default/pods";
const spec = (extra: object = {}): object => ({ containers: [{ name: "c", image: "nginx" }], ...extra });

function newApi(): TestApi {
  const api = createTestApi();
  api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
  return api;
}

/** What the server answers to a pod of this spec: "201", or code and message. */
function tryPod(api: TestApi, podSpec: object, metadata: object = { name: "x" }): string {
  const { status, body } = api.request("POST", PODS, { metadata, spec: podSpec });
  return status === 201 ? "201" : `${status} ${(body as { message: string }).message}`;
}

const readPod = (api: TestApi, name: string): PodObject => api.request("GET", `${PODS}/${name}`).body as PodObject;

describe("NamespaceLifecycle", () => {
  test("no namespace, no pod; the system's namespaces stay; nothing new in one that ends", () => {
    const api = newApi();
    const answers = [
      api.request("POST", "/api/v1/namespaces/none/configmaps", { metadata: { name: "a" } }), api.request("DELETE", "/api/v1/namespaces/kube-system"),
      api.request("POST", "/api/v1/namespaces", { metadata: { name: "old" } }), api.request("DELETE", "/api/v1/namespaces/old"), api.request("POST", "/api/v1/namespaces/old/configmaps", { metadata: { generateName: "a-" } }),
    ];
    expect(answers.map((a) => [a.status, (a.body as { message?: string }).message])).toEqual([
      [404, 'namespaces "none" not found'], [403, 'namespaces "kube-system" is forbidden: this namespace may not be deleted'], [201, undefined], [200, undefined],
      [403, 'configmaps "a-" is forbidden: unable to create new content in namespace old because it is being terminated'],
    ]);
  });

  test("a namespace goes when its finalizers are taken away", () => {
    const api = newApi();
    api.request("POST", "/api/v1/namespaces", { metadata: { name: "old" } });
    api.request("DELETE", "/api/v1/namespaces/old");
    expect(api.request("GET", "/api/v1/namespaces/old").body).toMatchObject({ status: { phase: "Terminating" } });
    api.request("PUT", "/api/v1/namespaces/old/finalize", { metadata: { name: "old" }, spec: { finalizers: [] } });
    expect(api.request("GET", "/api/v1/namespaces/old").status).toBe(404);
  });
});

describe("ServiceAccount", () => {
  test("has to exist", () => {
    expect(tryPod(newApi(), spec({ serviceAccountName: "robot" }))).toBe('403 pods "x" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found');
    expect(tryPod(createTestApi(), spec(), { generateName: "web-" })).toBe('403 pods "web-" is forbidden: error looking up service account default/default: serviceaccount "default" not found');
  });

  test("mounts its token in every container that has nothing there", () => {
    const api = newApi();
    tryPod(api, { initContainers: [{ name: "i", image: "x" }], containers: [{ name: "a", image: "x" }, { name: "b", image: "x", volumeMounts: [{ name: "v", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }] }], volumes: [{ name: "v", emptyDir: {} }] });
    const pod = readPod(api, "x");
    const token = pod.spec.volumes?.[1]?.name ?? "";
    expect(token).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect([...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((c) => c.volumeMounts?.map((m) => m.name))).toEqual([[token], [token], ["v"]]);
  });

  test("automountServiceAccountToken: the pod's word counts before the account's", () => {
    const api = newApi();
    api.request("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "quiet" }, automountServiceAccountToken: false, imagePullSecrets: [{ name: "reg" }] });
    tryPod(api, spec({ serviceAccountName: "quiet" }), { name: "a" });
    tryPod(api, spec({ serviceAccountName: "quiet", automountServiceAccountToken: true }), { name: "b" });
    tryPod(api, spec({ automountServiceAccountToken: false }), { name: "c" });
    expect(["a", "b", "c"].map((n) => readPod(api, n).spec.volumes?.length ?? 0)).toEqual([0, 1, 0]);
    expect(readPod(api, "a").spec.imagePullSecrets).toEqual([{ name: "reg" }]);
  });
});

describe("Priority", () => {
  test("names become numbers", () => {
    const api = newApi();
    const priorityOf = (name: string, extra: object): unknown => {
      tryPod(api, spec(extra), { name });
      const { priority, priorityClassName, preemptionPolicy } = readPod(api, name).spec;
      return [priority, priorityClassName, preemptionPolicy];
    };
    expect(priorityOf("a", {})).toEqual([0, undefined, "PreemptLowerPriority"]);
    expect(priorityOf("b", { priorityClassName: "system-node-critical" })).toEqual([2_000_001_000, "system-node-critical", "PreemptLowerPriority"]);
    api.request("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", { metadata: { name: "polite" }, value: 7, globalDefault: true, preemptionPolicy: "Never" });
    expect(priorityOf("c", {})).toEqual([7, "polite", "Never"]);
  });

  test("what does not fit is refused", () => {
    const api = newApi();
    expect(tryPod(api, spec({ priorityClassName: "none" }))).toBe('403 pods "x" is forbidden: no PriorityClass with name none was found');
    expect(tryPod(api, spec({ priority: 5 }))).toBe('403 pods "x" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name');
    for (const name of ["one", "two"]) {
      const { status, body } = api.request("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", { metadata: { name }, value: 1, globalDefault: true });
      expect([status, (body as { message?: string }).message]).toEqual(name === "one" ? [201, undefined] : [403, 'priorityclasses.scheduling.k8s.io "two" is forbidden: PriorityClass one is already marked as default. Only one default can exist']);
    }
  });
});

test("DefaultTolerationSeconds adds what the pod does not tolerate itself", () => {
  const api = newApi();
  tryPod(api, spec({ tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }] }), { name: "a" });
  tryPod(api, spec({ tolerations: [{ operator: "Exists" }] }), { name: "b" });
  expect(["a", "b"].map((n) => readPod(api, n).spec.tolerations?.map((t) => `${t.key ?? ""} ${t.tolerationSeconds ?? ""}`))).toEqual([["node.kubernetes.io/not-ready 5", "node.kubernetes.io/unreachable 300"], [" "]]);
});

test("TaintNodesByCondition: new nodes are not ready", () => {
  const node = newApi().request("POST", "/api/v1/nodes", { metadata: { name: "n1" }, spec: { taints: [{ key: "a", effect: "NoExecute" }] } }).body as NodeObject;
  expect(node.spec?.taints).toEqual([{ key: "a", effect: "NoExecute" }, { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
});

test("RuntimeClass has to exist", () => {
  expect(tryPod(newApi(), spec({ runtimeClassName: "gvisor" }))).toBe('403 pods "x" is forbidden: pod rejected: RuntimeClass "gvisor" not found');
});
