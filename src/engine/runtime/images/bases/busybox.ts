import { busyboxApplets } from "../../commands/families.ts";
import type { LayerSpec } from "../image-definition.ts";
import { type FileTable, withDevices } from "../file-table.ts";

export const busyboxLayer = (version: string): LayerSpec => ({ name: `busybox:${version}`, bytes: version >= "1.30" || version.length > 4 ? 2_156_000 : 716_000 });

/** The whole userland is one binary under many names. Source: docker-library/busybox (uclibc, glibc); /bin/<applet> are hard links. */
export function busyboxFiles(version: string): FileTable {
  const files = withDevices()
    .text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nsync:x:4:100:sync:/bin:/bin/sync\nmail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\noperator:x:37:37:Operator:/var:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n")
    .text("etc/group", "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\nwheel:x:10:root\nmail:x:8:\nwww-data:x:33:\nnobody:x:65534:\n")
    .text("etc/shadow", "root:*:::::::\n", 0o600)
    .text("etc/nsswitch.conf", "passwd:\tfiles\nhosts:\tfiles dns\n")
    .dir("home", 0o755, 65_534, 65_534).dir("usr/sbin").dir("usr/bin").dir("var/www", 0o755, 33, 33).dir("var/spool/mail");
  for (const name of ["busybox", ...busyboxApplets()]) files.binary(`bin/${name}`, "busybox", "busybox", version);
  return files.link("usr/bin/env", "/bin/env");
}
