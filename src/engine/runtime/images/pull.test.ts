import { describe, expect, test } from "vitest";
import { ContainerLab } from "../../testing/container-lab.ts";
import type { PullProgress } from "../contracts.ts";
import { rpcErrorText } from "./registry-model.ts";

const pullError = (image: string): string => {
  const result = new ContainerLab().pull(image);
  return result.ok ? `ok ${result.value.name}` : rpcErrorText(result.error);
};
const unresolved = (name: string): string => `failed to pull and unpack image "${name}": failed to resolve reference "${name}": `;
const DENIED = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";

describe("what a registry does not have", () => {
  test.each([
    ["nginx:nope", `rpc error: code = NotFound desc = ${unresolved("docker.io/library/nginx:nope")}docker.io/library/nginx:nope: not found`],
    ["nginx:1.161", `rpc error: code = NotFound desc = ${unresolved("docker.io/library/nginx:1.161")}docker.io/library/nginx:1.161: not found`],
    ["busybox:1.999", `rpc error: code = NotFound desc = ${unresolved("docker.io/library/busybox:1.999")}docker.io/library/busybox:1.999: not found`],
    ["registry.k8s.io/no-such-thing:v1", `rpc error: code = NotFound desc = ${unresolved("registry.k8s.io/no-such-thing:v1")}registry.k8s.io/no-such-thing:v1: not found`],
    ["rediss", `rpc error: code = Unknown desc = ${unresolved("docker.io/library/rediss:latest")}${DENIED}`],
    ["my-app-image:1.0.0", `rpc error: code = Unknown desc = ${unresolved("docker.io/library/my-app-image:1.0.0")}${DENIED}`],
    ["registry.example/example-image:v1", `rpc error: code = Unknown desc = ${unresolved("registry.example/example-image:v1")}failed to do request: Head "https://registry.example/v2/example-image/manifests/v1": dial tcp: lookup registry.example: no such host`],
    ["localhost:5000/app:v1", `rpc error: code = Unknown desc = ${unresolved("localhost:5000/app:v1")}failed to do request: Head "http://localhost:5000/v2/app/manifests/v1": dial tcp 127.0.0.1:5000: connect: connection refused`],
    ["gcr.io/myproject/job-wq-2", `rpc error: code = Unknown desc = ${unresolved("gcr.io/myproject/job-wq-2:latest")}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://gcr.io/v2/token?scope=repository%3Amyproject%2Fjob-wq-2%3Apull&service=gcr.io: 403 Forbidden`],
  ])("%s", (image, text) => expect(pullError(image)).toBe(text));

  // images.md, "Images that must not be made to work".
  test.each([
    "registry.example/example-image", "my-app-image", "my-docker-repo/my-app", "batch-image", "example-image", "gcr.io/my-gcp-project/my-kube-scheduler", "gcr.io/myproject/job-wq-2", "images.my-company.example/app", "images.my-company.example/log-aggregator",
    "imiell/bad-dockerfile-private", "me/my-private-image", "ml-image", "my-custom-app", "my-grpc-service", "my-special-worker-image", "myimage", "non-existing-repo/non-existing-image", "rediss", "registry.example/example-vector-add",
    "some-image-that-deploys-to-k8s", "training-image", "your_docker_repo/my-k8s-app", "adservice", "cartservice", "checkoutservice", "currencyservice", "emailservice", "frontend", "loadgenerator", "paymentservice", "productcatalogservice", "recommendationservice", "shippingservice",
  ])("%s fails", (image) => expect(pullError(image)).toMatch(/^rpc error/));
});

test.each([
  "nginx", "nginx:1.14.2", "nginx:alpine", "nginx:stable-alpine", "nginx:1.16-alpine", "nginx:1.7.9", "nginx:1.27.3-bookworm", "busybox", "busybox:1.28", "busybox:1.37.0", "busybox:musl", "registry.k8s.io/busybox:1.27.2", "alpine:3", "alpine:3.18", "ubuntu:24.04", "ubuntu:jammy", "debian", "debian:stable",
  "debian:12-slim", "bash:5", "redis", "redis:alpine", "redis:8.0.2", "redis:7.2", "mysql:5.7", "mysql:9", "postgres:15-alpine", "postgres:12", "mongo:6.0.2-focal", "mongo:4.2", "rabbitmq:4.3.2-management-alpine", "perl:5.34.0", "python:3", "httpd:2.4-alpine", "registry.k8s.io/pause:3.6", "registry.k8s.io/pause:3.10.2",
  "registry.k8s.io/e2e-test-images/agnhost:2.39", "hashicorp/http-echo:0.2.3", "kodekloud/webapp-color:v2", "luksa/kiada:0.4", "gcr.io/google-samples/hello-app:2.0", "nginxdemos/nginx-hello:plain-text", "registry.k8s.io/nginx-slim:0.24", "ghcr.io/stefanprodan/podinfo:6.14.1", "gcr.io/kuar-demo/kuard-amd64:blue",
  "nigelpoulton/k8sbook:1.0", "dockersamples/examplevotingapp_vote", "registry.istio.io/release/examples-bookinfo-details-v1:1.20.3", "ghcr.io/azure-samples/aks-store-demo/order-service:2.2.0", "registry.k8s.io/hpa-example", "stacksimplify/kubenginx:1.0.0", "curlimages/curl:8.16.0", "wordpress:6.2.1-apache", "minio/minio:latest",
  "us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo/frontend:v0.10.6", "quay.io/oauth2-proxy/oauth2-proxy", "kubernetesui/dashboard", "weaveworksdemos/front-end", "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.13.0", "mccutchen/go-httpbin:v2.15.0",
])("%s can be pulled", (image) => expect(pullError(image)).toMatch(/^ok /));

describe("a pull", () => {
  test("takes seconds, tells several times a second how far it is, and ends with everything", () => {
    const lab = new ContainerLab();
    const seen: PullProgress[] = [];
    const result = lab.pull("nginx:1.27", (progress) => seen.push(progress));
    expect(result.ok && result.value).toEqual({ name: "docker.io/library/nginx:1.27", id: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/), sizeBytes: 77_882_979 });
    expect(lab.clock.now()).toSatisfy((us: number) => us > 1e6 && us < 10e6);
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.map((progress) => progress.bytes)).toEqual([...seen.map((progress) => progress.bytes)].sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ bytes: 77_882_979, totalBytes: 77_882_979 });
    expect(seen[0]?.layers.every((layer) => !layer.cached)).toBe(true);
  });

  test("brings only what is missing: layers are shared between images and kept", () => {
    const lab = new ContainerLab();
    lab.pull("nginx:1.25");
    const seen: PullProgress[] = [];
    lab.pull("nginx:1.26", (progress) => seen.push(progress));
    expect(seen[0]?.layers.map((layer) => layer.cached)).toEqual([true, false, false, false, false]);
    const before = lab.clock.now();
    seen.length = 0;
    lab.pull("nginx:1.26", (progress) => seen.push(progress));
    expect(seen).toEqual([]);
    expect(lab.clock.now() - before).toBeLessThan(1e6);
  });

  test("of an image that was removed brings its own layers again, but not those that another image needs", () => {
    const lab = new ContainerLab();
    lab.pull("nginx:1.25");
    lab.pull("nginx:1.26");
    lab.runtime.removeImage("nginx:1.26");
    expect(lab.runtime.imageStatus("nginx:1.26")).toBeUndefined();
    const seen: PullProgress[] = [];
    lab.pull("nginx:1.26", (progress) => seen.push(progress));
    expect(seen[0]?.layers.map((layer) => layer.cached)).toEqual([true, false, false, false, false]);
  });

  test("that was given up ends nothing and keeps nothing", () => {
    const lab = new ContainerLab();
    let done = false;
    const cancel = lab.runtime.pullImage("nginx", () => {}, () => (done = true));
    lab.run(1.2);
    cancel();
    lab.run(60);
    expect([done, lab.runtime.imageStatus("nginx")]).toEqual([false, undefined]);
  });

  test("is found by any of its names, and names whom the image runs as", () => {
    const lab = new ContainerLab();
    lab.pull("nginxinc/nginx-unprivileged");
    expect(lab.runtime.imageStatus("docker.io/nginxinc/nginx-unprivileged:latest")).toMatchObject({ user: "101" });
    expect(lab.runtime.images().map((image) => image.name)).toEqual(["registry.k8s.io/pause:3.10", "docker.io/nginxinc/nginx-unprivileged:latest"]);
  });

  test("by digest takes the digest at its word", () => {
    const digest = `sha256:${"c".repeat(64)}`;
    const result = new ContainerLab().pull(`busybox:1.38.0@${digest}`);
    expect(result.ok && result.value).toMatchObject({ name: `docker.io/library/busybox@${digest}`, id: `docker.io/library/busybox@${digest}` });
  });

  test("is the same on every run of a seed, and another on another seed", () => {
    const time = (seed: number): number => {
      const lab = new ContainerLab({ seed });
      lab.pull("redis");
      return lab.clock.now();
    };
    expect(time(5)).toBe(time(5));
    expect(time(5)).not.toBe(time(6));
  });
});

test("an image without a behaviour is a server on its known port, and says that it stands in", () => {
  const lab = new ContainerLab();
  const id = lab.start("ghcr.io/azure-samples/aks-store-demo/order-service:2.2.0");
  const client = lab.start("busybox", { command: ["sleep", "infinity"] });
  lab.run(1);
  expect(lab.log(id)).toBe("Kubarium: a stand-in runs in place of ghcr.io/azure-samples/aks-store-demo/order-service:2.2.0\nlistening on :3000\n");
  expect(lab.exec(client, ["wget", "-qO-", "http://10.42.1.2:3000/health"])).toEqual({ code: 0, stdout: "order-service on pod-1: GET /health\n", stderr: "" });
});
