import { expect, test } from "vitest";
import { applyDefaultImageTag } from "./image-name.ts";

test.each([
  ["root", "root:latest"], ["root:tag", "root:tag"], ["nginx", "nginx:latest"], ["docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"], ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"],
  ["localhost:5000/app", "localhost:5000/app:latest"], ["quay.io/org/sub/app", "quay.io/org/sub/app:latest"],
  [`root@sha256:${"e3".repeat(32)}`, `root@sha256:${"e3".repeat(32)}`],
])("TestApplyDefaultImageTag %s", (image, expected) => expect(applyDefaultImageTag(image)).toEqual({ ok: true, name: expected }));

test.each([
  ["a:b:c", "invalid reference format"], ["$YOUR_PRIVATE_IMAGE", "invalid reference format: repository name (library/$YOUR_PRIVATE_IMAGE) must be lowercase"], ["Nginx:UPPER CASE", "invalid reference format: repository name (library/Nginx) must be lowercase"], ["nginx:UPPER CASE", "invalid reference format"], ["<your-private-image>", "invalid reference format"],
  ["eu.gcr.io/container-solutions-workshops//backend", "invalid reference format"], ["gcr.io/<project>/job-wq-1", "invalid reference format"], ["nginx: latest", "invalid reference format"], [" nginx", "invalid reference format"],
  ["Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"], ["docker.io/MyOrg/app:1", "invalid reference format: repository name (MyOrg/app) must be lowercase"],
  ["ab".repeat(32), `invalid repository name (${"ab".repeat(32)}), cannot specify 64-byte hexadecimal strings`],
])("%s is no image name", (image, why) => expect(applyDefaultImageTag(image)).toEqual({ ok: false, error: `couldn't parse image name ${JSON.stringify(image)}: ${why}` }));
