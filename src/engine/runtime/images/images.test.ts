import { describe, expect, test } from "vitest";
import { ContainerLab } from "../../testing/container-lab.ts";
import type { ContainerConfig } from "../contracts.ts";
import type { ComponentProcess } from "./component.ts";
import { IMAGES } from "./registry.ts";

const env = (variables: Readonly<Record<string, string>>): ContainerConfig["env"] => Object.entries(variables).map(([name, value]) => ({ name, value }));

/** Answers of an image: path → body (or status for "!path"). */
function answers(image: string, config: Partial<ContainerConfig>, port: number, paths: readonly string[]): readonly string[] {
  const lab = new ContainerLab();
  const sandbox = lab.sandbox({ podName: "web-1" });
  lab.start(image, config, sandbox);
  const client = lab.start("curlimages/curl", { command: ["sleep", "100000"] });
  lab.run(2);
  return paths.map((path) => (path.startsWith("!") ? lab.exec(client, ["curl", "-so", "/dev/null", "-w", "%{http_code}", `${sandbox.ip}:${port}${path.slice(1)}`]).stdout : lab.exec(client, ["curl", "-s", `${sandbox.ip}:${port}${path}`]).stdout));
}

describe("answers over HTTP", () => {
  test.each<readonly [string, Partial<ContainerConfig>, number, readonly string[], readonly (string | RegExp)[]]>([
    ["httpd", {}, 80, ["/", "!/x"], ["<html><body><h1>It works!</h1></body></html>\n", "404"]],
    ["hashicorp/http-echo:1.0", { args: ["-text=just made some syscalls!"] }, 5678, ["/", "/any/path", "/health"], ["just made some syscalls!\n", "just made some syscalls!\n", '{"status":"ok"}\n']],
    ["hashicorp/http-echo", { args: ["-text", "x", "-listen=:8080", "-status-code=503"] }, 8080, ["/", "!/"], ["x\n", "503"]],
    ["gcr.io/google-samples/hello-app:1.0", {}, 8080, ["/"], ["Hello, world!\nVersion: 1.0.0\nHostname: web-1\n"]],
    ["us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0", { env: env({ PORT: "9000" }) }, 9000, ["/"], ["Hello, world!\nVersion: 2.0.0\nHostname: web-1\n"]],
    ["traefik/whoami", {}, 80, ["/", "/health"], [/^Hostname: web-1\nIP: 127\.0\.0\.1\nIP: 10\.42\.1\.2\nRemoteAddr: 10\.42\.1\.3:\d+\nGET \/ HTTP\/1\.1\nHost: 10\.42\.1\.2\nAccept: \*\/\*\nUser-Agent: curl\/8\.16\.0\n\n$/, ""]],
    ["registry.k8s.io/e2e-test-images/agnhost:2.40", { args: ["netexec"] }, 8080, ["/hostname", "/echo?msg=a%20b", "/shell?shellCommand=echo%20hi", "/shell?cmd=exit%203", "/clientip", "!/nope", "!/echo?code=418&msg=x"], ["web-1", "a b", '{"output":"hi\\n"}', '{"error":"exit status 3","output":""}', /^10\.42\.1\.3:\d+$/, "404", "418"]],
    ["registry.k8s.io/e2e-test-images/agnhost:2.40", { args: ["/agnhost", "serve-hostname", "--http=true", "--port=8080"].slice(1) }, 8080, ["/"], ["web-1"]],
    ["registry.k8s.io/e2e-test-images/agnhost:2.40", { command: ["/agnhost", "porter"], env: env({ SERVE_PORT_90: "ninety" }) }, 90, ["/"], ["ninety"]],
    ["registry.k8s.io/serve_hostname", {}, 9376, ["/"], ["web-1"]],
    ["ghcr.io/stefanprodan/podinfo:6.14.1", {}, 9898, ["/healthz", "!/nope", "!/status/503", "/version"], ['{\n  "status": "OK"\n}\n', "404", "503", '{\n  "version": "6.14.1",\n  "commit": "unknown"\n}\n']],
    ["ghcr.io/stefanprodan/podinfo:6.14.1", { command: ["./podinfo", "--port=3306", "--port-metrics=9797"] }, 9797, ["/metrics"], [/^# HELP http_requests_total/]],
    ["gcr.io/kuar-demo/kuard-amd64:blue", {}, 8080, ["/healthy", "/ready", "/fs/etc/hostname", "/"], ["ok", "ok", "web-1\n", /<title>KUAR Demo<\/title>/]],
    ["kodekloud/webapp-color", { env: env({ APP_COLOR: "pink" }) }, 8080, ["/"], [/background: pink[^]*Hello from web-1!/]],
    ["luksa/kiada:0.4", {}, 8080, ["/", "/healthz/ready"], [/^Kubernetes in Action Demo Application v0\.4\. Request processed by pod web-1/, "ready"]],
    ["registry.k8s.io/hpa-example", {}, 80, ["/"], ["OK!"]],
    ["nginxdemos/hello:plain-text", {}, 80, ["/x"], [/^Server address: 10\.42\.1\.2:80\nServer name: web-1\nDate: .*\nURI: \/x\nRequest ID: [0-9a-f]{32}\n$/]],
    ["stacksimplify/kubenginx:2.0.0", {}, 80, ["/"], [/Application Version: V2/]],
    ["registry.k8s.io/nginx-slim:0.24", {}, 80, ["!/"], ["200"]],
    ["registry.k8s.io/test-webserver", {}, 80, ["/etc/hostname"], ["web-1\n"]],
    ["python:3", { command: ["python3", "-m", "http.server", "8080"], workingDir: "/etc/apk" }, 8080, ["!/nope"], ["404"]],
    ["busybox", { command: ["sh", "-c", "mkdir /www; echo hello from busybox > /www/index.html; httpd -f -p 8080 -h /www"] }, 8080, ["/", "!/x"], ["hello from busybox\n", "404"]],
    ["busybox", { command: ["sh", "-c", "while true; do printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nhi\\n' | nc -l -p 8080; done"] }, 8080, ["/", "/"], ["hi\n", "hi\n"]],
    ["jpetazzo/color", {}, 80, ["/"], ["This is pod default/web-1 on linux/amd64, serving / for 10.42.1.2.\n"]],
  ])("%s %j", (image, config, port, paths, expected) => {
    for (const [index, answer] of answers(image, config, port, paths).entries()) {
      const wanted = expected[index] ?? "";
      if (typeof wanted === "string") expect(answer).toBe(wanted);
      else expect(answer).toMatch(wanted);
    }
  });

  test("agnhost liveness is healthy for ten seconds", () => {
    const lab = new ContainerLab();
    const id = lab.start("registry.k8s.io/e2e-test-images/agnhost:2.40", { args: ["liveness"] });
    const code = (): string => lab.exec(id, ["curl", "-so", "/dev/null", "-w", "%{http_code}", "localhost:8080/healthz"]).stdout;
    lab.run(5);
    const early = code();
    lab.run(7);
    expect([early, code()]).toEqual(["200", "500"]);
  });
});

describe("runs to its end", () => {
  test.each<readonly [string, Partial<ContainerConfig>, number, string | RegExp]>([
    ["hello-world", {}, 0, /^\nHello from Docker!\n/],
    ["hashicorp/http-echo:0.2.3", {}, 127, "Missing -text option!\n"],
    ["gcr.io/kuar-demo/kuard-amd64:blue", { command: ["/kuard", "--keygen-enable", "--keygen-exit-on-complete", "--keygen-num-to-gen=3", "--keygen-exit-code=1"] }, 1, /\(ID \d+\) Item 3 done: SHA256:\S{42}\n.*Workload exiting\n$/],
    ["perl:5.34.0", { command: ["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"] }, 0, /^3\.14159265358979323846[0-9]{1979}\n$/],
    ["mysql:8.0", {}, 1, /Database is uninitialized and password option is not specified\n {4}You need to specify one of the following as an environment variable:\n {4}- MYSQL_ROOT_PASSWORD\n/],
    ["mariadb", {}, 1, /Database is uninitialized and password option is not specified/],
    ["postgres:15-alpine", {}, 1, /^Error: Database is uninitialized and superuser password is not specified\.\n/],
    ["kodekloud/webapp-color", { args: ["--color", "mauve"] }, 1, /Color not supported/],
    ["redis", { args: ["/conf/nope.conf"] }, 1, /Fatal error, can't open config file '\/conf\/nope\.conf': No such file or directory/],
    ["python", {}, 0, ""],
    ["node", {}, 0, ""],
    ["busybox", { command: ["nginx"] }, 128, ""],
    ["nginx", { args: ["nginx", "-T"] }, 0, /# configuration file \/etc\/nginx\/conf\.d\/default\.conf:\nserver \{/],
    ["redis:7", { command: ["redis-server", "--version"] }, 0, /^Redis server v=7\.4\.5 /],
    ["polinux/stress", { command: ["stress", "--cpu", "2", "--timeout", "10s"] }, 0, "stress: info: [1] dispatching hogs: 2 cpu, 0 io, 0 vm, 0 hdd\nstress: info: [1] successful run completed in 10s\n"],
    ["registry.k8s.io/e2e-test-images/agnhost:2.40", { args: ["logs-generator", "--log-lines-total", "3", "--run-duration", "3s"] }, 0, /^(I0101 .*logs_generator.go:76\] \d (GET|POST|PUT) \/api\/v1\/namespaces\/.*\n){3}$/],
    ["curlimages/curl", { args: ["-sS", "http://localhost:1"] }, 7, "curl: (7) Failed to connect to localhost port 1 after 1 ms: Could not connect to server\n"],
  ])("%s %j", (image, config, code, text) => {
    const lab = new ContainerLab();
    const created = lab.create(lab.sandbox(), image, config);
    if (!created.ok) throw new Error(created.error.message);
    lab.wait((done) => lab.runtime.startContainer(created.value, done));
    expect(lab.ended(created.value, 120).exitCode).toBe(code);
    if (typeof text === "string") expect(lab.log(created.value)).toBe(text);
    else expect(lab.log(created.value)).toMatch(text);
  });

  test.each<readonly [string, string, number, string]>([
    ["the indexed job", 'import os, sys\nprint("Hello world")\nif int(os.environ.get("JOB_COMPLETION_INDEX")) % 2 == 0:\n  sys.exit(1)\nelse:\n  sys.exit(0)', 1, "Hello world\n"],
    ["elif", 'import os, sys\nindex = int(os.environ.get("JOB_COMPLETION_INDEX"))\nif index == 0:\n  sys.exit(1)\nelif index == 2:\n  # fail\n  sys.exit(42)\nelse:\n  sys.exit(0)', 42, ""],
    ["loops, formats and functions", 'import time\ndef f(n, k=2):\n    return n ** k\nfor i in range(3):\n    print(f"{i}: {f(i):>3}", end=" ")\n    time.sleep(1)\nprint("%05.2f|%s" % (3.14159, [1, "a"]), {"k": 1.0}, "a-b".split("-")[1].upper(), len("héllo"))', 0, "0:   0 1:   1 2:   4 03.14|[1, 'a'] {'k': 1.0} B 5\n"],
    ["an exception", 'import os\nprint(os.environ["NOPE"])', 1, "Traceback (most recent call last):\n  File \"<string>\", line 2, in <module>\nKeyError: 'NOPE'\n"],
    ["try", 'try:\n    int("x")\nexcept ValueError as e:\n    print("caught", e)\nfinally:\n    print("done")', 0, "caught invalid literal for int() with base 10: 'x'\ndone\n"],
    ["a mistake", "print(1", 1, '  File "<string>", line 1\n    print(1\n    ^\nSyntaxError: invalid syntax\n'],
    ["what is not there", "class A:\n    pass", 1, '  File "<string>", line 1\n    class A:\nNotImplementedError: Kubarium\'s python3 does not know "class"\n'],
  ])("python3: %s", (_, program, code, text) => {
    const lab = new ContainerLab();
    const id = lab.start("python:3", { command: ["python3", "-c", program], env: env({ JOB_COMPLETION_INDEX: "2" }) });
    expect([lab.ended(id, 60).exitCode, lab.log(id)]).toEqual([code, text]);
  });
});

describe("databases", () => {
  test("mysql initialises for some seconds, then answers", () => {
    const lab = new ContainerLab();
    const id = lab.start("mysql:8.0", { env: env({ MYSQL_ROOT_PASSWORD: "x" }) });
    lab.run(5);
    expect(lab.exec(id, ["mysqladmin", "ping"]).code).toBe(1);
    lab.run(10);
    expect([lab.exec(id, ["mysqladmin", "ping"]).stdout, lab.log(id).includes("ready for connections. Version: '8.0.43'")]).toEqual(["mysqld is alive\n", true]);
    const small = lab.start("mysql:8.0", { env: env({ MYSQL_ROOT_PASSWORD: "x" }), memoryLimitBytes: 128 << 20 });
    expect(lab.ended(small, 60)).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  test("postgres says when it is ready", () => {
    const lab = new ContainerLab();
    const id = lab.start("postgres:16", { env: env({ POSTGRES_PASSWORD: "x" }) });
    lab.run(5);
    expect([lab.exec(id, ["pg_isready"]).stdout, lab.log(id).trim().endsWith("database system is ready to accept connections")]).toEqual(["/var/run/postgresql:5432 - accepting connections\n", true]);
  });

  test("redis keeps what it is told, over the network too", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    const id = lab.start("redis:7.2", {}, sandbox);
    lab.network.names.set("redis", sandbox.ip);
    const client = lab.start("redis:alpine", { command: ["sleep", "1000"] });
    lab.run(1);
    const cli = (container: string, ...words: string[]): string => lab.exec(container, ["redis-cli", ...words]).stdout;
    expect([cli(id, "PING"), cli(id, "SET", "a", "5"), cli(id, "INCR", "a"), cli(client, "-h", "redis", "GET", "a"), cli(id, "GET", "nope"), cli(id, "RPUSH", "l", "x", "y"), cli(id, "LRANGE", "l", "0", "-1"), cli(id, "INCR", "l"), cli(id, "NOSUCH")]).toEqual(
      ["PONG\n", "OK\n", "6\n", "6\n", "\n", "2\n", "x\ny\n", "WRONGTYPE Operation against a key holding the wrong kind of value\n", "ERR unknown command 'NOSUCH', with args beginning with: \n"]);
    expect(lab.exec(client, ["redis-cli"], "").code).toBe(1);
    expect(lab.exec(client, ["redis-cli", "-h", "redis"], "SET k 'a b'\nGET k\nTTL k\nEXPIRE k 10\nquit\n").stdout).toBe("OK\na b\n-1\n1\n");
    lab.run(11);
    expect(cli(id, "EXISTS", "k")).toBe("0\n");
  });

  test("redis by configuration: the tutorial's maxmemory", () => {
    const lab = new ContainerLab();
    const volume = { name: "c", files: new Map([["redis.conf", { content: "maxmemory 2mb\nmaxmemory-policy allkeys-lru\nrequirepass secret\n", mode: 0o644, modifiedUs: 0 as never }]]) };
    const id = lab.start("redis:8.0.2", { command: ["redis-server", "/redis-master/redis.conf"], mounts: [{ path: "/redis-master", volume, subPath: "", readOnly: true }] });
    lab.run(1);
    expect([lab.exec(id, ["redis-cli", "CONFIG", "GET", "maxmemory"]).stdout, lab.exec(id, ["redis-cli", "-a", "secret", "CONFIG", "GET", "maxmemory*"]).stdout]).toEqual(["NOAUTH Authentication required.\n", "maxmemory\n2097152\nmaxmemory-policy\nallkeys-lru\n"]);
  });
});

describe("components of the cluster", () => {
  test("are started with the container, log, and are stopped with it", () => {
    const seen: string[] = [];
    let process: ComponentProcess | undefined;
    const lab = new ContainerLab({ catalog: { components: { "registry.k8s.io/kube-scheduler": { kind: "component", terminationExitCode: 1, start: (started) => { process = started; started.log(`scheduler on ${started.nodeName}: ${started.argv.slice(1).join(" ")}`); seen.push("start"); return (signal) => seen.push(signal); } } } } });
    const id = lab.start("registry.k8s.io/kube-scheduler:v1.33.0", { command: ["kube-scheduler", "--leader-elect=true"] });
    lab.run(0.01);
    expect([lab.log(id), process?.pod.namespace, seen]).toEqual(["scheduler on node-1: --leader-elect=true\n", "default", ["start"]]);
    lab.wait((done) => lab.runtime.stopContainer(id, 30e6, () => done(undefined)));
    expect([lab.info(id).exitCode, seen]).toEqual([1, ["start", "SIGTERM"]]);
    const second = lab.start("registry.k8s.io/kube-scheduler:v1.33.0");
    lab.run(0.01);
    lab.runtime.kill(second, "SIGKILL");
    const third = lab.start("registry.k8s.io/kube-scheduler:v1.33.0");
    lab.run(0.01);
    process?.exit(2);
    expect([lab.info(second).exitCode, lab.info(third).exitCode, seen.slice(2)]).toEqual([137, 2, ["start", "SIGKILL", "start"]]);
  });

  test("have nothing but their binary, unless they ask for more", () => {
    const start = (): (() => void) => () => {};
    const lab = new ContainerLab({ catalog: { components: { "registry.k8s.io/etcd": { kind: "component", start }, "ghcr.io/flannel-io/flannel": { kind: "component", start, base: "alpine", binaries: ["/opt/bin/flanneld"] } } } });
    const etcd = lab.start("registry.k8s.io/etcd:3.5.21-0", { command: ["etcd"] });
    const flannel = lab.start("ghcr.io/flannel-io/flannel:v0.26.0", { command: ["/opt/bin/flanneld"], args: ["--ip-masq"] });
    expect(lab.runtime.exec(etcd, ["sh"], { tty: false, stdin: false, stdout: () => {}, stderr: () => {}, exit: () => {} }).ok).toBe(false);
    expect(lab.exec(flannel, ["cat", "/etc/alpine-release"]).stdout).toBe("3.22.2\n");
  });
});

test("every image can be pulled by its newest tag and has what it starts", () => {
  const lab = new ContainerLab();
  for (const { repositories, variant } of IMAGES) {
    const repository = repositories[0] ?? "";
    const tag = ["latest", "1.0", "2.40", "1", "2.0.0", "0.24"].find((candidate) => variant(candidate, repository) !== undefined);
    expect(tag, repository).toBeDefined();
    const id = lab.create(lab.sandbox(), `${repository}:${tag}`);
    if (repository.endsWith("mstormo/suse")) continue;
    expect(id.ok, repository).toBe(true);
    if (id.ok) expect(lab.wait<{ ok: boolean }>((done) => lab.runtime.startContainer(id.value, done)).ok, repository).toBe(true);
  }
});
