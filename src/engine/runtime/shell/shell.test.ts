import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContainerLab } from "../../testing/container-lab.ts";
import type { Volume } from "../contracts.ts";

const run = (image: string, script: string, seconds = 600): { code: number | undefined; log: string; seconds: number } => {
  const lab = new ContainerLab();
  const id = lab.start(image, { command: ["sh", "-c", script], env: [{ name: "HOSTNAME", value: "web-2" }] });
  const { exitCode, startedUs = 0, finishedUs = 0 } = lab.ended(id, seconds);
  return { code: exitCode, log: lab.log(id), seconds: Math.round((finishedUs - startedUs) / 1e5) / 10 };
};

describe("scripts of tutorials", () => {
  test("the counter that prints the date every second", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox:1.28", { command: ["/bin/sh", "-c"], args: ['i=0; while true; do echo "$i: $(date)"; i=$((i+1)); sleep 1; done'] });
    lab.run(3.5);
    expect(lab.log(id)).toMatch(/^0: Thu Jan {2}1 00:00:0\d UTC 2026\n1: Thu Jan {2}1 00:00:0\d UTC 2026\n2: .*\n3: .*\n$/);
  });

  test("liveness by file", () => {
    const lab = new ContainerLab();
    const id = lab.start("registry.k8s.io/busybox:1.27.2", { command: ["/bin/sh", "-c", "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"] });
    lab.run(10);
    expect(lab.exec(id, ["cat", "/tmp/healthy"])).toEqual({ code: 0, stdout: "", stderr: "" });
    lab.run(25);
    expect(lab.exec(id, ["cat", "/tmp/healthy"])).toEqual({ code: 1, stdout: "", stderr: "cat: can't open '/tmp/healthy': No such file or directory\n" });
  });

  test("waiting for a service, until it is there", () => {
    const lab = new ContainerLab();
    const id = lab.start("busybox:1.28", { command: ["sh", "-c", "until nslookup myservice.default.svc.cluster.local; do echo waiting for myservice; sleep 2; done"] });
    lab.run(5);
    lab.network.names.set("myservice.default.svc.cluster.local", "10.96.0.50");
    expect(lab.ended(id, 10).exitCode).toBe(0);
    expect(lab.log(id)).toMatch(/^Server: {4}10\.96\.0\.10\nAddress 1: 10\.96\.0\.10\n\nnslookup: can't resolve 'myservice\.default\.svc\.cluster\.local'\nwaiting for myservice\n[^]*Name: {6}myservice\.default\.svc\.cluster\.local\nAddress 1: 10\.96\.0\.50\n$/);
  });

  test("two writers and a web server over one volume", () => {
    const lab = new ContainerLab();
    const sandbox = lab.sandbox();
    const html: Volume = { name: "html", files: new Map() };
    lab.start("debian", { command: ["/bin/sh", "-c", "while true; do date > /html/index.html; sleep 1; done"], mounts: [{ path: "/html", volume: html, subPath: "", readOnly: false }] }, sandbox);
    const web = lab.start("nginx", { name: "web", mounts: [{ path: "/usr/share/nginx/html", volume: html, subPath: "", readOnly: true }] }, sandbox);
    lab.run(3);
    expect(lab.exec(web, ["curl", "-s", "localhost"]).stdout).toMatch(/^Thu Jan {2}1 00:00:\d\d UTC 2026\n$/);
  });

  test.each([
    { title: "exits with 42 after five seconds", image: "bash:5", script: 'bash -c "echo Hello world! && sleep 5 && exit 42"', ends: { code: 42, log: "Hello world!\n", seconds: 5 } },
    { title: "prints what the downward API put in", image: "busybox", script: "echo -en '\\n'; printenv HOSTNAME NOPE; echo $HOSTNAME", ends: { code: 0, log: "\nweb-2\nweb-2\n", seconds: 0 } },
    { title: "retries with seq, wget and awk", image: "busybox", script: 'for i in $(seq 1 3); do STATUSCODE=$(wget --server-response http://localhost:81 2>&1 | awk \'/^  HTTP/{print $2}\'); if [ "$STATUSCODE" = 200 ]; then exit 0; fi; echo "Attempt $i"; sleep 10; done; exit 1', ends: { code: 1, log: "Attempt 1\nAttempt 2\nAttempt 3\n", seconds: 30 } },
    { title: "a job that fails", image: "busybox", script: "echo start; exit 1", ends: { code: 1, log: "start\n", seconds: 0 } },
    { title: "sleep in minutes", image: "alpine", script: "sleep 2m", ends: { code: 0, log: "", seconds: 120 } },
    { title: "background and wait", image: "alpine", script: "(sleep 2; echo late) & echo first; wait; echo done", ends: { code: 0, log: "first\nlate\ndone\n", seconds: 2 } },
    { title: "pipes flow while time passes", image: "alpine", script: "for i in 1 2; do echo $i; sleep 1; done | while read x; do echo \"got $x\"; done", ends: { code: 0, log: "got 1\ngot 2\n", seconds: 2 } },
    { title: "a reader that leaves ends its writer", image: "alpine", script: "yes | head -2; echo ${?}", ends: { code: 0, log: "y\ny\n0\n", seconds: 0 } },
    { title: "mktemp, trap and clean-up", image: "debian", script: "d=$(mktemp -d); trap 'rm -r $d; echo cleaned' EXIT; touch $d/x; ls $d", ends: { code: 0, log: "x\ncleaned\n", seconds: 0 } },
  ])("$title", ({ image, script, ends }) => expect(run(image, script)).toEqual(ends));

  test("the index of a StatefulSet's pod", () => {
    const lab = new ContainerLab();
    const id = lab.start("mysql:5.7", { command: ["bash", "-c", 'set -ex\n[[ $HOSTNAME =~ -([0-9]+)$ ]] || exit 1\nordinal=${BASH_REMATCH[1]}\necho [mysqld] > /tmp/server-id.cnf\necho server-id=$((100 + $ordinal)) >> /tmp/server-id.cnf\ncat /tmp/server-id.cnf'], env: [{ name: "HOSTNAME", value: "mysql-2" }] });
    lab.ended(id);
    expect(lab.log(id, "stdout")).toBe("[mysqld]\nserver-id=102\n");
    expect(lab.log(id, "stderr")).toContain("+ ordinal=2\n");
  });

  test("a shell without a terminal and without a script is done at once", () => {
    const lab = new ContainerLab();
    expect(["busybox", "alpine", "ubuntu", "debian"].map((image) => lab.ended(lab.start(image), 5).exitCode)).toEqual([0, 0, 0, 0]);
  });

  test("files of the pod are run as scripts", () => {
    const lab = new ContainerLab();
    const scripts: Volume = { name: "s", files: new Map([["run.sh", { content: '#!/bin/sh\necho "args: $# $1"\nnosuch\n', mode: 0o755, modifiedUs: 0 as never }], ["plain", { content: "echo plain $0\n", mode: 0o755, modifiedUs: 0 as never }]]) };
    const id = lab.start("busybox", { command: ["sh", "-c", '/s/run.sh "a b" c; /s/plain; sh /s/run.sh; . /s/plain; /s/nope; cp /bin/echo /tmp/say && /tmp/say copied'], mounts: [{ path: "/s", volume: scripts, subPath: "", readOnly: true }] });
    lab.ended(id);
    expect(lab.log(id)).toBe("args: 2 a b\n/s/run.sh: line 3: nosuch: not found\nplain /s/plain\nargs: 0 \n/s/run.sh: line 3: nosuch: not found\nplain sh\nsh: /s/nope: not found\nsay: applet not found\n");
  });
});

describe("nothing runs away", () => {
  test.each([
    ["an empty loop", "while true; do :; done"],
    ["a loop of programs", "while true; do /bin/true; done"],
    ["a loop that prints", "while true; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"],
    ["a fork bomb", ":(){ :|:& };:"],
    ["background without end", "while true; do sleep 100 & done"],
    ["endless recursion", "f() { f; }; f; echo after"],
    ["endless substitution", "f() { echo $(f); }; f"],
    ["a file that feeds itself", "echo x > /tmp/f; while true; do cat /tmp/f /tmp/f > /tmp/g; mv /tmp/g /tmp/f; done"],
    ["a pipe nobody reads", "yes | sleep 1000"],
    ["a text that doubles", "x=a; while true; do x=$x$x; done"],
    ["a long list", "for i in $(seq 1 100000); do :; done"],
    ["a script that runs itself", "echo 'sh /tmp/s' > /tmp/s; sh /tmp/s"],
    ["yes into a file", "yes > /tmp/f"],
    ["find / and read everything", "find / -type f -exec cat {} + > /dev/null"],
  ])("%s", (_, script) => {
    const lab = new ContainerLab();
    const id = lab.start("busybox", { command: ["sh", "-c", script] });
    const before = lab.clock.eventCount;
    lab.run(20);
    expect(lab.clock.eventCount - before).toBeLessThan(200_000);
    expect(lab.log(id).length).toBeLessThan(2 << 20);
    lab.runtime.kill(id, "SIGKILL");
    lab.run(1);
    expect(lab.info(id).state).toBe("Exited");
  });
});

describe("any script", () => {
  const word = fc.constantFrom("a", "$x", '"$x"', "$((1+2))", "$(echo s)", "`echo t`", "*", "~", "'q r'", "${x:-d}", "${x%a}", "\\$", "{1,2}", "$@", "$?", "<<<", "\"$(", "${", "$((", "[[", "]]");
  const command = fc.constantFrom("echo", "true", "false", "cat", "test", "[", "read", "export", "cd", "sleep 0", "printf %s", "ls", "grep a", "sed s/a/b/", "awk '{print}'", "exit", "shift", "set -e", "eval", "nosuch", "kill -0", "wait", "trap", "local", "return", "break", "unset", ".", "exec", "expr", "head -1", "tr a b", "sort", "cut -f1", "find /tmp", "xargs", "date", "seq 2");
  const glue = fc.constantFrom(";", "&&", "||", "|", "&", "\n", "; then", "; do", "; done", "; fi", "(", ")", "{ ", "; }", "if ", "while ", "for i in ", "case x in ", ") ;;", " esac", ">", "<", ">>", "2>&1", "<<E\n", "!", "#", "'", '"');
  const script = fc.array(fc.oneof(fc.tuple(command, fc.array(word, { maxLength: 3 })).map(([c, words]) => [c, ...words].join(" ")), glue), { minLength: 1, maxLength: 10 }).map((parts) => parts.join(" "));

  test.each(["busybox", "debian", "bash"])("ends or can be killed, and breaks nothing: %s", (image) => {
    const lab = new ContainerLab();
    const shell = image === "bash" ? "bash" : "sh";
    fc.assert(fc.property(script, (text) => {
      const id = lab.start(image, { command: [shell, "-c", text] });
      lab.run(3);
      lab.runtime.kill(id, "SIGKILL");
      lab.run(0.1);
      expect(lab.info(id).state).toBe("Exited");
      lab.runtime.removePodSandbox(lab.info(id).sandboxId);
    }), { numRuns: 400 });
  });

  test("any text at all", () => {
    const lab = new ContainerLab();
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const id = lab.start("busybox", { command: ["sh", "-c", text] });
      lab.run(1);
      lab.runtime.removePodSandbox(lab.info(id).sandboxId);
    }), { numRuns: 500 });
  });
});
