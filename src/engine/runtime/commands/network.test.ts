import { describe, expect, test } from "vitest";
import { ContainerLab, type Ran } from "../../testing/container-lab.ts";

/** A web server called "web" (10.42.1.2), a hole at 10.42.9.9, and a client to type in. */
function lab(image = "busybox:1.37.0"): { run: (...argv: string[]) => Ran; lab: ContainerLab; client: string } {
  const world = new ContainerLab();
  const sandbox = world.sandbox({ podName: "web" });
  world.start("nginx:1.29.1", {}, sandbox);
  const client = world.start(image, { command: ["sleep", "1000000"] }, world.sandbox({ podName: "client" }));
  world.network.names.set("web.default.svc.cluster.local", sandbox.ip);
  world.network.names.set("kubernetes.default.svc.cluster.local", "10.96.0.1");
  world.run(1);
  return { lab: world, client, run: (...argv) => world.exec(client, argv) };
}

describe("busybox wget", () => {
  test.each<readonly [readonly string[], Ran | RegExp]>([
    [["-qO-", "http://web/nope"], { code: 1, stdout: "", stderr: "wget: server returned error: HTTP/1.1 404 Not Found\n" }],
    [["-qO-", "nosuch"], { code: 1, stdout: "", stderr: "wget: bad address 'nosuch'\n" }],
    [["-qO-", "http://nosuch:81/x"], { code: 1, stdout: "", stderr: "wget: bad address 'nosuch:81'\n" }],
    [["http://10.42.1.2:81"], { code: 1, stdout: "", stderr: "Connecting to 10.42.1.2:81 (10.42.1.2:81)\nwget: can't connect to remote host (10.42.1.2): Connection refused\n" }],
    [["-T", "2", "-qO-", "http://10.42.9.9"], { code: 1, stdout: "", stderr: "wget: download timed out\n" }],
    [["-qO-", "http://10.42.9.9"], { code: 1, stdout: "", stderr: "wget: can't connect to remote host (10.42.9.9): Connection timed out\n" }],
    [["--spider", "http://web"], { code: 0, stdout: "", stderr: "Connecting to web (10.42.1.2:80)\nremote file exists\n" }],
    [["-O", "/tmp/page", "http://web"], { code: 0, stdout: "", stderr: "Connecting to web (10.42.1.2:80)\nsaving to '/tmp/page'\npage                 100% |********************************|   615  0:00:00 ETA\n'/tmp/page' saved\n" }],
    [["ftp://web"], { code: 1, stdout: "", stderr: "wget: not an http or ftp url: ftp://web\n" }],
  ])("wget %j", (args, expected) => expect(lab().run("wget", ...args)).toEqual(expected));

  test("saves under the last part of the path, and does not write over a file", () => {
    const { run } = lab();
    expect(run("sh", "-c", "cd /tmp; wget -q http://web; ls; wget -q http://web; wget -S -qO- http://web 2>&1 | head -3")).toEqual({ code: 0, stdout: expect.stringMatching(/^index\.html\n {2}HTTP\/1\.1 200 OK\n {2}Server: nginx\/1\.29\.1\n {2}Date: /) as unknown as string, stderr: "wget: can't open 'index.html': File exists\n" });
  });
});

describe("curl", () => {
  test.each<readonly [readonly string[], Ran]>([
    [["-s", "http://nosuch"], { code: 6, stdout: "", stderr: "" }],
    [["-sS", "nosuch"], { code: 6, stdout: "", stderr: "curl: (6) Could not resolve host: nosuch\n" }],
    [["-sS", "http://10.42.1.2:81"], { code: 7, stdout: "", stderr: "curl: (7) Failed to connect to 10.42.1.2 port 81 after 0 ms: Could not connect to server\n" }],
    [["-sS", "-m", "3", "http://10.42.9.9"], { code: 28, stdout: "", stderr: "curl: (28) Connection timed out after 3000 milliseconds\n" }],
    [["-sS", "--connect-timeout", "2", "http://10.42.9.9"], { code: 28, stdout: "", stderr: "curl: (28) Connection timed out after 2000 milliseconds\n" }],
    [["-sSf", "http://web/nope"], { code: 22, stdout: "", stderr: "curl: (22) The requested URL returned error: 404\n" }],
    [["-so", "/dev/null", "-w", "%{http_code} %{size_download} %{content_type}\\n", "http://web"], { code: 0, stdout: "200 615 text/html\n", stderr: "" }],
    [["-so", "/dev/null", "-w", "%{http_code}\\n", "nosuch"], { code: 6, stdout: "000\n", stderr: "" }],
    [["-sS", "ftp://web"], { code: 1, stdout: "", stderr: 'curl: (1) Protocol "ftp" not supported\n' }],
    [["-sS", "http://web:99999/"], { code: 3, stdout: "", stderr: "curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n" }],
    [[], { code: 2, stdout: "", stderr: "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n" }],
    [["--nonsense"], { code: 2, stdout: "", stderr: "curl: option --nonsense: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n" }],
  ])("curl %j", (args, expected) => expect(lab("curlimages/curl").run("curl", ...args)).toEqual(expected));

  test("-v tells what it does, -i shows the headers, and its meter goes to standard error", () => {
    const { run } = lab("curlimages/curl");
    const verbose = run("curl", "-sv", "-o", "/dev/null", "http://web/x?y").stderr.split("\n");
    expect(verbose.slice(0, 13)).toEqual(["* Host web:80 was resolved.", "* IPv6: (none)", "* IPv4: 10.42.1.2", "*   Trying 10.42.1.2:80...", "* Connected to web (10.42.1.2) port 80", "* using HTTP/1.x", "> GET /x?y HTTP/1.1", "> Host: web", "> User-Agent: curl/8.16.0", "> Accept: */*", "> ", "* Request completely sent off", "< HTTP/1.1 404 Not Found"]);
    expect(run("curl", "-sI", "http://web").stdout).toMatch(/^HTTP\/1\.1 200 OK\r\nServer: nginx\/1\.29\.1\r\nDate: .*\r\nContent-Type: text\/html\r\nContent-Length: 615\r\n/);
    expect(run("curl", "http://web").stderr).toMatch(/^ {2}% Total {4}% Received % Xferd {2}Average Speed[^]*100 {3}615 {2}100 {3}615/);
  });
});

describe("nslookup", () => {
  test.each<readonly [string, readonly string[], Ran]>([
    ["busybox:1.28", ["kubernetes"], { code: 0, stdout: "Server:    10.96.0.10\nAddress 1: 10.96.0.10\n\nName:      kubernetes\nAddress 1: 10.96.0.1\n", stderr: "" }],
    ["busybox:1.28", ["nosuch"], { code: 1, stdout: "Server:    10.96.0.10\nAddress 1: 10.96.0.10\n\n", stderr: "nslookup: can't resolve 'nosuch'\n" }],
    ["busybox:1.37.0", ["kubernetes.default.svc.cluster.local"], { code: 0, stdout: "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n\n\n", stderr: "" }],
    ["busybox:1.37.0", ["kubernetes.default"], { code: 1, stdout: "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find kubernetes.default: NXDOMAIN\n\n** server can't find kubernetes.default: NXDOMAIN\n\n", stderr: "" }],
    ["registry.k8s.io/e2e-test-images/jessie-dnsutils:1.3", ["kubernetes.default"], { code: 0, stdout: "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n\n", stderr: "" }],
    ["registry.k8s.io/e2e-test-images/jessie-dnsutils:1.3", ["nosuch"], { code: 1, stdout: "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find nosuch: NXDOMAIN\n\n", stderr: "" }],
  ])("%s nslookup %j", (image, args, expected) => expect(lab(image).run("nslookup", ...args)).toEqual(expected));

  test("of a short name asks every search domain in newer busybox, and fails if one does not know it", () => {
    const { code, stdout } = lab().run("nslookup", "kubernetes");
    expect([code, stdout.match(/can't find \S+/g)]).toEqual([1, Array.from({ length: 2 }, () => ["can't find kubernetes.svc.cluster.local:", "can't find kubernetes.cluster.local:"]).flat()]);
  });
});

test("dig asks for the name as it is, and +search walks the list", () => {
  const { run } = lab("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.3");
  expect([run("dig", "+short", "kubernetes.default.svc.cluster.local").stdout, run("dig", "+short", "kubernetes").stdout, run("dig", "+search", "+short", "kubernetes").stdout]).toEqual(["10.96.0.1\n", "", "10.96.0.1\n"]);
  expect(run("dig", "kubernetes.default.svc.cluster.local").stdout).toMatch(/;; ->>HEADER<<- opcode: QUERY, status: NOERROR[^]*;; ANSWER SECTION:\nkubernetes\.default\.svc\.cluster\.local\.\t30\tIN\tA\t10\.96\.0\.1\n/);
  expect(run("dig", "nosuch").stdout).toContain("status: NXDOMAIN");
});

test.each<readonly [readonly string[], Ran]>([
  [["ping", "-c", "2", "web"], { code: 0, stdout: "PING web (10.42.1.2): 56 data bytes\n64 bytes from 10.42.1.2: seq=0 ttl=64 time=0.200 ms\n64 bytes from 10.42.1.2: seq=1 ttl=64 time=0.200 ms\n\n--- web ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = 0.200/0.200/0.200 ms\n", stderr: "" }],
  [["ping", "-c", "1", "-W", "1", "10.42.9.9"], { code: 1, stdout: "PING 10.42.9.9 (10.42.9.9): 56 data bytes\n\n--- 10.42.9.9 ping statistics ---\n1 packets transmitted, 0 packets received, 100% packet loss\n", stderr: "" }],
  [["ping", "nosuch"], { code: 1, stdout: "", stderr: "ping: bad address 'nosuch'\n" }],
  [["nc", "-zv", "web", "80"], { code: 0, stdout: "", stderr: "web (10.42.1.2:80) open\n" }],
  [["nc", "-zv", "web", "81"], { code: 1, stdout: "", stderr: "nc: web (10.42.1.2:81): Connection refused\n" }],
  [["nc", "-zv", "-w", "1", "10.42.9.9", "81"], { code: 1, stdout: "", stderr: "nc: 10.42.9.9 (10.42.9.9:81): Connection timed out\n" }],
  [["nc", "-zv", "nosuch", "81"], { code: 1, stdout: "", stderr: "nc: bad address 'nosuch'\n" }],
  [["telnet", "web", "81"], { code: 1, stdout: "", stderr: "telnet: can't connect to remote host (10.42.1.2): Connection refused\n" }],
  [["sh", "-c", "printf 'GET / HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n' | nc web 80 | head -1"], { code: 0, stdout: "HTTP/1.1 200 OK\r\n", stderr: "" }],
])("%j", (argv, expected) => expect(lab().run(...argv)).toEqual(expected));

test("nc -l takes one connection and passes it on both ways", () => {
  const { lab: world, client } = lab();
  const server = world.start("busybox", { command: ["sh", "-c", "echo from server | nc -l -p 9000; echo closed"] });
  world.run(0.5);
  expect(world.exec(client, ["sh", "-c", "echo from client | nc 10.42.1.4 9000"]).stdout).toBe("from server\n");
  world.run(1);
  expect(world.log(server)).toBe("from client\nclosed\n");
});

test.each([
  ["alpine", ["apk", "add", "curl"], 1, "ERROR: unable to select packages:\n  curl (no such package):\n    required by: world[curl]\n"],
  ["debian", ["apt-get", "install", "-y", "curl"], 100, "E: Unable to locate package curl\n"],
  ["debian", ["apt-get", "update"], 0, "W: Some index files failed to download."],
])("%s %j says that there is no way out", (image, argv, code, text) => {
  const result = lab(image).run(...argv);
  expect([result.code, (result.stdout + result.stderr).includes(text)]).toEqual([code, true]);
});

test("getent knows hosts, users and groups", () => {
  const { run } = lab("debian");
  expect([run("getent", "hosts", "web").stdout, run("getent", "hosts", "nosuch").code, run("getent", "passwd", "root").stdout]).toEqual(["10.42.1.2       web.default.svc.cluster.local\n", 2, "root:x:0:0:root:/root:/bin/bash\n"]);
});
