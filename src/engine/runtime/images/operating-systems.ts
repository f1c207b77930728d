import { alpineFiles, alpineLayer, ALPINE_LATEST, alpineVersion } from "./bases/alpine.ts";
import { busyboxFiles, busyboxLayer } from "./bases/busybox.ts";
import { debianFiles, debianLayer, type DebianRelease, RELEASES } from "./bases/debian.ts";
import type { ImageDefinition, ImageVariant } from "./image-definition.ts";
import { splitTag, versionOf } from "./versions.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const BUSYBOX_PATCHES = { "1.21": 0, "1.22": 0, "1.23": 2, "1.24": 2, "1.25": 1, "1.26": 2, "1.27": 2, "1.28": 4, "1.29": 3, "1.30": 1, "1.31": 1, "1.32": 1, "1.33": 1, "1.34": 1, "1.35": 0, "1.36": 1, "1.37": 0 };

function busyboxVariant(tag: string): ImageVariant | undefined {
  const [head, libc] = splitTag(tag);
  if (libc !== "" && !/^(uclibc|glibc|musl)$/.test(libc)) return undefined;
  const version = /^(uclibc|glibc|musl)$/.test(head) ? "1.37.0" : versionOf(head, BUSYBOX_PATCHES, { latest: "1.37", stable: "1.37", unstable: "1.37" });
  if (version === undefined) return undefined;
  return { version, layers: [busyboxLayer(version)], cmd: ["sh"], env: [["PATH", PATH]], resolver: libc === "musl" || head === "musl" ? "musl" : "glibc", files: () => busyboxFiles(version).build() };
}

export const busybox: ImageDefinition = {
  repositories: ["docker.io/library/busybox", "registry.k8s.io/busybox", "k8s.gcr.io/busybox", "gcr.io/google_containers/busybox", "gcr.io/google-containers/busybox", "registry.k8s.io/e2e-test-images/busybox", "public.ecr.aws/docker/library/busybox", "quay.io/quay/busybox", "mirror.gcr.io/library/busybox"],
  variant: busyboxVariant,
};

/** busybox with curl, for people who want both. */
export const busyboxplus: ImageDefinition = {
  repositories: ["docker.io/radial/busyboxplus"],
  variant: (tag) => (/^(latest|curl|git|base)$/.test(tag) ? { version: tag, layers: [{ name: `busyboxplus:${tag}`, bytes: 4_200_000 }], cmd: ["/bin/sh"], files: () => busyboxFiles("1.22.1").binary("usr/bin/curl", "curl", "plain", "7.30.0").build() } : undefined),
};

export const alpine: ImageDefinition = {
  repositories: ["docker.io/library/alpine", "public.ecr.aws/docker/library/alpine", "mirror.gcr.io/library/alpine"],
  variant(tag) {
    const version = alpineVersion(tag);
    return version === undefined ? undefined : { version, layers: [alpineLayer(version)], cmd: ["/bin/sh"], env: [["PATH", PATH]], resolver: "musl", files: () => alpineFiles(version).build() };
  },
};

function releaseVariant(release: DebianRelease | undefined, command: string): ImageVariant | undefined {
  return release === undefined ? undefined : { version: release.version, layers: [debianLayer(release)], cmd: [command], env: [["PATH", PATH]], files: () => debianFiles(release).build() };
}

const DEBIAN_TAGS: Readonly<Record<string, keyof typeof RELEASES>> = {
  latest: "trixie", stable: "trixie", oldstable: "bookworm", oldoldstable: "bullseye", trixie: "trixie", "13": "trixie", bookworm: "bookworm", "12": "bookworm", bullseye: "bullseye", "11": "bullseye", buster: "buster", "10": "buster", stretch: "stretch", "9": "stretch",
};

export const debian: ImageDefinition = {
  repositories: ["docker.io/library/debian", "public.ecr.aws/docker/library/debian", "mirror.gcr.io/library/debian"],
  variant: (tag) => releaseVariant(RELEASES[DEBIAN_TAGS[tag.replace(/-(slim|backports|\d{8})(-slim)?$/, "").replace(/^(\d+)\.\d+$/, "$1")] ?? ("none" as keyof typeof RELEASES)], "bash"),
};

const UBUNTU_TAGS: Readonly<Record<string, keyof typeof RELEASES>> = { latest: "noble", noble: "noble", "24.04": "noble", jammy: "jammy", "22.04": "jammy", focal: "focal", "20.04": "focal", bionic: "bionic", "18.04": "bionic" };

export const ubuntu: ImageDefinition = {
  repositories: ["docker.io/library/ubuntu", "public.ecr.aws/docker/library/ubuntu", "public.ecr.aws/ubuntu/ubuntu", "mirror.gcr.io/library/ubuntu"],
  variant: (tag) => releaseVariant(RELEASES[UBUNTU_TAGS[tag.replace(/-\d{8}$/, "")] ?? ("none" as keyof typeof RELEASES)], "/bin/bash"),
};

const BASH_PATCHES = { "3.2": 57, "4.4": 23, "5.0": 18, "5.1": 16, "5.2": 37, "5.3": 3 };

/** Source: docker-library/bash: alpine, with bash under /usr/local/bin. */
export const bash: ImageDefinition = {
  repositories: ["docker.io/library/bash"],
  variant(tag) {
    const [head] = splitTag(tag);
    const version = versionOf(head, BASH_PATCHES, { latest: "5", devel: "5" });
    if (version === undefined) return undefined;
    return {
      version, layers: [alpineLayer(ALPINE_LATEST), { name: `bash:${version}`, bytes: 2_600_000 }], entrypoint: ["docker-entrypoint.sh"], cmd: ["bash"], env: [["PATH", PATH], ["_BASH_VERSION", version]], resolver: "musl",
      files: () => alpineFiles(ALPINE_LATEST).binary("usr/local/bin/bash", "bash", "bash", version).text("usr/local/bin/docker-entrypoint.sh", '#!/usr/bin/env bash\nset -Eeuo pipefail\n\nif [ "$#" -eq 0 ] || [ "${1#-}" != "$1" ]; then\n\tset -- bash "$@"\nfi\n\nexec "$@"\n', 0o755).build(),
    };
  },
};

/** The Red Hat family: GNU tools, bash as sh. */
const redHat = (repositories: readonly string[], name: string, id: string, latest: string, tags: RegExp, bytes: number): ImageDefinition => ({
  repositories,
  variant: (tag) =>
    tags.test(tag)
      ? {
          version: tag === "latest" ? latest : tag,
          layers: [{ name: `${id}:${tag}`, bytes }],
          cmd: ["/bin/bash"],
          files: () =>
            debianFiles(RELEASES.bookworm)
              .text("etc/os-release", `NAME="${name}"\nVERSION="${tag === "latest" ? latest : tag}"\nID="${id}"\nVERSION_ID="${tag === "latest" ? latest : tag}"\nPRETTY_NAME="${name} ${tag === "latest" ? latest : tag}"\n`)
              .remove("etc/debian_version").remove("usr/bin/apt-get").remove("usr/bin/apt").remove("usr/bin/apt-cache").remove("usr/bin/dpkg").remove("usr/bin/dash").remove("usr/bin/sh")
              .binary("usr/bin/sh", "bash", "bash", "5.2.26").binary("usr/bin/curl", "curl", "plain", "8.5.0").binary("usr/bin/dnf", "not-implemented").binary("usr/bin/yum", "not-implemented").build(),
        }
      : undefined,
});

export const amazonlinux = redHat(["docker.io/library/amazonlinux", "public.ecr.aws/amazonlinux/amazonlinux"], "Amazon Linux", "amzn", "2023", /^(latest|1|2|2023|2\.0\.\d+\.\d|2023\.[\d.]+)$/, 52_000_000);
export const fedora = redHat(["docker.io/library/fedora", "quay.io/fedora/fedora"], "Fedora Linux", "fedora", "42", /^(latest|rawhide|(3\d|4[0-3]))$/, 60_000_000);
export const centos = redHat(["docker.io/library/centos", "quay.io/centos/centos"], "CentOS Linux", "centos", "8", /^(latest|[678](\.\d+)*|centos[678]|stream(8|9|10))$/, 76_000_000);
export const rocky = redHat(["docker.io/library/rockylinux", "docker.io/library/almalinux", "docker.io/library/oraclelinux"], "Rocky Linux", "rocky", "9.3", /^(latest|[789](\.\d+)*|[789]-(slim|minimal))$/, 66_000_000);

/** An image without a command: creating a container of it fails. */
export const noCommand: ImageDefinition = {
  repositories: ["docker.io/mstormo/suse"],
  variant: (tag) => (tag === "latest" ? { version: tag, layers: [{ name: "suse:latest", bytes: 48_000_000 }], files: () => debianFiles(RELEASES.stretch).build() } : undefined),
};

