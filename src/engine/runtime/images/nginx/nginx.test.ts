import { describe, expect, test } from "vitest";
import { ContainerLab } from "../../../testing/container-lab.ts";
import type { ContainerConfig, Volume } from "../../contracts.ts";
import { parseNginxConfig } from "./config.ts";

const volume = (files: Readonly<Record<string, string>>): Volume => ({ name: "v", files: new Map(Object.entries(files).map(([path, content]) => [path, { content, mode: 0o644, modifiedUs: 0 as never }])) });

/** An nginx and somebody who asks it. */
function site(config: Partial<ContainerConfig> = {}, image = "nginx:1.29.1"): { lab: ContainerLab; id: string; curl: (...args: string[]) => string } {
  const lab = new ContainerLab();
  const sandbox = lab.sandbox({ podName: "web" });
  const id = lab.start(image, config, sandbox);
  const client = lab.start("curlimages/curl", { command: ["sleep", "100000"], name: "client" }, lab.sandbox({ podName: "client" }));
  lab.network.names.set("web", sandbox.ip);
  lab.run(1);
  return { lab, id, curl: (...args) => { const { stdout, stderr } = lab.exec(client, ["curl", "-s", ...args]); return stdout + stderr; } };
}
const withConfig = (text: string, more: Partial<ContainerConfig> = {}): ReturnType<typeof site> => site({ mounts: [{ path: "/etc/nginx/conf.d", volume: volume({ "default.conf": text }), subPath: "", readOnly: true }], ...more });
const ERROR_404 = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.29.1</center>\r\n</body>\r\n</html>\r\n";

describe("as it comes", () => {
  test("GET / is the welcome page with nginx' headers", () => {
    const { curl } = site();
    const [head = "", body = ""] = curl("-i", "http://web/").split("\r\n\r\n");
    expect(head.split("\r\n")).toEqual(["HTTP/1.1 200 OK", "Server: nginx/1.29.1", expect.stringMatching(/^Date: Thu, 01 Jan 2026 00:00:\d\d GMT$/), "Content-Type: text/html", "Content-Length: 615", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT", "Connection: keep-alive", 'ETag: "6955b900-267"', "Accept-Ranges: bytes"]);
    expect([body.length, body.includes("<title>Welcome to nginx!</title>")]).toEqual([615, true]);
  });

  test.each([
    ["any other path", ["http://web/x"], ERROR_404],
    ["HEAD has no body", ["-I", "-o", "/dev/null", "-w", "%{http_code}", "http://web/"], "200"],
    ["POST to a file", ["-X", "POST", "-o", "/dev/null", "-w", "%{http_code}", "http://web/"], "405"],
    ["what the client has already", ["-o", "/dev/null", "-w", "%{http_code}", "-H", 'If-None-Match: "6955b900-267"', "http://web/"], "304"],
    ["..  stays inside", ["http://web/../../etc/passwd"], ERROR_404],
  ])("%s", (_, args, expected) => expect(site().curl(...args)).toBe(expected));

  test("logs requests on standard output and errors on standard error", () => {
    const { lab, id, curl } = site();
    curl("-A", "me", "-e", "http://ref/", "http://web/");
    curl("http://web/nope?q=1");
    expect(lab.log(id, "stdout").split("\n").slice(-3)).toEqual([
      expect.stringMatching(/^10\.42\.1\.3 - - \[01\/Jan\/2026:00:00:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 615 "-" "me" "-"$/),
      expect.stringMatching(/^10\.42\.1\.3 - - \[01\/Jan\/2026:00:00:\d\d \+0000\] "GET \/nope\?q=1 HTTP\/1\.1" 404 153 "-" "curl\/8\.16\.0" "-"$/), "",
    ]);
    expect(lab.log(id, "stderr")).toMatch(/\[error\] 29#29: \*2 open\(\) "\/usr\/share\/nginx\/html\/nope" failed \(2: No such file or directory\), client: 10\.42\.1\.3, server: localhost, request: "GET \/nope\?q=1 HTTP\/1\.1", host: "web"\n$/);
  });

  test("serves what was written into it", () => {
    const { lab, id, curl } = site();
    lab.exec(id, ["bash", "-c", "echo '<h1>mine</h1>' > /usr/share/nginx/html/index.html; mkdir /usr/share/nginx/html/sub"]);
    expect([curl("http://web/"), curl("-o", "/dev/null", "-w", "%{http_code}", "http://web/sub"), curl("-o", "/dev/null", "-w", "%{http_code}", "http://web/sub/")]).toEqual(["<h1>mine</h1>\n", "301", "403"]);
  });

  test.each([
    ["nginx:1.14.2", "612", 0], ["nginx:1.27-alpine", "615", 1], ["nginx:stable", "615", 1],
  ])("%s has a page of %s bytes", (image, bytes, logs) => {
    const { lab, id, curl } = site({}, image);
    expect([curl("-o", "/dev/null", "-w", "%{size_download}", "http://web/"), lab.log(id).includes("Configuration complete")]).toEqual([bytes, logs === 1]);
  });

  test("shows a master and its workers, and answers nginx -s, -t and -v", () => {
    const { lab, id } = site({}, "nginx:alpine");
    expect(lab.exec(id, ["ps"]).stdout).toBe(`PID   USER     TIME  COMMAND\n    1 root      0:00 nginx: master process nginx -g daemon off;\n${[29, 30, 31, 32].map((pid) => `   ${pid} nginx     0:00 nginx: worker process\n`).join("")}   33 root      0:00 ps\n`);
    expect(lab.exec(id, ["nginx", "-t"]).stderr).toBe("nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n");
    expect(lab.exec(id, ["nginx", "-v"]).stderr).toBe("nginx version: nginx/1.29.1\n");
    lab.exec(id, ["sh", "-c", "nginx -s quit; while killall -0 nginx; do sleep 1; done"]);
    expect(lab.info(id)).toMatchObject({ state: "Exited", exitCode: 0 });
  });

  test("as a user of its own listens on 8080", () => {
    const lab = new ContainerLab();
    const id = lab.start("nginxinc/nginx-unprivileged");
    lab.run(1);
    expect([lab.exec(id, ["id", "-u"]).stdout, lab.exec(id, ["curl", "-so", "/dev/null", "-w", "%{http_code}", "localhost:8080"]).stdout, lab.exec(id, ["curl", "localhost:80"]).code]).toEqual(["101\n", "200", 7]);
  });

  test.each([
    [{ runAsUser: 1000 }, /\[emerg\] 1#1: mkdir\(\) "\/var\/cache\/nginx\/client_temp" failed \(13: Permission denied\)/],
    [{ readOnlyRootFilesystem: true }, /\[emerg\] 1#1: mkdir\(\) "\/var\/cache\/nginx\/client_temp" failed \(30: Read-only file system\)/],
  ])("with %j cannot make its directories", (config, problem) => {
    const lab = new ContainerLab();
    const id = lab.start("nginx", config);
    expect(lab.ended(id).exitCode).toBe(1);
    expect(lab.log(id)).toMatch(problem);
  });
});

describe("with a configuration of one's own", () => {
  test.each<readonly [string, string, readonly string[], string]>([
    ["return", 'server { listen 80; location / { return 200 "hi $host\\n"; } location = /health { access_log off; return 204; } }', ["http://web/"], "hi web\n"],
    ["an exact location", "server { location / { return 404; } location = /ok { return 200 'fine'; } }", ["http://web/ok"], "fine"],
    ["the longest prefix", "server { location / { return 200 a; } location /api { return 200 b; } location /api/v1 { return 200 c; } }", ["http://web/api/v1/x"], "c"],
    ["a regular expression before a prefix", "server { location /img { return 200 p; } location ~ \\.png$ { return 200 r; } }", ["http://web/img/x.png"], "r"],
    ["^~ stops the search", "server { location ^~ /img { return 200 p; } location ~ \\.png$ { return 200 r; } }", ["http://web/img/x.png"], "p"],
    ["a redirect", "server { return 301 https://$host$request_uri; }", ["-o", "/dev/null", "-w", "%{http_code}", "http://web/a?b=1"], "301"],
    ["by host name", "server { listen 80 default_server; return 200 d; } server { server_name other; return 200 o; }", ["-H", "Host: other", "http://web/"], "o"],
    ["headers", 'server { location / { add_header X-Pod $hostname; return 200 x; } }', ["-i", "-o", "/tmp/h", "http://web/"], ""],
    ["try_files", "server { root /usr/share/nginx/html; location / { try_files $uri $uri/ /50x.html; } }", ["-o", "/dev/null", "-w", "%{size_download}", "http://web/nothing"], "497"],
    ["if", 'server { location / { if ($request_method = POST) { return 200 posted; } return 200 got; } }', ["-X", "POST", "http://web/"], "posted"],
    ["map-free variables", 'server { location / { return 200 "$arg_a $http_x_y $remote_addr"; } }', ["-H", "X-Y: z", "http://web/?a=1"], "1 z 10.42.1.3"],
    ["an upstream that refuses", "server { location / { proxy_pass http://127.0.0.1:81; } }", ["-o", "/dev/null", "-w", "%{http_code}", "http://web/"], "502"],
    ["stub_status", "server { location /s { stub_status; } }", ["http://web/s"], "Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n"],
  ])("%s", (_, config, args, expected) => expect(withConfig(config).curl(...args)).toBe(expected));

  test("passes requests on", () => {
    const lab = new ContainerLab();
    const backend = lab.sandbox({ podName: "backend" });
    lab.start("registry.k8s.io/e2e-test-images/echoserver:2.3", {}, backend);
    lab.network.names.set("backend", backend.ip);
    const front = lab.start("nginx", { mounts: [{ path: "/etc/nginx/conf.d", volume: volume({ "a.conf": "upstream b { server backend:8080; }\nserver { location /api/ { proxy_pass http://b/; proxy_set_header X-Real-IP $remote_addr; } }" }), subPath: "", readOnly: true }] });
    lab.run(1);
    const answer = lab.exec(front, ["curl", "-s", "localhost/api/x?y=1"]).stdout;
    expect(answer).toContain("real path=/x?y=1");
    expect(answer).toContain("x-real-ip=127.0.0.1");
  });

  test.each([
    ["server { listen 80; foo bar; }", 'unknown directive "foo" in /etc/nginx/conf.d/default.conf:1'],
    ["server {\n  listen 80\n}", 'unexpected "}" in /etc/nginx/conf.d/default.conf:3'],
    ["server {", 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:1'],
    ["server { location / { proxy_pass http://nosuch:80; } }", 'host not found in upstream "nosuch" in /etc/nginx/conf.d/default.conf:1'],
    ["server { location / { proxy_pass nosuch; } }", "invalid URL prefix in /etc/nginx/conf.d/default.conf:1"],
    ["server { listen nope:x; }", 'invalid port in "nope:x" of the "listen" directive in /etc/nginx/conf.d/default.conf:1'],
  ])("%s does not start", (config, problem) => {
    const { lab, id } = withConfig(config);
    expect(lab.ended(id, 10).exitCode).toBe(1);
    expect(lab.log(id).split("\n").at(-2)).toBe(`nginx: [emerg] ${problem}`);
  });

  test("reloads, and keeps the old one when the new one is wrong", () => {
    const { lab, id, curl } = site();
    const write = (text: string): unknown => lab.exec(id, ["sh", "-c", `cat > /etc/nginx/conf.d/default.conf; nginx -s reload`], text);
    write("server { return 200 one; }");
    lab.run(1);
    expect(curl("http://web/")).toBe("one");
    write("server { nonsense; }");
    lab.run(1);
    expect([curl("http://web/"), lab.log(id).includes('[emerg] 1#1: unknown directive "nonsense"')]).toEqual(["one", true]);
  });
});

test("templates are filled in from the environment", () => {
  const { curl } = site({ env: [{ name: "NAME", value: "you" }], mounts: [{ path: "/etc/nginx/templates", volume: volume({ "default.conf.template": "server { return 200 'hello ${NAME} $host'; }" }), subPath: "", readOnly: true }] });
  expect(curl("http://web/")).toBe("hello you web");
});

test.each(["", "a;", "{", "}", "a { b; } c", "a 'x", "# only", "server { # x }\n}"])("parsing %j gives an answer", (text) => {
  expect(typeof parseNginxConfig(text, "f").ok).toBe("boolean");
});
