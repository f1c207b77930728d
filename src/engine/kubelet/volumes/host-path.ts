import { err, ok, type Result } from "../../kernel/result.ts";
import type { HostPathVolumeSource } from "../../kinds/generated/types.ts";
import type { Volume } from "../../runtime/contracts.ts";

/** What a node has from the start. */
const KNOWN_DIRECTORIES = new Set([
  "/", "/bin", "/boot", "/dev", "/dev/shm", "/etc", "/etc/cni", "/etc/cni/net.d", "/etc/kubernetes", "/etc/kubernetes/manifests", "/etc/kubernetes/pki", "/etc/ssl", "/etc/ssl/certs",
  "/home", "/lib", "/lib/modules", "/mnt", "/opt", "/opt/cni", "/opt/cni/bin", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/sys/fs/bpf", "/sys/fs/cgroup", "/tmp", "/usr", "/usr/share/ca-certificates",
  "/var", "/var/lib", "/var/lib/containerd", "/var/lib/etcd", "/var/lib/kubelet", "/var/lib/kubelet/pods", "/var/log", "/var/log/containers", "/var/log/pods", "/var/run",
]);
const KNOWN_FILES = new Set(["/etc/hostname", "/etc/hosts", "/etc/localtime", "/etc/machine-id", "/etc/os-release", "/etc/passwd", "/etc/resolv.conf", "/run/xtables.lock", "/var/log/syslog", "/etc/kubernetes/admin.conf", "/etc/kubernetes/controller-manager.conf", "/etc/kubernetes/scheduler.conf"]);
const KNOWN_SOCKETS = new Set(["/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock", "/var/lib/kubelet/device-plugins/kubelet.sock"]);

type PathKind = "Directory" | "File" | "Socket";

const WANTED: Readonly<Record<string, { readonly kind: PathKind | "CharDevice" | "BlockDevice"; readonly creates: boolean; readonly words: string }>> = {
  Directory: { kind: "Directory", creates: false, words: "a directory" },
  DirectoryOrCreate: { kind: "Directory", creates: true, words: "a directory" },
  File: { kind: "File", creates: false, words: "a file" },
  FileOrCreate: { kind: "File", creates: true, words: "a file" },
  Socket: { kind: "Socket", creates: false, words: "a socket file" },
  CharDevice: { kind: "CharDevice", creates: false, words: "a character device" },
  BlockDevice: { kind: "BlockDevice", creates: false, words: "a block device" },
};

/**
 * The node's own file system, as far as hostPath volumes see it: pods that name the same path share it, and it outlives them.
 * Source: pkg/volume/hostpath/host_path.go, checkType.
 * Differs: paths do not nest; /data and /data/a are two directories.
 */
export class HostFiles {
  private readonly volumes = new Map<string, { readonly kind: PathKind; readonly volume: Volume }>();

  open(name: string, source: HostPathVolumeSource): Result<Volume, string> {
    const path = cleanPath(source.path);
    const existing = this.volumes.get(path)?.kind ?? kindOf(path);
    const wanted = WANTED[source.type ?? ""];
    if (wanted !== undefined && existing !== wanted.kind && !(existing === undefined && wanted.creates)) return err(`hostPath type check failed: ${source.path} is not ${wanted.words}`);
    // With type "" the runtime makes a missing directory.
    const kind = existing ?? (wanted?.kind === "File" ? "File" : "Directory");
    const known = this.volumes.get(path);
    if (known !== undefined) return ok(known.volume);
    const volume: Volume = { name, files: new Map() };
    this.volumes.set(path, { kind, volume });
    return ok(volume);
  }
}

const cleanPath = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, "") : path);

const kindOf = (path: string): PathKind | undefined => (KNOWN_DIRECTORIES.has(path) ? "Directory" : KNOWN_FILES.has(path) ? "File" : KNOWN_SOCKETS.has(path) ? "Socket" : undefined);
