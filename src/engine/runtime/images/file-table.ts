import { deviceNode, dirNode, type FileNode, fileNode, linkNode } from "../fs/node.ts";
import { binaryContent, type Flavour } from "../process/program.ts";

/** Builds the files of an image. Paths have no leading slash. */
export class FileTable {
  private readonly nodes = new Map<string, FileNode>();

  text(path: string, content: string, mode = 0o644, uid = 0, gid = 0): this {
    this.nodes.set(path, fileNode(content, mode, uid, gid));
    return this;
  }

  dir(path: string, mode = 0o755, uid = 0, gid = 0): this {
    this.nodes.set(path, dirNode(mode, uid, gid));
    return this;
  }

  link(path: string, target: string): this {
    this.nodes.set(path, linkNode(target));
    return this;
  }

  /** An executable that runs a program of the catalogue. */
  binary(path: string, program: string, flavour: Flavour = "plain", version = ""): this {
    this.nodes.set(path, fileNode(binaryContent(program, flavour, version), 0o755));
    return this;
  }

  /** Several programs of one family under their own names. */
  binaries(directory: string, names: readonly string[], flavour: Flavour, version = ""): this {
    for (const name of names) this.binary(`${directory}/${name}`, name, flavour, version);
    return this;
  }

  addAll(files: ReadonlyMap<string, FileNode>): this {
    for (const [path, node] of files) this.nodes.set(path, node);
    return this;
  }

  remove(path: string): this {
    this.nodes.delete(path);
    return this;
  }

  build(): ReadonlyMap<string, FileNode> {
    return this.nodes;
  }
}

/** What runc puts into every container. Source: opencontainers/runc libcontainer/specconv, default devices and links. */
export function withDevices(): FileTable {
  return new FileTable()
    .dir("dev").dir("proc").dir("sys").dir("tmp", 0o1777).dir("run").dir("var/run").dir("root", 0o700)
    .addAll(new Map<string, FileNode>([
      ["dev/null", deviceNode("null")], ["dev/zero", deviceNode("zero")], ["dev/full", deviceNode("full")], ["dev/random", deviceNode("urandom")],
      ["dev/urandom", deviceNode("urandom")], ["dev/tty", deviceNode("tty")], ["dev/console", deviceNode("tty")],
      ["dev/stdin", deviceNode("stdin")], ["dev/stdout", deviceNode("stdout")], ["dev/stderr", deviceNode("stderr")],
    ]))
    .dir("dev/shm", 0o1777);
}
