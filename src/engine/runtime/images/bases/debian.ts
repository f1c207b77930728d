import { coreutils } from "../../commands/families.ts";
import { type FileTable, withDevices } from "../file-table.ts";
import type { LayerSpec } from "../image-definition.ts";

export interface DebianRelease {
  readonly name: "Debian GNU/Linux" | "Ubuntu";
  readonly id: "debian" | "ubuntu";
  readonly version: string;
  readonly codename: string;
  /** "12 (bookworm)", "24.04.3 LTS (Noble Numbat)" */
  readonly long: string;
  readonly coreutils: string;
  readonly bash: string;
  readonly layerBytes: number;
}

const debian = (version: string, codename: string, coreutilsVersion: string, bash: string, layerBytes: number): DebianRelease => ({ name: "Debian GNU/Linux", id: "debian", version, codename, long: `${version} (${codename})`, coreutils: coreutilsVersion, bash, layerBytes });
const ubuntu = (version: string, point: string, codename: string, animal: string, coreutilsVersion: string, bash: string, layerBytes: number): DebianRelease => ({ name: "Ubuntu", id: "ubuntu", version, codename, long: `${point} LTS (${animal})`, coreutils: coreutilsVersion, bash, layerBytes });

/** Source: docker-library/official-images, library/debian and library/ubuntu; os-release of each. */
export const RELEASES = {
  stretch: debian("9", "stretch", "8.26", "4.4.12", 45_400_000),
  buster: debian("10", "buster", "8.30", "5.0.3", 50_400_000),
  bullseye: debian("11", "bullseye", "8.32", "5.1.4", 53_700_000),
  bookworm: debian("12", "bookworm", "9.1", "5.2.15", 48_480_000),
  trixie: debian("13", "trixie", "9.7", "5.2.37", 49_280_000),
  bionic: ubuntu("18.04", "18.04.6", "bionic", "Bionic Beaver", "8.28", "4.4.20", 25_690_000),
  focal: ubuntu("20.04", "20.04.6", "focal", "Focal Fossa", "8.30", "5.0.17", 27_510_000),
  jammy: ubuntu("22.04", "22.04.5", "jammy", "Jammy Jellyfish", "8.32", "5.1.16", 29_530_000),
  noble: ubuntu("24.04", "24.04.3", "noble", "Noble Numbat", "9.4", "5.2.21", 29_720_000),
} as const;

export const debianLayer = (release: DebianRelease): LayerSpec => ({ name: `${release.id}:${release.codename}`, bytes: release.layerBytes });

/** A Debian or Ubuntu base image: dash as sh, bash, GNU tools; no curl, wget, ping, ps. */
export function debianFiles(release: DebianRelease): FileTable {
  const files = withDevices()
    .text("etc/os-release", release.id === "debian"
      ? `PRETTY_NAME="${release.name} ${release.long}"\nNAME="${release.name}"\nVERSION_ID="${release.version}"\nVERSION="${release.long}"\nVERSION_CODENAME=${release.codename}\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n`
      : `PRETTY_NAME="Ubuntu ${release.long.replace(/ \(.*/, "")}"\nNAME="Ubuntu"\nVERSION_ID="${release.version}"\nVERSION="${release.long}"\nVERSION_CODENAME=${release.codename}\nID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\nUBUNTU_CODENAME=${release.codename}\nLOGO=ubuntu-logo\n`)
    .text("etc/passwd", `root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\nsys:x:3:3:sys:/dev:/usr/sbin/nologin\ngames:x:5:60:games:/usr/games:/usr/sbin/nologin\nman:x:6:12:man:/var/cache/man:/usr/sbin/nologin\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nbackup:x:34:34:backup:/var/backups:/usr/sbin/nologin\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n${release.id === "ubuntu" && release.version >= "24" ? "ubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n" : ""}`)
    .text("etc/group", "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\nmail:x:8:\nwww-data:x:33:\nshadow:x:42:\nstaff:x:50:\nnogroup:x:65534:\n")
    .text("etc/shadow", "root:*:19000:0:99999:7:::\n", 0o640)
    .text("etc/debian_version", `${release.id === "debian" ? release.version : "bookworm/sid"}\n`)
    .text("etc/apt/sources.list.d/debian.sources", `Types: deb\nURIs: http://deb.debian.org/debian\nSuites: ${release.codename}\nComponents: main\n`)
    .text("root/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\n").text("root/.profile", "mesg n 2> /dev/null || true\n")
    .dir("home").dir("media").dir("mnt").dir("opt").dir("srv").dir("boot").dir("usr/local/bin").dir("usr/local/sbin").dir("usr/sbin").dir("var/log").dir("var/lib").dir("var/cache").dir("var/tmp", 0o1777)
    .link("bin", "usr/bin").link("sbin", "usr/sbin").link("lib", "usr/lib")
    .binaries("usr/bin", coreutils(), "gnu", release.coreutils)
    .binary("usr/bin/dash", "dash", "dash").link("usr/bin/sh", "dash").binary("usr/bin/bash", "bash", "bash", release.bash).link("usr/bin/rbash", "bash")
    .binary("usr/bin/apt-get", "apt-get", "gnu").binary("usr/bin/apt", "apt-get", "gnu").binary("usr/bin/apt-cache", "apt-get", "gnu").binary("usr/bin/dpkg", "not-implemented").binary("usr/bin/perl", "perl", "plain", "5.36.0")
    .binary("usr/bin/getent", "getent", "gnu");
  return release.id === "ubuntu" && release.version >= "24" ? files.dir("home/ubuntu", 0o750, 1000, 1000) : files;
}

/** nginx, redis, postgres, … of Docker's official images: the release that each of their generations stands on. */
export const debianOf = (codename: keyof typeof RELEASES): DebianRelease => RELEASES[codename];
