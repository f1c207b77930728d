import { busyboxApplets } from "../../commands/families.ts";
import { type FileTable, withDevices } from "../file-table.ts";
import type { LayerSpec } from "../image-definition.ts";

export const ALPINE_LATEST = "3.22.2";

/** Newest patch of each branch. Source: alpinelinux.org/releases. */
const PATCHES: Readonly<Record<string, number>> = {
  "3.3": 3, "3.4": 6, "3.5": 3, "3.6": 5, "3.7": 3, "3.8": 5, "3.9": 6, "3.10": 9, "3.11": 13, "3.12": 12, "3.13": 12, "3.14": 10, "3.15": 11, "3.16": 9, "3.17": 10, "3.18": 12,
  "3.19": 9, "3.20": 8, "3.21": 5, "3.22": 2,
};

/** The full version that a tag like "3", "3.18" or "3.18.4" means. */
export function alpineVersion(tag: string): string | undefined {
  if (tag === "latest" || tag === "3" || tag === "edge") return ALPINE_LATEST;
  const match = /^(3\.\d+)(?:\.(\d+))?$/.exec(tag);
  const newest = PATCHES[match?.[1] ?? ""];
  if (match === null || newest === undefined) return undefined;
  if (match[2] === undefined) return `${match[1]}.${newest}`;
  return Number(match[2]) <= newest ? tag : undefined;
}

export const alpineLayer = (version: string): LayerSpec => ({ name: `alpine:${version}`, bytes: 3_800_000 });

const IN_SBIN = new Set(["apk", "arp", "blkid", "fdisk", "ifconfig", "ip", "losetup", "mdev", "reboot", "route", "swapon", "syslogd", "udhcpc"]);
const IN_BIN = new Set([
  "ash", "base64", "bbconfig", "cat", "chgrp", "chmod", "chown", "cp", "date", "dd", "df", "dmesg", "dumpkmap", "echo", "ed", "egrep", "false", "fgrep", "fsync", "getopt", "grep", "gunzip", "gzip",
  "hostname", "ionice", "kill", "link", "ln", "login", "ls", "mkdir", "mknod", "mktemp", "more", "mount", "mountpoint", "mpstat", "mv", "netstat", "nice", "pidof", "ping", "ping6", "printenv", "ps", "pwd", "rm", "rmdir",
  "rev", "sed", "sh", "sleep", "stat", "stty", "su", "sync", "tar", "touch", "true", "umount", "uname", "usleep", "watch", "zcat",
]);

/** Source: alpine-baselayout, busybox and apk-tools of the minirootfs. */
export function alpineFiles(version: string): FileTable {
  const files = withDevices()
    .text("etc/alpine-release", `${version}\n`)
    .text("etc/os-release", `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux v${version.split(".").slice(0, 2).join(".")}"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n`)
    .text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nguest:x:405:100:guest:/dev/null:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n")
    .text("etc/group", "root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nwheel:x:10:root\nnobody:x:65534:\n")
    .text("etc/shells", "/bin/sh\n/bin/ash\n")
    .text("etc/apk/repositories", `https://dl-cdn.alpinelinux.org/alpine/v${version.split(".").slice(0, 2).join(".")}/main\nhttps://dl-cdn.alpinelinux.org/alpine/v${version.split(".").slice(0, 2).join(".")}/community\n`)
    .dir("home").dir("srv").dir("opt").dir("mnt").dir("media").dir("usr/local/bin").dir("var/log").dir("var/tmp", 0o1777);
  for (const name of ["busybox", ...busyboxApplets()]) {
    const directory = IN_SBIN.has(name) ? "sbin" : IN_BIN.has(name) || name === "busybox" ? "bin" : "usr/bin";
    if (name !== "httpd" && name !== "telnet") files.binary(`${directory}/${name}`, "busybox", "busybox", "1.37.0");
  }
  return files.binary("sbin/apk", "apk", "plain", version).binary("usr/bin/getent", "getent", "plain").binary("bin/ash", "busybox", "busybox", "1.37.0");
}
