import type { ContainerConfig } from "../contracts.ts";
import type { Credentials, FileSystem } from "../fs/file-system.ts";

const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** /etc/passwd as it is now. */
export function users(files: FileSystem): readonly User[] {
  const text = files.readText("/etc/passwd", ROOT);
  if (!text.ok) return [];
  return text.value.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(":");
    return name === undefined || uid === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid), home: home ?? "/" }];
  });
}

/** Name → number of /etc/group. */
export function groups(files: FileSystem): ReadonlyMap<string, number> {
  const text = files.readText("/etc/group", ROOT);
  return new Map(text.ok ? text.value.split("\n").flatMap((line) => { const [name, , gid] = line.split(":"); return name === undefined || gid === undefined ? [] : [[name, Number(gid)] as const]; }) : []);
}

/** Whom a container runs as: the pod's securityContext, else the image's USER ("101", "nginx", "1000:1000"). */
export function resolveUser(files: FileSystem, imageUser: string, config: Pick<ContainerConfig, "runAsUser" | "runAsGroup" | "supplementalGroups">): Credentials {
  const [name = "", group] = imageUser.split(":");
  const known = name === "" || name === "0" || name === "root" ? undefined : users(files).find((user) => user.name === name || String(user.uid) === name);
  const imageUid = known?.uid ?? (/^\d+$/.test(name) ? Number(name) : 0);
  const uid = config.runAsUser ?? imageUid;
  const owner = uid === imageUid ? known : users(files).find((user) => user.uid === uid);
  const imageGid = group === undefined ? (owner?.gid ?? 0) : /^\d+$/.test(group) ? Number(group) : (groups(files).get(group) ?? 0);
  return { uid, gid: config.runAsGroup ?? imageGid, groups: config.supplementalGroups ?? [] };
}
