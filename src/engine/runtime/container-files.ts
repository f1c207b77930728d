import type { SimTimeUs } from "../kernel/time.ts";
import type { ContainerConfig, Sandbox } from "./contracts.ts";
import { FileSystem, type Mount } from "./fs/file-system.ts";
import { type FileNode, type FileTree, fileNode, generatedNode } from "./fs/node.ts";
import { type ImageTree, OverlayTree } from "./fs/overlay-tree.ts";
import { normalizePath } from "./fs/path.ts";
import { VolumeTree } from "./fs/volume-tree.ts";

/** One file that the kubelet or the runtime puts into the container: /etc/hosts and its like. It can be written to. */
class SingleFileTree implements FileTree {
  readonly readOnly = false;
  private node: FileNode;

  constructor(make: () => string, mode = 0o644) {
    this.node = generatedNode(make, mode);
  }

  get(path: string): FileNode | undefined {
    return path === "" ? this.node : undefined;
  }

  writable(path: string): FileNode | undefined {
    if (path !== "") return undefined;
    if (this.node.kind === "generated") this.node = fileNode(this.node.read(), this.node.mode);
    return this.node;
  }

  names(): Iterable<string> {
    return [];
  }

  put(_path: string, node: FileNode): undefined {
    this.node = node;
  }

  remove(): void {}
}

/** Volumes are mounted by depth, so that one may lie inside another. */
export function createContainerFiles(image: ImageTree, sandbox: Sandbox, config: ContainerConfig, proc: FileTree, now: () => SimTimeUs): FileSystem {
  const mounts: Mount[] = [
    { path: "/proc", tree: proc, source: "", device: "proc", type: "proc" },
    { path: "/etc/hosts", tree: new SingleFileTree(() => hostsFile(sandbox)), source: "", device: "/dev/vda1", type: "ext4" },
    { path: "/etc/hostname", tree: new SingleFileTree(() => `${sandbox.config.hostname}\n`), source: "", device: "/dev/vda1", type: "ext4" },
    { path: "/etc/resolv.conf", tree: new SingleFileTree(() => resolvConfFile(sandbox)), source: "", device: "/dev/vda1", type: "ext4" },
  ];
  if (config.terminationMessagePath !== "") mounts.push({ path: normalizePath(config.terminationMessagePath), tree: new SingleFileTree(() => "", 0o666), source: "", device: "/dev/vda1", type: "ext4" });
  for (const mount of config.mounts) {
    const path = normalizePath(mount.path);
    const taken = mounts.findIndex((other) => other.path === path);
    if (taken >= 0) mounts.splice(taken, 1);
    mounts.push({ path, tree: new VolumeTree(mount.volume, mount.subPath, mount.readOnly), source: "", device: mount.volume.name, type: "ext4" });
  }
  return new FileSystem(new OverlayTree(image, config.readOnlyRootFilesystem ?? false), mounts, now);
}

/** Source: pkg/kubelet/kubelet_pods.go, managedHostsFileContent and hostsEntriesFromHostAliases. */
function hostsFile(sandbox: Sandbox): string {
  const { config, ip } = sandbox;
  const fixed = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";
  const aliases = config.hostAliases.length === 0 ? "" : `\n# Entries added by HostAliases.\n${config.hostAliases.map((alias) => `${alias.ip}\t${alias.names.join("\t")}\n`).join("")}`;
  if (config.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${fixed}${ip}\t${config.hostname}\n${aliases}`;
  return `# Kubernetes-managed hosts file.\n${fixed}${ip}\t${config.domain === undefined ? "" : `${config.hostname}.${config.domain}\t`}${config.hostname}\n${aliases}`;
}

/** Source: pkg/kubelet/network/dns/dns.go; the runtime writes search, nameserver, options in this order. */
function resolvConfFile(sandbox: Sandbox): string {
  const { nameservers, search, ndots, options = [] } = sandbox.config.resolvConf;
  const all = [...(ndots === 1 ? [] : [`ndots:${ndots}`]), ...options];
  return `${search.length === 0 ? "" : `search ${search.join(" ")}\n`}${nameservers.map((server) => `nameserver ${server}\n`).join("")}${all.length === 0 ? "" : `options ${all.join(" ")}\n`}`;
}

