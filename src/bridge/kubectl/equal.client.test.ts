import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureKubectl } from "../../../scripts/find-kubectl.mjs";
import type { Cluster } from "../../engine/cluster/contracts.ts";
import { createCluster } from "../../engine/index.ts";
import { kubeconfigText } from "../http/cli/kubeconfig.ts";
import { Pump } from "../http/pump.ts";
import { createHttpBridge } from "../http/server.ts";
import { ourKubectl, type Printed } from "./testing/in-process.ts";

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, tier: front}
  annotations: {note: "a: b"}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{containerPort: 80, name: http}]
        env: [{name: GREETING, value: hello}, {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: MODE, valueFrom: {configMapKeyRef: {name: settings, key: mode, optional: true}}}]
        resources: {requests: {cpu: 50m, memory: 32Mi}, limits: {memory: 64Mi}}
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}
        livenessProbe: {exec: {command: [cat, /etc/nginx/nginx.conf]}, initialDelaySeconds: 3}
        volumeMounts: [{name: scratch, mountPath: /scratch}, {name: settings, mountPath: /settings, readOnly: true}]
      volumes: [{name: scratch, emptyDir: {}}, {name: settings, configMap: {name: settings}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  mode: fast
  text: |
    two
    lines
`;
const BROKEN = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: broken\nspec:\n  containers:\n  - name: c\n    image: nginx:no-such-tag\n";

/**
 * Ours is kubectl 1.33. Pages and messages that older ones word otherwise are compared with 1.31 and newer only;
 * tables, which the server makes, with any.
 */
const clientMinor = Number(/"minor": "(\d+)/.exec(execFileSync(ensureKubectl(), ["version", "--client", "-o", "json"], { encoding: "utf8" }))?.[1] ?? Number.NaN);
const isRecent = clientMinor >= 31;

const folder = mkdtempSync(join(tmpdir(), "kubarium-equal-"));
const files: Record<string, string> = {};
let cluster: Cluster;
let bridge: ReturnType<typeof createHttpBridge>;
let pump: Pump;

/** Writes a file that both read under the same name. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  files[path] = text;
  return path;
}

function real(args: readonly string[]): Promise<Printed> {
  return new Promise((resolve) => {
    execFile(ensureKubectl(), [...args], { env: { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: join(folder, "config"), KUBECACHEDIR: join(folder, "cache") }, maxBuffer: 1 << 26, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr: stderr.split("\n").filter((line) => !/memcache\.go/.test(line)).join("\n") }),
    );
  });
}

beforeAll(async () => {
  // The cluster stands still while both look at it, at what the clients' clock calls now: so that ages agree.
  cluster = createCluster({ epoch: `${new Date(Date.now() - 300_000).toISOString().slice(0, 19)}Z` });
  pump = new Pump({ cluster, speed: 1, onBug: (bug) => expect.unreachable(String(bug)) });
  bridge = createHttpBridge({ cluster, pump, onBug: (bug) => expect.unreachable(String(bug)) });
  const { url } = await bridge.listen(0);
  writeFileSync(join(folder, "config"), kubeconfigText(url));
  if (!cluster.runUntil(() => cluster.ready(), { limitMs: 200_000 })) throw new Error("the cluster is not ready");
  const made = [await ourKubectl(cluster, ["apply", "-f", file("web.yml", WEB)], { files }), await ourKubectl(cluster, ["apply", "-f", file("broken.yml", BROKEN)], { files })];
  expect(made.map(({ stderr }) => stderr)).toEqual(["", ""]);
  cluster.runFor(300_000 - cluster.now());
});

afterAll(async () => {
  await bridge?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Both print the same; a second that ticks over between the two is given another chance. */
async function expectEqual(args: readonly string[]): Promise<void> {
  let ours: Printed | undefined;
  let theirs: Printed | undefined;
  for (let attempt = 0; attempt < 4; attempt++) {
    theirs = await real(args);
    ours = await ourKubectl(cluster, args, { files });
    if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
  }
  expect(ours).toEqual(theirs);
}

const podName = (app: string): string => (cluster.request({ method: "GET", path: "/api/v1/namespaces/default/pods", query: { labelSelector: `app=${app}` } }).body as { items: { metadata: { name: string } }[] }).items[0]?.metadata.name ?? "";

const TABLES = [
  "get pods", "get pods -A", "get pods -A -o wide", "get pod broken", "get nodes", "get nodes -o wide", "get all", "get all -A", "get svc,deploy", "get ns", "get cm -A", "get sa", "get ds -A -o wide", "get rs -o wide", "get deploy -o wide",
  "get svc -o wide", "get endpointslices", "get leases -A", "get secrets", "get events", "get pods --show-labels", "get pods -L app,pod-template-hash", "get pods -l app=web", "get pods -l app!=web -o name", "get pods --no-headers", "get nodes -o name",
  "get pods --field-selector=status.phase=Running",
];
const PAGES = [
  "get pods --sort-by=.metadata.name", "get deploy web -o yaml", "get svc kube-dns -n kube-system -o yaml", "get cm settings -o yaml", "get node control-plane -o yaml", "get pods -o yaml", "get deploy web -o json", "get ns -o json",
  "get --raw /healthz", "get --raw /version", "get pod,svc -A", "get deploy/web svc/web", "api-resources", "api-resources -o wide", "api-resources --namespaced=false", "api-resources -o name",
  "describe deploy web", "describe rs", "describe svc web", "describe svc kube-dns -n kube-system", "describe svc kubernetes", "describe ds -n kube-system", "describe nodes", "describe ns default", "describe cm settings", "describe cm coredns -n kube-system",
  "describe sa default", "describe pods", "describe pods -n kube-system", "describe pods -n kube-flannel", "describe endpointslices -A", "describe lease node-1 -n kube-node-lease", "describe pod brok",
  "logs deploy/web", "logs -l app=web --tail=2", "logs -n kube-system -l k8s-app=kube-dns --prefix", "get priorityclasses", "describe secrets",
];
const ERRORS = [
  "get foo", "get pods nosuch", "get pods nosuch -n nowhere", "get pods -n nowhere", "get pod/a/b", "get pods svc/web", "describe pod nosuch", "describe foo x", "delete pod nosuch", "delete pod", "get pods --nope", "get pods -Z", "get", "logs nosuch", "logs", "logs broken",
];

describe("reading", () => {
  test.each(isRecent ? [...TABLES, ...PAGES] : TABLES)("kubectl %s", async (line) => {
    await expectEqual(line.split(" "));
  });

  test("one pod, all ways", async () => {
    const pages = [["get", "pod", podName("web"), "-o", "yaml"], ["describe", "pod", podName("web")], ["logs", podName("web"), "-c", "nope"]];
    for (const args of [["get", "pod", podName("web"), "-o", "wide"], ["logs", podName("web")], ...(isRecent ? pages : [])]) await expectEqual(args);
  });
});

describe("errors", () => {
  test.each(isRecent ? ERRORS : ["get pods nosuch", "get pods nosuch -n nowhere", "delete pod nosuch", "get pods nosuch --ignore-not-found"])("kubectl %s", async (line) => {
    await expectEqual(line.split(" "));
  });

  test.each([
    ["broken YAML", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n"],
    ["an unknown kind", "apiVersion: v1\nkind: Pdo\nmetadata:\n  name: x\n"],
    ["an unknown version", "apiVersion: v2\nkind: Pod\nmetadata:\n  name: x\n"],
    ["an unknown field", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  contaners: []\n  containers:\n  - name: a\n    image: nginx\n    imagee: b\n"],
    ["a wrong type", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  replicas: two\n"],
    ["a bad name", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: Bad_Name\nspec:\n  containers:\n  - name: A\n    image: nginx\n"],
    ["no name", "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec:\n  containers:\n  - name: a\n    image: nginx\n"],
    ["no kind", "apiVersion: v1\nmetadata:\n  name: x\n"],
    ["no apiVersion", "kind: Pod\nmetadata:\n  name: x\n"],
    ["a missing namespace", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  namespace: nowhere\nspec:\n  containers:\n  - name: a\n    image: nginx\n"],
    ["a selector that misses its template", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  selector:\n    matchLabels:\n      a: b\n  template:\n    metadata:\n      labels:\n        a: c\n    spec:\n      containers:\n      - name: a\n        image: nginx\n"],
    ["an alias bomb", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"],
    ["nothing", "# nothing\n"],
  ].filter((_, i) => isRecent || i < 1))("apply and create of %s", async (name, text) => {
    const path = file(`${name.replaceAll(" ", "-")}.yml`, text);
    await expectEqual(["apply", "-f", path]);
    await expectEqual(["create", "-f", path]);
  });
});

describe("writing", () => {
  const namespaces = ["theirs", "ours"] as const;
  const run = async (args: readonly string[]): Promise<void> => {
    const theirs = await real([...args, "-n", namespaces[0]]);
    const ours = await ourKubectl(cluster, [...args, "-n", namespaces[1]], { files });
    const neutral = (printed: Printed): string => JSON.stringify(printed).replaceAll(/theirs|ours/g, "NS");
    if (isRecent) expect(neutral(ours)).toBe(neutral(theirs));
    else expect(ours.code === 0).toBe(theirs.code === 0);
  };

  test("a life from create to delete prints the same on the way", async () => {
    for (const name of namespaces) expect((await ourKubectl(cluster, ["create", "-f", file(`${name}.yml`, `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`)], { files })).code).toBe(0);
    cluster.runFor(2_000);
    const first = file("first.yml", WEB.replace("type: NodePort", "type: ClusterIP"));
    await run(["apply", "-f", first]);
    await run(["apply", "-f", first]);
    await run(["create", "-f", first]);
    const second = file("second.yml", WEB.replace("type: NodePort", "type: ClusterIP").replace("replicas: 2", "replicas: 3").replace("mode: fast", "mode: slow").replace("- name: web\n        image: nginx:1.27", "- name: side\n        image: busybox:1.36\n        command: [sleep, infinity]\n      - name: web\n        image: nginx:1.27"));
    if (isRecent) await run(["apply", "-f", second, "--dry-run=server"]); // older ones look for it in the OpenAPI v2 document
    await run(["apply", "-f", second]);
    await run(["apply", "-f", first]);
    await run(["apply", "-f", file("immutable.yml", WEB.replaceAll("app: web", "app: other").replace("type: NodePort", "type: ClusterIP"))]);
    await run(["apply", "-f", file("two.yml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\ndata:\n  a: 1\n")]);
    const specs = namespaces.map((namespace) => (cluster.request({ method: "GET", path: `/apis/apps/v1/namespaces/${namespace}/deployments/web` }).body as { spec: unknown }).spec);
    expect(specs[1]).toEqual(specs[0]);
    await run(["delete", "-f", first, "--wait=false"]);
    await run(["delete", "cm", "nosuch", "good", "--wait=false"]);
    await run(["delete", "pods", "--all", "--wait=false"]);
  });
});

test("get -w prints a line for every change, with remembered widths", async () => {
  const watching = ourKubectl(cluster, ["get", "cm", "-w"], { files, stopAfter: (stdout) => stdout.split("\n").length > 5 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const name of ["a", "a-much-longer-name-than-the-others"]) {
    cluster.request({ method: "POST", path: "/api/v1/namespaces/default/configmaps", headers: { "content-type": "application/json" }, body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } } });
  }
  cluster.runFor(1_000);
  const { stdout, code } = await watching;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^NAME {15}DATA   AGE\nkube-root-ca\.crt   1      \S+\nsettings {11}2      \S+\na {18}0      0s\na-much-longer-name-than-the-others   0      0s\n$/);
});
