import fc from "fast-check";
import { expect, test } from "vitest";
import { invalidImageNameMessage, parseImageReference } from "./reference.ts";

// Cases of distribution/reference, normalize_test.go and reference_test.go, and of images.md.
test.each([
  ["nginx", "docker.io/library/nginx:latest"],
  ["nginx:1.27", "docker.io/library/nginx:1.27"],
  ["library/nginx", "docker.io/library/nginx:latest"],
  ["docker.io/nginx", "docker.io/library/nginx:latest"],
  ["index.docker.io/nginx", "docker.io/library/nginx:latest"],
  ["user/app:v1", "docker.io/user/app:v1"],
  ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"],
  ["localhost:5000/x/y", "localhost:5000/x/y:latest"],
  ["localhost/x", "localhost/x:latest"],
  ["gcr.io/google-samples/hello-app:2.0", "gcr.io/google-samples/hello-app:2.0"],
  ["a.b:5000/c_d/e__f/g-h:T_a.g-1", "a.b:5000/c_d/e__f/g-h:T_a.g-1"],
  [`busybox@sha256:${"a".repeat(64)}`, `docker.io/library/busybox@sha256:${"a".repeat(64)}`],
  [`busybox:1.36@sha256:${"b".repeat(64)}`, `docker.io/library/busybox@sha256:${"b".repeat(64)}`],
])("%s is %s", (text, canonical) => {
  const reference = parseImageReference(text);
  expect(reference.ok && reference.value.canonical).toBe(canonical);
});

test.each([
  ["NGINX", "invalid reference format: repository name (library/NGINX) must be lowercase"],
  ["$YOUR_PRIVATE_IMAGE", "invalid reference format: repository name (library/$YOUR_PRIVATE_IMAGE) must be lowercase"],
  ["<your-private-image>", "invalid reference format"],
  ["gcr.io/<project>/job-wq-1", "invalid reference format"],
  ["eu.gcr.io/container-solutions-workshops//backend", "invalid reference format"],
  ["a:b:c", "invalid reference format"],
  ["nginx:", "invalid reference format"],
  [":latest", "invalid reference format"],
  ["nginx:la test", "invalid reference format"],
  ["-nginx", "invalid reference format"],
  ["ngi--nx_", "invalid reference format"],
  ["nginx@sha256:123", "invalid reference format"],
  ["f".repeat(64), `invalid repository name (${"f".repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  [`x/${"a".repeat(250)}`, "repository name must not be more than 255 characters"],
])("%s: %s", (text, problem) => {
  const reference = parseImageReference(text);
  expect(reference.ok ? reference.value.canonical : reference.error).toBe(problem);
});

test("the kubelet's message", () => {
  expect(invalidImageNameMessage("a:b:c", "invalid reference format")).toBe(`Failed to apply default image tag "a:b:c": couldn't parse image name "a:b:c": invalid reference format`);
});

test("any text gets an answer, and what was accepted is accepted again", () => {
  fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => {
    const reference = parseImageReference(text);
    if (reference.ok) expect(parseImageReference(reference.value.canonical)).toEqual(reference);
  }));
});
