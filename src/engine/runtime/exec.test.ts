import { describe, expect, test } from "vitest";
import { ContainerLab } from "../testing/container-lab.ts";

describe("exec", () => {
  test("runs beside the first process, with its streams and its exit code", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { command: ["sleep", "1000"] });
    expect(lab.exec(id, ["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
    expect(lab.exec(id, ["ps"]).stdout).toBe("PID   USER     TIME  COMMAND\n    1 root      0:00 sleep 1000\n    3 root      0:00 ps\n");
    expect(lab.log(id)).toBe("");
    expect(lab.exec(id, ["sh", "-c", "echo into the log > /proc/1/fd/1"]).code).toBe(0);
    expect(lab.log(id)).toBe("into the log\n");
  });

  test("reads what is written to it, up to its end", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { command: ["sleep", "1000"] });
    expect(lab.exec(id, ["sh", "-c", "read a; cat | tr a-z A-Z; echo $a"], "first\nsecond\nthird\n")).toEqual({ code: 0, stdout: "SECOND\nTHIRD\nfirst\n", stderr: "" });
    expect(lab.exec(id, ["cat"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test.each([
    [["bash"], "busybox", 'exec: "bash": executable file not found in $PATH'],
    [["sh"], "registry.k8s.io/pause:3.9", 'exec: "sh": executable file not found in $PATH'],
    [["/bin/nope"], "busybox", 'exec: "/bin/nope": stat /bin/nope: no such file or directory'],
    [["curl"], "alpine", 'exec: "curl": executable file not found in $PATH'],
    [["ps"], "nginx", 'exec: "ps": executable file not found in $PATH'],
    [["printenv"], "gcr.io/google-samples/hello-app:1.0", 'exec: "printenv": executable file not found in $PATH'],
  ])("%j in %s", (argv, image, problem) => {
    const lab = new ContainerLab();
    const id = lab.start(image, image === "busybox" || image === "alpine" ? { command: ["sleep", "100"] } : {});
    const session = lab.runtime.exec(id, argv, { tty: false, stdin: false, stdout: () => {}, stderr: () => {}, exit: () => {} });
    expect(session.ok ? "started" : session.error.message).toMatch(/^failed to exec in container: failed to start exec "[0-9a-f]{64}": /);
    expect(session.ok ? "" : session.error.message.replace(/"[0-9a-f]{64}"/, "ID")).toBe(`failed to exec in container: failed to start exec ID: OCI runtime exec failed: exec failed: unable to start container process: ${problem}: unknown`);
  });

  test("in a container that does not run", () => {
    const lab = new ContainerLab();
    const id = lab.start("hello-world");
    lab.ended(id);
    const session = lab.runtime.exec(id, ["ls"], { tty: false, stdin: false, stdout: () => {}, stderr: () => {}, exit: () => {} });
    expect(session).toEqual({ ok: false, error: { code: "Unknown", message: "failed to exec in container: container is in CONTAINER_EXITED state" } });
  });

  test("ends with the container, and when it is cut off", () => {
    const lab = new ContainerLab();
    const id = lab.start("nginx");
    const codes: number[] = [];
    const options = { tty: false, stdin: false, stdout: () => {}, stderr: () => {}, exit: (code: number) => void codes.push(code) };
    lab.runtime.exec(id, ["sleep", "1000"], options);
    const cut = lab.runtime.exec(id, ["sh", "-c", "sleep 1000 | cat"], options);
    lab.run(1);
    if (cut.ok) cut.value.kill();
    lab.run(1);
    expect(codes).toEqual([137]);
    lab.runtime.kill(id, "SIGKILL");
    expect(codes).toEqual([137, 137]);
  });
});

describe("a terminal", () => {
  test("shows a prompt, takes lines, keeps its variables and leaves with the last status", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { command: ["sleep", "10000"] });
    const { session, screen, code } = lab.terminal(id, ["sh"]);
    for (const line of ["x=5", "cd /tmp", "echo $x", "if true", "then echo yes", "fi", "nosuch", "(exit 4)", "exit"]) {
      lab.run(0.5);
      session.write(`${line}\n`);
    }
    lab.run(1);
    expect(screen()).toBe("/ # / # /tmp # 5\n/tmp # > > yes\n/tmp # sh: nosuch: not found\n/tmp # /tmp # ");
    expect(code()).toBe(4);
  });

  test.each([
    ["debian", "bash", "root@pod-1:/# "],
    ["debian", "sh", "# "],
    ["alpine", "sh", "/ # "],
  ])("%s %s prompts %j", (image, shell, prompt) => {
    const lab = new ContainerLab();
    const { screen } = lab.terminal(lab.start(image, { command: ["sleep", "100"] }), [shell]);
    lab.run(1);
    expect(screen()).toBe(prompt);
  });

  test("Ctrl-C ends what runs in the foreground and not the shell; Ctrl-D ends the shell", () => {
    const lab = new ContainerLab();
    const { session, screen, code } = lab.terminal(lab.start("busybox", { command: ["sleep", "10000"] }), ["sh"], true);
    lab.run(0.5);
    session.write("sleep 1000\r");
    lab.run(5);
    session.write("\x03");
    lab.run(0.5);
    session.write("ech\x7fho $?\r");
    lab.run(0.5);
    session.write("\x04");
    lab.run(0.5);
    expect(screen()).toBe("/ # sleep 1000\r\n^C\r\n/ # ech\b \bho $?\r\n130\r\n/ # \r\n");
    expect(code()).toBe(0);
  });

  test("belongs to a pod that asked for one: kubectl run -it", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { command: ["sh"], tty: true, stdin: true });
    lab.run(1);
    expect(lab.info(id).state).toBe("Running");
    let screen = "";
    let code: number | undefined;
    const session = lab.runtime.attach(id, { tty: true, stdin: true, stdout: (text) => (screen += text), stderr: () => {}, exit: (value) => (code = value) });
    if (!session.ok) throw new Error(session.error.message);
    session.value.write("echo hi\n");
    lab.run(1);
    session.value.write("exit 5\n");
    lab.run(1);
    expect([screen, code, lab.info(id).exitCode]).toEqual(["hi\n/ # ", 5, 5]);
  });

  test("attached without a terminal: input for the first process, output from now on", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { command: ["sh", "-c", "echo before; cat; echo after"], stdin: true });
    lab.run(1);
    let out = "";
    const session = lab.runtime.attach(id, { tty: false, stdin: true, stdout: (text) => (out += text), stderr: () => {}, exit: () => {} });
    if (!session.ok) throw new Error(session.error.message);
    session.value.write("hello\n");
    session.value.endInput();
    lab.run(1);
    expect([out, lab.log(id), lab.info(id).state]).toEqual(["hello\nafter\n", "before\nhello\nafter\n", "Exited"]);
  });
});

test("follows a log line by line, and keeps within its limit", () => {
  const lab = new ContainerLab();
  const id = lab.start("busybox", { command: ["sh", "-c", "echo a; printf b; sleep 1; echo c; printf end"] });
  const seen: string[] = [];
  lab.runtime.logs(id)?.follow((line) => seen.push(`${line.stream} ${line.text}`));
  lab.ended(id);
  expect(seen).toEqual(["stdout a", "stdout bc", "stdout end"]);
  const noisy = lab.start("busybox", { command: ["sh", "-c", "yes 0123456789012345678901234567890123456789 | head -60000; echo last"] });
  lab.ended(noisy, 600);
  const lines = lab.runtime.logs(noisy)?.lines() ?? [];
  expect(lines.reduce((sum, line) => sum + line.text.length + 1, 0)).toBeLessThanOrEqual(1 << 20);
  expect(lines.at(-1)?.text).toBe("last");
});
