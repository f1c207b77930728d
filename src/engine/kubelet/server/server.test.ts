import { describe, expect, test } from "vitest";
import type { LogOptions } from "../contracts.ts";
import { createNodeFixture, type NodeFixture } from "../../testing/node-fixture.ts";

const log = (node: NodeFixture, pod: string, container: string | undefined, options: LogOptions = {}): string => {
  const answer = node.kubelet.logs("default", pod, container, options);
  return answer.ok ? answer.value.text : `${answer.error.code} ${answer.error.message}`;
};

function withOutput(output: readonly string[]): NodeFixture {
  const node = createNodeFixture();
  node.runtime.program = () => ({ output });
  node.pod("web", { containers: [{ name: "app", image: "busybox" }] });
  node.run(8);
  return node;
}

describe("logs", () => {
  test("whole, the last lines, a few bytes, with times", () => {
    const node = withOutput(["one", "two", "thrée"]);
    expect(log(node, "web", undefined)).toBe("one\ntwo\nthrée\n");
    expect(log(node, "web", "app", { tailLines: 2 })).toBe("two\nthrée\n");
    expect(log(node, "web", "app", { tailLines: 0 })).toBe("");
    expect(log(node, "web", "app", { limitBytes: 6 })).toBe("one\ntw");
    expect(log(node, "web", "app", { tailLines: 1, limitBytes: 4 })).toBe("thr");
    expect(log(node, "web", "app", { timestamps: true, tailLines: 1 })).toMatch(/^2026-01-01T00:00:0\d\.\d{6}000Z thrée\n$/);
    expect(log(node, "web", "app", { sinceSeconds: 1 })).toBe("");
    expect(log(node, "web", "app", { sinceSeconds: 3_600 })).toBe("one\ntwo\nthrée\n");
  });

  test("followed until the container ends", () => {
    const node = withOutput(["one"]);
    const answer = node.kubelet.logs("default", "web", "app", { follow: true });
    const lines: string[] = [];
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.text).toBe("one\n");
    const id = node.runtime.running("app")?.id ?? "";
    node.runtime.log(id, "before somebody listens");
    answer.value.follow?.listen({ line: (text) => lines.push(text), end: () => lines.push("END") });
    node.runtime.log(id, "two");
    node.runtime.kill(id, "SIGKILL");
    node.run(10);
    expect(lines).toEqual(["before somebody listens\n", "two\n", "END"]);
  });

  test("closed by the reader", () => {
    const node = withOutput(["one"]);
    const answer = node.kubelet.logs("default", "web", "app", { follow: true });
    const lines: string[] = [];
    if (!answer.ok) throw new Error(answer.error.message);
    answer.value.follow?.listen({ line: (text) => lines.push(text), end: () => lines.push("END") });
    answer.value.follow?.close();
    node.runtime.log(node.runtime.running("app")?.id ?? "", "two");
    expect(lines).toEqual([]);
  });

  test("of the container before", () => {
    const node = withOutput(["hello"]);
    expect(log(node, "web", "app", { previous: true })).toBe('400 previous terminated container "app" in pod "web" not found');
    node.runtime.kill(node.runtime.running("app")?.id ?? "", "SIGKILL");
    node.run(5);
    expect(log(node, "web", "app", { previous: true })).toBe("hello\n");
  });

  test("of a pod that is over, until it is deleted", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ output: ["done"], afterMs: 100 });
    node.pod("job", { restartPolicy: "Never", containers: [{ name: "app", image: "busybox" }] });
    node.run(60);
    expect(log(node, "job", "app")).toBe("done\n");
    node.remove("job");
    node.run(5);
    expect(log(node, "job", "app")).toBe('404 pods "job" not found');
  });

  test("what is not there", () => {
    const node = createNodeFixture();
    node.pod("two", { initContainers: [{ name: "init", image: "busybox" }], containers: [{ name: "a", image: "busybox" }, { name: "b", image: "busybox" }] });
    node.pod("typo", { containers: [{ name: "app", image: "nope:1" }] });
    node.pod("config", { containers: [{ name: "app", image: "busybox", envFrom: [{ configMapRef: { name: "none" } }] }] });
    node.run(0.05);
    expect(log(node, "two", undefined)).toBe("400 a container name must be specified for pod two, choose one of: [a b] or one of the init containers: [init]");
    expect(log(node, "two", "c")).toBe("400 container c is not valid for pod two");
    expect(log(node, "two", "a")).toBe('400 container "a" in pod "two" is waiting to start: PodInitializing');
    expect(log(node, "typo", "app")).toBe('400 container "app" in pod "typo" is waiting to start: ContainerCreating');
    node.run(30);
    // Both are seen, in turns.
    const seen = new Set<string>();
    node.until("both texts", () => seen.add(log(node, "typo", "app")).size === 2, 60);
    expect([...seen].sort()).toEqual(["image can't be pulled", "trying and failing to pull image"].map((why) => `400 container "app" in pod "typo" is waiting to start: ${why}`));
    expect(log(node, "config", "app")).toBe('400 container "app" in pod "config" is waiting to start: CreateContainerConfigError');
    expect(log(node, "none", "app")).toBe('404 pods "none" not found');
  });
});

describe("exec", () => {
  const run = (node: NodeFixture, pod: string, argv: readonly string[]): string[] => {
    const seen: string[] = [];
    const session = node.kubelet.exec("default", pod, undefined, argv, { tty: false, stdin: false, stdout: (text) => seen.push(text), stderr: (text) => seen.push(`! ${text}`), exit: (code) => seen.push(`exit ${code}`) });
    if (!session.ok) return [`${session.error.code} ${session.error.message}`];
    node.run(1);
    return seen;
  };

  test("runs in the container", () => {
    const node = withOutput([]);
    node.runtime.answerExec = (argv) => ({ stdout: `${argv.join(" ")}\n`, code: 3 });
    expect(run(node, "web", ["echo", "hi"])).toEqual(["echo hi\n", "exit 3"]);
  });

  test("a kubelet that is not there", () => {
    const node = withOutput(["one"]);
    node.kubelet.stop();
    expect(log(node, "web", "app")).toBe('500 Get "https://10.0.0.11:10250/containerLogs/default/web/app": dial tcp 10.0.0.11:10250: connect: connection refused');
    expect(run(node, "web", ["sh"])).toEqual(["500 error dialing backend: dial tcp 10.0.0.11:10250: connect: connection refused"]);
  });

  test("no container, no program", () => {
    const node = withOutput([]);
    node.pod("typo", { containers: [{ name: "app", image: "nope:1" }] });
    node.run(5);
    expect(run(node, "typo", ["sh"])).toEqual(['500 Internal error occurred: container not found ("app")']);
    expect(run(node, "none", ["sh"])).toEqual(['404 pods "none" not found']);
    node.runtime.answerExec = () => ({ error: { code: "Unknown", message: 'OCI runtime exec failed: exec: "nope": executable file not found in $PATH' } });
    expect(run(node, "web", ["nope"])).toEqual(['500 Internal error occurred: error executing command in container: OCI runtime exec failed: exec: "nope": executable file not found in $PATH']);
  });
});
