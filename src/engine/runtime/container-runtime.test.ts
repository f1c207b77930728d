import { describe, expect, test } from "vitest";
import { ContainerLab } from "../testing/container-lab.ts";
import type { ContainerConfig, Volume } from "./contracts.ts";

const volume = (files: Readonly<Record<string, string>> = {}): Volume => ({ name: "v", files: new Map(Object.entries(files).map(([path, content]) => [path, { content, mode: 0o644, modifiedUs: 0 as never }])) });
const at = (path: string, mounted: Volume, readOnly = false): ContainerConfig["mounts"][number] => ({ path, volume: mounted, subPath: "", readOnly });
const sh = (script: string): Partial<ContainerConfig> => ({ command: ["sh", "-c", script] });

/** Seconds from the stop to the end, and how it ended. */
function stopAfter(image: string, config: Partial<ContainerConfig>, graceSeconds: number): { seconds: number; code: number | undefined; reason: string | undefined } {
  const lab = new ContainerLab();
  const id = lab.start(image, config);
  lab.run(5);
  const before = lab.clock.now();
  lab.wait((done) => lab.runtime.stopContainer(id, graceSeconds * 1e6, () => done(undefined)));
  return { seconds: Math.round((lab.clock.now() - before) / 1e5) / 10, code: lab.info(id).exitCode, reason: lab.info(id).reason };
}

describe("stopping", () => {
  test.each([
    { title: "nginx quits by its own signal", image: "nginx", config: {}, grace: 30, ends: { seconds: 0, code: 0, reason: "Completed" } },
    { title: "httpd ends on SIGWINCH after a second", image: "httpd", config: {}, grace: 30, ends: { seconds: 1, code: 0, reason: "Completed" } },
    { title: "redis saves and ends", image: "redis", config: {}, grace: 30, ends: { seconds: 0.1, code: 0, reason: "Completed" } },
    { title: "pause ends", image: "registry.k8s.io/pause:3.9", config: {}, grace: 30, ends: { seconds: 0, code: 0, reason: "Completed" } },
    { title: "a shell as the first process does not hear SIGTERM", image: "busybox", config: sh("while true; do sleep 1; done"), grace: 30, ends: { seconds: 30, code: 137, reason: "Error" } },
    { title: "nor does sleep", image: "busybox", config: { command: ["sleep", "3600"] }, grace: 3, ends: { seconds: 3, code: 137, reason: "Error" } },
    { title: "a trap runs once the wait is over", image: "busybox", config: sh("trap 'echo bye; exit 3' TERM; sleep 9999 & wait"), grace: 30, ends: { seconds: 0, code: 3, reason: "Error" } },
    { title: "a trap waits for the command in the foreground", image: "busybox", config: sh("trap 'exit 0' TERM; while true; do sleep 10; done"), grace: 30, ends: { seconds: 5, code: 0, reason: "Completed" } },
    { title: "bash in the job tutorial", image: "ubuntu", config: { command: ["bash", "-c", "export; trap 'exit 0' TERM; sleep 9999 & wait"] }, grace: 30, ends: { seconds: 0, code: 0, reason: "Completed" } },
    { title: "a Go server ends with 2", image: "gcr.io/google-samples/hello-app:1.0", config: {}, grace: 30, ends: { seconds: 0, code: 2, reason: "Error" } },
    { title: "a Python server does not hear it", image: "kodekloud/webapp-color", config: {}, grace: 5, ends: { seconds: 5, code: 137, reason: "Error" } },
    { title: "no grace is SIGKILL at once", image: "nginx", config: {}, grace: 0, ends: { seconds: 0, code: 137, reason: "Error" } },
  ])("$title", ({ image, config, grace, ends }) => expect(stopAfter(image, config, grace)).toEqual(ends));

  test("a container that is gone is stopped at once", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", sh("exit 3"));
    lab.ended(id);
    lab.wait((done) => lab.runtime.stopContainer(id, 30e6, () => done(undefined)));
    expect(lab.info(id)).toMatchObject({ exitCode: 3, reason: "Error" });
  });
});

describe("what cannot be started", () => {
  const NO = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ";
  test.each([
    [["foo"], "busybox", `${NO}exec: "foo": executable file not found in $PATH: unknown`],
    [["/foo/bar"], "busybox", `${NO}exec: "/foo/bar": stat /foo/bar: no such file or directory: unknown`],
    [["/etc/passwd"], "busybox", `${NO}exec: "/etc/passwd": permission denied: unknown`],
    [["/etc"], "busybox", `${NO}exec: "/etc": is a directory: unknown`],
    [["bash", "-c", "true"], "busybox", `${NO}exec: "bash": executable file not found in $PATH: unknown`],
    [["sh"], "gcr.io/google-samples/hello-app:1.0", `${NO}exec: "sh": executable file not found in $PATH: unknown`],
    [["sleep 3600"], "busybox", `${NO}exec: "sleep 3600": executable file not found in $PATH: unknown`],
  ])("%j in %s", (command, image, message) => {
    const lab = new ContainerLab();
    const id = lab.create(lab.sandbox(), image, { command });
    if (!id.ok) throw new Error(id.error.message);
    expect(lab.wait((done) => lab.runtime.startContainer(id.value, done))).toEqual({ ok: false, error: { code: expect.any(String), message } });
    expect(lab.info(id.value)).toMatchObject({ state: "Exited", exitCode: 128, reason: "StartError", message });
  });

  test("a script without its interpreter starts and ends at once", () => {
    const lab = new ContainerLab();
    const scripts = volume({ "x.sh": "#!/bin/nope\necho hi\n", "y.sh": "echo hi\n" });
    for (const file of scripts.files.values()) file.mode = 0o755;
    const missing = lab.start("busybox", { command: ["/s/x.sh"], mounts: [at("/s", scripts)] });
    const plain = lab.start("busybox", { command: ["/s/y.sh"], mounts: [at("/s", scripts)] });
    expect([lab.ended(missing).exitCode, lab.log(missing), lab.ended(plain).exitCode, lab.log(plain)]).toEqual([255, "exec /s/x.sh: no such file or directory\n", 255, "exec /s/y.sh: exec format error\n"]);
  });

  test("an image without a command", () => {
    const lab = new ContainerLab();
    const result = lab.create(lab.sandbox(), "mstormo/suse");
    expect(result).toEqual({ ok: false, error: { code: "Unknown", message: expect.stringMatching(/^failed to generate container "[0-9a-f]{64}" spec: failed to generate spec: no command specified$/) } });
  });

  test("a container of an image that is not there, or in a pod that is gone", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    lab.pull("busybox");
    lab.runtime.removeImage("busybox");
    const config = { name: "c", attempt: 0, image: "busybox", command: [], args: [], workingDir: "", env: [], mounts: [], memoryLimitBytes: undefined, cpuLimitMilli: undefined, tty: false, stdin: false, terminationMessagePath: "" };
    expect(lab.wait((done) => lab.runtime.createContainer(sandbox.id, config, done))).toMatchObject({ ok: false, error: { code: "NotFound" } });
    lab.wait((done) => lab.runtime.stopPodSandbox(sandbox.id, () => done(undefined)));
    expect(lab.wait((done) => lab.runtime.createContainer(sandbox.id, config, done))).toMatchObject({ ok: false, error: { message: "sandbox container is not running" } });
  });
});

describe("a container", () => {
  test("tells about its start and its exit in the event in which they happen", () => {
    const lab = new ContainerLab();
    const seen: string[] = [];
    lab.runtime.onChange((_, id) => seen.push(`${lab.info(id).state} ${lab.info(id).exitCode ?? ""}`));
    const id = lab.start("busybox", sh("sleep 1; exit 7"));
    lab.ended(id);
    expect(seen).toEqual(["Running ", "Exited 7"]);
  });

  test("has the environment of the image, the runtime and the pod", () => {
    const lab = new ContainerLab();
    const id = lab.start("redis:7.2", { command: ["sh", "-c", "env | sort"], env: [{ name: "A", value: "1" }, { name: "EMPTY", value: "" }] }, lab.sandbox({ podName: "web-0" }));
    lab.ended(id);
    expect(lab.log(id)).toBe("A=1\nEMPTY=\nHOME=/root\nHOSTNAME=web-0\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/data\nREDIS_VERSION=7.2.10\n");
  });

  test("sees its pod in /etc and its processes in /proc", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox({ podName: "web-0", hostname: "web-0", domain: "nginx.default.svc.cluster.local", hostAliases: [{ ip: "1.2.3.4", names: ["foo.local", "bar.local"] }] });
    const id = lab.start("busybox", { command: ["sleep", "1000"] }, sandbox);
    expect(lab.exec(id, ["cat", "/etc/hosts"]).stdout).toBe(`# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n10.42.1.2\tweb-0.nginx.default.svc.cluster.local\tweb-0\n\n# Entries added by HostAliases.\n1.2.3.4\tfoo.local\tbar.local\n`);
    expect(lab.exec(id, ["cat", "/etc/resolv.conf"]).stdout).toBe("search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n");
    expect(lab.exec(id, ["sh", "-c", "hostname; hostname -f; hostname -i; cat /etc/hostname; tr '\\0' ' ' < /proc/1/cmdline; grep Uid /proc/1/status"]).stdout).toBe("web-0\nweb-0.nginx.default.svc.cluster.local\n10.42.1.2\nweb-0\nsleep 1000 Uid:\t0\t0\t0\t0\n");
  });

  test("leaves its termination message", () => {
    const lab = new ContainerLab();
    const id = lab.start("debian", { command: ["/bin/sh"], args: ["-c", "sleep 10 && echo Sleep expired > /dev/termination-log"] });
    expect(lab.ended(id)).toMatchObject({ exitCode: 0, reason: "Completed", message: "Sleep expired\n" });
    const long = lab.start("busybox", { ...sh("yes | head -c 9000 > /tmp/end; exit 1"), terminationMessagePath: "/tmp/end" });
    expect(lab.ended(long).message?.length).toBe(4_096);
  });

  test("is killed with everything in it when it takes more memory than its limit", () => {
    const lab = new ContainerLab();
    const id = lab.start("polinux/stress", { command: ["stress"], args: ["--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"], memoryLimitBytes: 100 << 20 });
    expect(lab.ended(id)).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
    const fits = lab.start("polinux/stress", { command: ["stress"], args: ["--vm", "1", "--vm-bytes", "150M", "--vm-hang", "1"], memoryLimitBytes: 200 << 20 });
    lab.run(30);
    expect([lab.info(fits).state, Math.round((lab.runtime.stats(fits)?.memoryBytes ?? 0) / 2 ** 20)]).toEqual(["Running", 150]);
  });

  test("uses CPU up to its limit", () => {
    const lab = new ContainerLab();
    const id = lab.start("vish/stress", { args: ["-cpus", "2"], cpuLimitMilli: 1_000 });
    lab.run(1);
    const before = lab.runtime.stats(id)?.cpuUs ?? 0;
    lab.run(10);
    expect(((lab.runtime.stats(id)?.cpuUs ?? 0) - before) / 10e6).toBeCloseTo(1, 1);
  });

  test("computes more slowly under a CPU limit", () => {
    const seconds = (cpuLimitMilli: number | undefined): number => {
      const lab = new ContainerLab();
      const id = lab.start("perl", { command: ["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"], cpuLimitMilli });
      const { startedUs = 0, finishedUs = 0 } = lab.ended(id);
      return Math.round((finishedUs - startedUs) / 1e6);
    };
    expect([seconds(undefined), seconds(500)]).toEqual([5, 10]);
  });

  test("can be killed from outside", () => {
    const lab = new ContainerLab();
    const [one, two, three] = [lab.start("nginx"), lab.start("nginx"), lab.start("nginx")];
    lab.runtime.kill(one, "SIGKILL");
    lab.runtime.kill(two, "SIGTERM");
    lab.runtime.kill(three, "OOM");
    lab.run(1);
    expect([one, two, three].map((id) => [lab.info(id).exitCode, lab.info(id).reason])).toEqual([[137, "Error"], [0, "Completed"], [137, "OOMKilled"]]);
  });

  test("makes its working directory, and runs as whom it is told to", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { ...sh("pwd; id; touch /x; touch /tmp/x && echo ok"), workingDir: "/made/up", runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [2000] });
    lab.ended(id);
    expect(lab.log(id)).toBe("/made/up\nuid=1000 gid=3000 groups=3000,2000\ntouch: /x: Permission denied\nok\n");
  });
});

describe("a pod", () => {
  test("shares volumes: the sidecar of every tutorial", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    const logs = volume();
    const writer = lab.start("busybox", { ...sh('while true; do echo "logging" >> /opt/logs.txt; sleep 1; done'), name: "myapp", mounts: [at("/opt", logs)] }, sandbox);
    const reader = lab.start("alpine", { ...sh("tail -F /opt/logs.txt"), name: "logshipper", mounts: [at("/opt", logs)] }, sandbox);
    lab.run(10);
    expect(lab.log(reader).split("\n").length).toBeGreaterThan(7);
    expect([lab.log(writer), lab.runtime.containers(sandbox.id).map((info) => info.name)]).toEqual(["", ["myapp", "logshipper"]]);
  });

  test("shares its ports: the second nginx cannot bind, tries five times and gives up", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    lab.start("nginx", { name: "one" }, sandbox);
    lab.run(1);
    const two = lab.start("nginx", { name: "two" }, sandbox);
    const ended = lab.ended(two, 10);
    expect([ended.exitCode, Math.round(((ended.finishedUs ?? 0) - (ended.startedUs ?? 0)) / 1e5) / 10]).toEqual([1, 2]);
    const errors = lab.log(two, "stderr").split("\n").filter((line) => line.startsWith("nginx:"));
    expect(errors).toEqual([...Array.from({ length: 5 }, () => "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"), "nginx: [emerg] still could not bind()"]);
  });

  test.each([
    ["redis", "Failed listening on port 6379 (tcp), aborting."],
    ["httpd", "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80"],
    ["gcr.io/google-samples/hello-app:1.0", "listen tcp :8080: bind: address already in use"],
    ["hashicorp/http-echo:1.0", "Error starting server: listen tcp :5678: bind: address already in use"],
  ])("a second %s says so in its own words", (image, text) => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    const config = image.includes("http-echo") ? { args: ["-text=x"] } : {};
    lab.start(image, config, sandbox);
    lab.run(1);
    const second = lab.start(image, config, sandbox);
    expect(lab.ended(second, 5).exitCode).toBe(1);
    expect(lab.log(second)).toContain(text);
  });

  test("reaches its containers over localhost", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    lab.start("nginx", {}, sandbox);
    const client = lab.start("busybox", { command: ["sleep", "100"] }, sandbox);
    lab.run(1);
    expect(lab.exec(client, ["sh", "-c", "wget -qO- localhost | grep -c Welcome"]).stdout).toBe("2\n");
  });

  test("gives its address back and ends its containers when it is stopped", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    const id = lab.start("nginx", {}, sandbox);
    lab.wait((done) => lab.runtime.stopPodSandbox(sandbox.id, () => done(undefined)));
    expect([lab.info(id).exitCode, lab.runtime.sandbox?.(sandbox.id)?.state]).toEqual([137, "NotReady"]);
    lab.runtime.removePodSandbox(sandbox.id);
    expect([lab.runtime.container(id), lab.runtime.sandboxes().length]).toEqual([undefined, 0]);
  });

  test("on the node's network has the node's address and its own resolv.conf", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox({ hostNetwork: true, hostname: "node-1", resolvConf: { nameservers: ["8.8.8.8"], search: [], ndots: 1 } });
    const id = lab.start("busybox", { command: ["sleep", "100"] }, sandbox);
    expect([sandbox.ip, lab.exec(id, ["cat", "/etc/resolv.conf"]).stdout, lab.exec(id, ["head", "-1", "/etc/hosts"]).stdout]).toEqual(["10.0.0.2", "nameserver 8.8.8.8\n", "# Kubernetes-managed hosts file (host network).\n"]);
  });
});

test("the same seed gives the same logs, times and ids", () => {
  const run = (seed: number): unknown => {
    const lab = new ContainerLab({ seed });
    const sandbox = lab.sandbox();
    const ids = [lab.start("nginx", {}, sandbox), lab.start("busybox", { ...sh("for i in 1 2 3; do wget -qO- localhost | wc -c; echo $RANDOM; date; sleep $((RANDOM % 3)); done"), name: "b" }, sandbox)];
    lab.run(20);
    return ids.map((id) => [id, lab.info(id), lab.runtime.logs(id)?.lines()]);
  };
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
});
