import type { SimTimeUs } from "../kernel/time.ts";
import type { ContainerConfig, Sandbox } from "./contracts.ts";
import { FileSystem, type Mount } from "./fs/file-system.ts";
import { type FileNode, type FileTree, fileNode, generatedNode } from "./fs/node.ts";
import { type ImageTree, OverlayTree } from "./fs/overlay-tree.ts";
import { normalizePath } from "./fs/path.ts";
import { VolumeTree } from "./fs/volume-tree.ts";

const HOSTS = "hosts";
const HOSTNAME = "hostname";
const RESOLV_CONF = "resolv.conf";
const TERMINATION = "termination-log";

/** The files that the kubelet and the runtime put into a container. They are made when somebody looks, and can be written to. */
class GivenFiles implements FileTree {
  readonly readOnly = false;
  private readonly sandbox: Sandbox;
  private written: Map<string, FileNode> | undefined;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  get(path: string): FileNode | undefined {
    const written = this.written?.get(path);
    if (written !== undefined) return written;
    switch (path) {
      case HOSTS:
        return generatedNode(() => hostsFile(this.sandbox));
      case HOSTNAME:
        return generatedNode(() => `${this.sandbox.config.hostname}\n`);
      case RESOLV_CONF:
        return generatedNode(() => resolvConfFile(this.sandbox));
      case TERMINATION:
        return generatedNode(() => "", 0o666);
      default:
        return undefined;
    }
  }

  writable(path: string): FileNode | undefined {
    const node = this.get(path);
    if (node?.kind !== "generated") return node;
    const copy = fileNode(node.read(), node.mode);
    this.put(path, copy);
    return copy;
  }

  names(): Iterable<string> {
    return [];
  }

  put(path: string, node: FileNode): undefined {
    (this.written ??= new Map()).set(path, node);
  }

  remove(): void {}
}

const GIVEN = [["/etc/hosts", HOSTS], ["/etc/hostname", HOSTNAME], ["/etc/resolv.conf", RESOLV_CONF]] as const;

/** A volume takes the place of a given file with the same path, and may lie inside another volume. */
export function createContainerFiles(image: ImageTree, sandbox: Sandbox, config: ContainerConfig, proc: FileTree, now: () => SimTimeUs): FileSystem {
  const given = new GivenFiles(sandbox);
  const mount = (path: string, source: string): Mount => ({ path, tree: given, source, device: "/dev/vda1", type: "ext4" });
  const own: Mount[] = [{ path: "/proc", tree: proc, source: "", device: "proc", type: "proc" }, ...GIVEN.map(([path, source]) => mount(path, source))];
  if (config.terminationMessagePath !== "") own.push(mount(normalizePath(config.terminationMessagePath), TERMINATION));
  const volumes = new Map(config.mounts.map((volume): [string, Mount] => {
    const path = normalizePath(volume.path);
    return [path, { path, tree: new VolumeTree(volume.volume, volume.subPath, volume.readOnly), source: "", device: volume.volume.name, type: "ext4" }];
  }));
  const mounts = volumes.size === 0 ? own : [...own.filter(({ path }) => !volumes.has(path)), ...volumes.values()];
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

