import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { type Output, type RealCluster, startRealCluster } from "../testing/real-cluster.ts";

/** What an unmodified kubectl does against the cluster, in the order in which a beginner would try it. Each test builds on those before. */
const NGINX_POD = `apiVersion: v1
kind: Pod
metadata:
  name: my-nginx-pod
  labels:
    app: nginx
spec:
  containers:
  - name: nginx
    image: nginx:latest
    ports:
    - containerPort: 80
`;
const COUNTER_POD = `apiVersion: v1
kind: Pod
metadata:
  name: counter
spec:
  containers:
  - name: count
    image: busybox:1.36
    command: [sh, -c, 'i=0; while true; do echo "$i: tick"; i=$((i+1)); sleep 1; done']
`;

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let cluster: RealCluster;
let minor: number;
beforeAll(async () => {
  cluster = await startRealCluster();
  minor = Number(/Client Version:.*?v1\.(\d+)/.exec((await kubectl("version", "--client")).stdout)?.[1]);
});
afterAll(async () => {
  await cluster?.close();
  expect(cluster.bugs).toEqual([]);
});

const kubectl = (...args: string[]): Promise<Output> => cluster.kubectl(args);
/** Standard output of a command that has to succeed without a word of complaint. */
async function good(...args: string[]): Promise<string> {
  const output = await kubectl(...args);
  expect(output, `kubectl ${args.join(" ")}`).toMatchObject({ code: 0, stderr: "" });
  return output.stdout;
}
const rows = (table: string): string[][] => table.trim().split("\n").map((line) => line.trim().split(/\s{2,}|\s(?=\S+$)/));
async function eventually(check: () => Promise<void>, timeoutMs = 20_000): Promise<void> {
  for (const endMs = Date.now() + timeoutMs; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
  }
}

describe("looking around", () => {
  test("version", async () => {
    const { code, stdout } = await kubectl("version"); // older ones warn of the distance
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Server Version: .*v1\.33\./)]);
  });

  test("api-resources", async () => {
    const lines = (await good("api-resources")).split("\n").map((line) => line.split(/\s+/));
    expect(lines).toContainEqual(["pods", "po", "v1", "true", "Pod"]);
    expect(lines).toContainEqual(["nodes", "no", "v1", "false", "Node"]);
    expect(lines).toContainEqual(["deployments", "deploy", "apps/v1", "true", "Deployment"]);
    expect(lines).toContainEqual(["endpointslices", "discovery.k8s.io/v1", "true", "EndpointSlice"]);
  });

  test("get nodes -o wide", async () => {
    const [header, ...nodes] = rows(await good("get", "nodes", "-o", "wide"));
    expect(header).toEqual(["NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"]);
    expect(nodes.map(([name, status, roles]) => [name, status, roles])).toEqual([
      ["control-plane", "Ready", "control-plane"], ["node-1", "Ready", "<none>"], ["node-2", "Ready", "<none>"], ["node-3", "Ready", "<none>"],
    ]);
    for (const node of nodes) expect([node[4], node[5], node.at(-1)]).toEqual([expect.stringMatching(/^v1\.33\./), expect.stringMatching(/^10\.0\./), expect.stringMatching(/^containerd:\/\//)]);
  });

  test("the system pods are Running", async () => {
    const [, ...pods] = rows(await good("get", "pods", "-n", "kube-system"));
    expect(pods.length).toBeGreaterThanOrEqual(10);
    expect(pods.filter((pod) => pod[2] !== "Running")).toEqual([]);
  });
});

describe("the first Pod", () => {
  test("apply -f nginx-pod.yml", async () => {
    expect(await good("apply", "-f", cluster.file("nginx-pod.yml", NGINX_POD))).toBe("pod/my-nginx-pod created\n");
  });

  test("get pod my-nginx-pod -w until Running", async () => {
    const seen = await cluster.kubectlUntil(["get", "pod", "my-nginx-pod", "-w"], (text) => /Running/.test(text));
    expect(seen.split("\n")[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/);
    expect(seen).toMatch(/my-nginx-pod +1\/1 +Running +0 /);
  });

  test("applying it again changes nothing", async () => {
    expect(await good("apply", "-f", cluster.file("nginx-pod.yml", NGINX_POD))).toBe("pod/my-nginx-pod unchanged\n");
  });

  test("describe pod, its Events in the order in which they happened", async () => {
    const text = await good("describe", "pod", "my-nginx-pod");
    expect(text).toMatch(/^Name: +my-nginx-pod\nNamespace: +default\n/);
    expect(text).toMatch(/\nStatus: +Running\n/);
    const events = text.slice(text.indexOf("\nEvents:")).trim().split("\n").slice(3).map((line) => line.trim().split(/\s{2,}/));
    expect(events.map(([type, reason, , from, message]) => [type, reason, from, message])).toEqual([
      ["Normal", "Scheduled", "default-scheduler", expect.stringMatching(/^Successfully assigned default\/my-nginx-pod to node-\d$/)],
      ["Normal", "Pulling", "kubelet", 'Pulling image "nginx:latest"'],
      ["Normal", "Pulled", "kubelet", expect.stringMatching(/^Successfully pulled image "nginx:latest" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\.$/)],
      ["Normal", "Created", "kubelet", "Created container: nginx"],
      ["Normal", "Started", "kubelet", "Started container nginx"],
    ]);
  });

  test("get pod -o yaml", async () => {
    const pod = parse(await good("get", "pod", "my-nginx-pod", "-o", "yaml")) as { spec: Record<string, unknown>; status: Record<string, unknown>; metadata: Record<string, unknown> };
    expect(pod).toMatchObject({
      apiVersion: "v1", kind: "Pod",
      metadata: { name: "my-nginx-pod", namespace: "default", labels: { app: "nginx" }, uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      spec: { restartPolicy: "Always", dnsPolicy: "ClusterFirst", terminationGracePeriodSeconds: 30, containers: [{ name: "nginx", image: "nginx:latest", imagePullPolicy: "Always", ports: [{ containerPort: 80, protocol: "TCP" }] }] },
      status: { phase: "Running", podIP: expect.stringMatching(/^10\.42\./), qosClass: "BestEffort", containerStatuses: [{ name: "nginx", ready: true, restartCount: 0 }] },
    });
  });

  test("get pod -o jsonpath and custom columns", async () => {
    expect(await good("get", "pod", "my-nginx-pod", "-o", "jsonpath={.status.phase}")).toBe("Running");
    expect(await good("get", "pod", "my-nginx-pod", "-o", "custom-columns=N:.metadata.name,P:.status.phase")).toBe("N              P\nmy-nginx-pod   Running\n");
  });
});

describe("a Deployment and its Service", () => {
  test("create deployment web --image=nginx --replicas=3", async () => {
    expect(await good("create", "deployment", "web", "--image=nginx", "--replicas=3")).toBe("deployment.apps/web created\n");
    expect(await good("rollout", "status", "deployment/web", "--timeout=30s")).toMatch(/deployment "web" successfully rolled out\n$/);
    expect(rows(await good("get", "deployment", "web"))[1]?.slice(0, 4)).toEqual(["web", "3/3", "3", "3"]);
  });

  test("expose deployment web --port=80", async () => {
    expect(await good("expose", "deployment", "web", "--port=80")).toBe("service/web exposed\n");
    expect(await good("get", "service", "web", "--no-headers")).toMatch(/^web +ClusterIP +10\.\d+\.\d+\.\d+ +<none> +80\/TCP +\d+s?/);
  });

  test("get endpointslices", async () => {
    await eventually(async () => {
      const [header, ...slices] = rows(await good("get", "endpointslices"));
      expect(header).toEqual(["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"]);
      const web = slices.find(([name]) => name?.startsWith("web-"));
      expect(web?.slice(1, 3)).toEqual(["IPv4", "80"]);
      expect(web?.[3]?.split(",").filter((address) => address.startsWith("10.42."))).toHaveLength(3);
    });
  });

  test("scale, label, annotate, patch, set image", async () => {
    expect(await good("scale", "deployment", "web", "--replicas=2")).toBe("deployment.apps/web scaled\n");
    await eventually(async () => expect(rows(await good("get", "deployment", "web"))[1]?.[1]).toBe("2/2"));
    expect(await good("scale", "deployment", "web", "--replicas=3")).toBe("deployment.apps/web scaled\n");
    expect(await good("label", "deployment", "web", "tier=front")).toBe("deployment.apps/web labeled\n");
    expect(await good("annotate", "deployment", "web", "note=x")).toMatch(/^deployment\.apps\/web annotate/);
    expect(await good("patch", "deployment", "web", "-p", '{"spec":{"minReadySeconds":1}}')).toBe("deployment.apps/web patched\n");
    expect(await good("set", "image", "deployment/web", "nginx=nginx:1.27")).toBe("deployment.apps/web image updated\n");
    expect(await good("rollout", "status", "deployment/web", "--timeout=30s")).toMatch(/successfully rolled out\n$/);
    expect(await good("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image} {.metadata.labels.tier}")).toBe("nginx:1.27 front");
  });

  test("delete pod: an owned one is replaced", async () => {
    const names = async (): Promise<string[]> => (await good("get", "pods", "-l", "app=web", "-o", "name")).trim().split("\n");
    const before = await names();
    expect(before).toHaveLength(3);
    const [victim = ""] = before;
    expect(await good("delete", victim)).toMatch(/^pod "web-[a-z0-9]+-[a-z0-9]+" deleted/);
    await eventually(async () => {
      const now = await names();
      expect([now.length, now.includes(victim)]).toEqual([3, false]);
    });
    expect(await good("rollout", "status", "deployment/web", "--timeout=30s")).toMatch(/successfully rolled out\n$/);
  });

  test("delete pod: a bare one stays gone", async () => {
    expect(await good("delete", "pod", "my-nginx-pod")).toMatch(/^pod "my-nginx-pod" deleted/);
    expect(await kubectl("get", "pod", "my-nginx-pod")).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): pods "my-nginx-pod" not found\n' });
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // 20 simulated seconds
    expect(await good("get", "pods", "-o", "name")).not.toMatch(/my-nginx-pod/);
  });

  test("get events", async () => {
    const [header, ...events] = rows(await good("get", "events"));
    expect(header).toEqual(["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
    const text = events.map((event) => event.join(" ")).join("\n");
    for (const reason of ["Scheduled", "Pulling", "Pulled", "Created", "Started", "Killing", "SuccessfulCreate", "ScalingReplicaSet"]) expect(text).toMatch(new RegExp(`\\b${reason}\\b`));
  });
});

describe("inside of a container", () => {
  test("logs, and logs -f line by line as they are written", async () => {
    await good("apply", "-f", cluster.file("counter.yml", COUNTER_POD));
    await good("wait", "--for=condition=Ready", "pod/counter", "--timeout=30s");
    await eventually(async () => expect(await good("logs", "counter")).toMatch(/^0: tick\n1: tick\n/));
    const followed = await cluster.kubectlUntil(["logs", "-f", "counter", "--tail=1"], (text) => text.split("\n").length > 4);
    const numbers = followed.trim().split("\n").map((line) => Number.parseInt(line, 10));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect((await good("logs", "counter", "--tail=2")).trim().split("\n")).toHaveLength(2);
    expect(await good("logs", "counter", "--timestamps", "--tail=1")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z \d+: tick\n$/);
  });

  test("logs of a container that is not there", async () => {
    expect((await kubectl("logs", "nosuch")).stderr).toMatch(/rror from server \(NotFound\): pods "nosuch" not found/); // worded differently by each version
    expect((await kubectl("logs", "counter", "--previous")).stderr).toMatch(/previous terminated container "count" in pod "counter" not found/);
  });

  test("exec: output, exit code, standard input, no such command", async () => {
    expect(await good("exec", "counter", "--", "echo", "hello", "there")).toBe("hello there\n");
    expect(await good("exec", "counter", "--", "sh", "-c", "hostname; echo $((6*7))")).toBe("counter\n42\n");
    expect(await kubectl("exec", "counter", "--", "sh", "-c", "echo out; echo err >&2; exit 3")).toEqual({ code: 3, stdout: "out\n", stderr: "err\ncommand terminated with exit code 3\n" });
    expect(await cluster.kubectl(["exec", "-i", "counter", "--", "cat"], { input: "typed\n" })).toEqual({ code: 0, stdout: "typed\n", stderr: "" });
    const missing = await kubectl("exec", "counter", "--", "nosuchcommand");
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toMatch(/exec: "nosuchcommand": executable file not found in \$PATH/);
    expect((await kubectl("exec", "nosuch", "--", "ls")).stderr).toBe('Error from server (NotFound): pods "nosuch" not found\n');
  });

  test("port-forward carries HTTP", async () => {
    let done = false;
    const port = await new Promise<string>((resolve, reject) => {
      const sees = (text: string): boolean => {
        const local = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (local !== undefined) resolve(local);
        return done;
      };
      void cluster.kubectlUntil(["port-forward", "deployment/web", "0:80"], sees, 20_000).catch(reject);
    });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    done = true; // kubectl says "Handling connection": that is when it is ended
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/Welcome to nginx!/)]);
    await fetch(`http://127.0.0.1:${port}/`).catch(() => {});
  });
});

describe("what kubectl create sends as protobuf since 1.32", () => {
  test("namespace, configmap, serviceaccount, service", async () => {
    expect(await good("create", "namespace", "demo")).toBe("namespace/demo created\n");
    expect(await good("create", "configmap", "settings", "-n", "demo", "--from-literal=a=1", "--from-literal=b=ü")).toBe("configmap/settings created\n");
    expect(JSON.parse(await good("get", "configmap", "settings", "-n", "demo", "-o", "json"))).toMatchObject({ data: { a: "1", b: "ü" } });
    expect(await good("create", "serviceaccount", "robot", "-n", "demo")).toBe("serviceaccount/robot created\n");
    expect(await good("create", "service", "clusterip", "api", "-n", "demo", "--tcp=80:8080")).toBe("service/api created\n");
    expect(JSON.parse(await good("get", "service", "api", "-n", "demo", "-o", "json"))).toMatchObject({ spec: { ports: [{ name: "80-8080", port: 80, targetPort: 8080, protocol: "TCP" }], selector: { app: "api" } } });
    expect((await kubectl("create", "namespace", "demo")).stderr).toMatch(/namespaces "demo" already exists/);
    expect(await good("delete", "namespace", "demo")).toMatch(/^namespace "demo" deleted/);
  });
});

describe("mistakes get Kubernetes' own answers", () => {
  const pod = (name: string, rest = "", image = "nginx"): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n  - name: c\n    image: ${image}\n${rest}`;
  const apply = (text: string): Promise<Output> => kubectl("apply", "-f", cluster.file("mistake.yml", text));

  test("an unknown field", async () => {
    const output = await apply(pod("typo", "    imagePullPolice: Always\n"));
    if (minor >= 25) {
      expect(output.code).toBe(1);
      expect(output.stderr).toMatch(/Error from server \(BadRequest\): error when creating ".*mistake\.yml": Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec\.containers\[0\]\.imagePullPolice"/);
    } else {
      // Before server-side validation the server warns, and the field is dropped.
      expect(output).toMatchObject({ code: 0, stderr: expect.stringMatching(/unknown field "spec\.containers\[0\]\.imagePullPolice"/) });
      await good("delete", "pod", "typo", "--now");
    }
  });

  test("a wrong type", async () => {
    const output = await apply(pod("wrong", "    ports:\n    - containerPort: eighty\n"));
    expect(output).toMatchObject({ code: 1, stderr: expect.stringMatching(/Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field ContainerPort\.spec\.containers\.ports\.containerPort of type int32/) });
  });

  test("a bad name", async () => {
    const output = await apply(pod("Bad_Name"));
    expect(output.code).toBe(1);
    expect(output.stderr).toBe(
      `The Pod "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n`,
    );
  });

  test("a name that is taken", async () => {
    const output = await kubectl("create", "deployment", "web", "--image=nginx");
    expect(output).toMatchObject({ code: 1, stderr: expect.stringMatching(/deployments\.apps "web" already exists/) });
  });

  test("an image with a typo", async () => {
    expect(await good("run", "typo", "--image=ngnix")).toBe("pod/typo created\n");
    await cluster.kubectlUntil(["get", "pod", "typo", "-w"], (text) => /ErrImagePull/.test(text) && /ImagePullBackOff/.test(text));
    const text = await good("describe", "pod", "typo");
    expect(text).toMatch(/Failed to pull image "ngnix"/);
    expect(text).toMatch(/Back-off pulling image "ngnix"/);
    await good("delete", "pod", "typo", "--now");
  });

  test("two documents, one of them wrong: the good one is applied", async () => {
    const output = await apply(`${pod("good-one")}---\n${pod("Bad_One")}`);
    expect(output).toMatchObject({ code: 1, stdout: "pod/good-one created\n", stderr: expect.stringMatching(/The Pod "Bad_One" is invalid/) });
    await good("delete", "pod", "good-one", "--now");
  });

  test("an unknown kind, broken YAML", async () => {
    expect((await apply("apiVersion: v1\nkind: Pood\nmetadata:\n  name: x\n")).stderr).toMatch(/no matches for kind "Pood" in version "v1"/);
    expect((await apply("apiVersion: v1\nkind: Pod\n metadata: [")).stderr).toMatch(/error converting YAML to JSON/);
    expect((await kubectl("get", "poods")).stderr).toBe(`error: the server doesn't have a resource type "poods"\n`);
  });

  test("a manifest of five megabytes", async () => {
    const output = await kubectl("create", "-f", cluster.file("huge.yml", `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: huge\ndata:\n  a: ${"x".repeat(5_000_000)}\n`));
    expect(output).toMatchObject({ code: 1, stderr: expect.stringMatching(/Request entity too large: limit is 3145728/) });
  });

  test("nothing that is not there", async () => {
    expect(await kubectl("get", "pods", "-n", "nosuch")).toEqual({ code: 0, stdout: "", stderr: "No resources found in nosuch namespace.\n" });
    expect((await kubectl("delete", "deployment", "nosuch")).stderr).toBe('Error from server (NotFound): deployments.apps "nosuch" not found\n');
  });
});

describe("tidying up", () => {
  test("delete deployment takes its ReplicaSets and Pods along", async () => {
    expect(await good("delete", "deployment", "web")).toMatch(/^deployment\.apps "web" deleted/);
    expect(await good("delete", "service", "web")).toMatch(/^service "web" deleted/);
    await eventually(async () => expect((await kubectl("get", "replicasets,pods", "-l", "app=web")).stdout).toBe(""));
  });
});
