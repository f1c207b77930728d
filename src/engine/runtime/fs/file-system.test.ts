import { describe, expect, test } from "vitest";
import { type SimTimeUs, usOf } from "../../kernel/time.ts";
import type { Volume, VolumeFile } from "../contracts.ts";
import { type Credentials, FileSystem, type Mount } from "./file-system.ts";
import { deviceNode, dirNode, fileNode, type FileNode, linkNode } from "./node.ts";
import { ImageTree, OverlayTree } from "./overlay-tree.ts";
import { VolumeTree } from "./volume-tree.ts";

const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };
const USER: Credentials = { uid: 1000, gid: 1000, groups: [2000] };

const image = new ImageTree(new Map<string, FileNode>([
  ["etc/passwd", fileNode("root:x:0:0\n")], ["etc/shadow", fileNode("secret\n", 0o600)], ["usr/bin/tool", fileNode("ELF", 0o755)], ["bin", linkNode("usr/bin")], ["a/b/c", fileNode("deep")],
  ["loop1", linkNode("loop2")], ["loop2", linkNode("/loop1")], ["tmp", dirNode(0o1777)], ["home/u", dirNode(0o755, 1000, 1000)], ["dev/null", deviceNode("null")],
]));

const volumeOf = (files: Readonly<Record<string, string>>): Volume => ({ name: "v", files: new Map(Object.entries(files).map(([path, content]): [string, VolumeFile] => [path, { content, mode: 0o644, modifiedUs: 0 as SimTimeUs }])) });
const mount = (path: string, volume: Volume, subPath = "", readOnly = false): Mount => ({ path, tree: new VolumeTree(volume, subPath, readOnly), source: "", device: "v", type: "ext4" });
const create = (mounts: readonly Mount[] = [], readOnly = false): FileSystem => new FileSystem(new OverlayTree(image, readOnly), mounts, () => usOf(7));
const value = <T>(result: { ok: true; value: T } | { ok: false; error: string }): T | string => (result.ok ? result.value : result.error);

describe("an image with a writable layer", () => {
  test("is read through links, and shared: what one container writes another does not see", () => {
    const [one, two] = [create(), create()];
    expect(value(one.readText("/bin/tool", ROOT))).toBe("ELF");
    one.writeText("/etc/passwd", "changed", ROOT);
    one.remove("/a/b/c", ROOT);
    expect(value(one.readText("/etc/passwd", ROOT))).toBe("changed");
    expect(value(two.readText("/etc/passwd", ROOT))).toBe("root:x:0:0\n");
    expect(value(two.readText("/a/b/c", ROOT))).toBe("deep");
    expect(value(one.readText("/a/b/c", ROOT))).toBe("ENOENT");
  });

  test("keeps what was removed away when the directory is made again", () => {
    const fs = create();
    fs.remove("/a/b/c", ROOT);
    fs.remove("/a/b", ROOT);
    fs.mkdir("/a/b", ROOT);
    expect(value(fs.list("/a/b", ROOT))).toEqual([]);
    fs.writeText("/a/b/c", "new", ROOT);
    expect([value(fs.list("/a/b", ROOT)), value(fs.readText("/a/b/c", ROOT))]).toEqual([["c"], "new"]);
  });

  test("an open file stays the same file when it is written by name or removed", () => {
    const fs = create();
    const first = fs.openForWrite("/tmp/f", ROOT, 0o644, true);
    const second = fs.openForWrite("/tmp/f", ROOT, 0o644, false);
    expect(first.ok && second.ok && first.value.kind === "file" && second.value.kind === "file" && first.value.inode === second.value.inode).toBe(true);
  });

  test.each<readonly [string, (fs: FileSystem) => unknown, unknown]>([
    ["a missing file", (fs) => value(fs.readText("/nope", ROOT)), "ENOENT"],
    ["a file as a directory", (fs) => value(fs.readText("/etc/passwd/x", ROOT)), "ENOTDIR"],
    ["a trailing slash on a file", (fs) => value(fs.stat("/etc/passwd/", ROOT)), "ENOTDIR"],
    ["a directory read as a file", (fs) => value(fs.readText("/etc", ROOT)), "EISDIR"],
    ["links in a circle", (fs) => value(fs.readText("/loop1", ROOT)), "ELOOP"],
    ["a name that is too long", (fs) => value(fs.stat(`/${"x".repeat(300)}`, ROOT)), "ENAMETOOLONG"],
    ["..", (fs) => value(fs.readText("/a/b/../../etc/passwd", ROOT)), "root:x:0:0\n"],
    [".. above the root", (fs) => value(fs.readText("/../../etc/passwd", ROOT)), "root:x:0:0\n"],
    ["a directory that is there", (fs) => fs.mkdir("/etc", ROOT), "EEXIST"],
    ["a directory in nothing", (fs) => fs.mkdir("/x/y", ROOT), "ENOENT"],
    ["removing a full directory", (fs) => fs.remove("/etc", ROOT), "ENOTEMPTY"],
    ["removing the root", (fs) => fs.remove("/", ROOT), "EBUSY"],
    ["moving a directory into itself", (fs) => fs.rename("/a", "/a/b/x", ROOT), "EINVAL"],
    ["somebody else's file", (fs) => value(fs.readText("/etc/shadow", USER)), "EACCES"],
    ["writing where one may not", (fs) => value(fs.writeText("/etc/x", "", USER)), "EACCES"],
    ["writing to root's file", (fs) => value(fs.writeText("/etc/passwd", "", USER)), "EACCES"],
    ["writing at home", (fs) => value(fs.writeText("/home/u/x", "", USER)), undefined],
    ["writing to /tmp", (fs) => value(fs.writeText("/tmp/x", "", USER)), undefined],
    ["changing somebody else's mode", (fs) => fs.chmod("/etc/passwd", 0o777, USER), "EPERM"],
    ["giving a file away", (fs) => fs.chown("/etc/passwd", 1000, 1000, USER), "EPERM"],
    ["a file that grows without end", (fs) => value(fs.writeText("/tmp/x", "x".repeat((4 << 20) + 1), ROOT)), "ENOSPC"],
    ["an empty path", (fs) => value(fs.stat("", ROOT)), "ENOENT"],
  ])("%s", (_, act, expected) => expect(act(create())).toEqual(expected));

  test("a read-only root takes nothing, a volume in it does", () => {
    const fs = create([mount("/data", volumeOf({}))], true);
    expect(value(fs.writeText("/tmp/x", "", ROOT))).toBe("EROFS");
    expect(value(fs.writeText("/data/x", "", ROOT))).toBeUndefined();
    expect(value(fs.openForWrite("/dev/null", ROOT, 0o644, true))).toMatchObject({ kind: "device" });
  });
});

describe("volumes", () => {
  test("are one set of files for all who mount them, nested mounts included", () => {
    const shared = volumeOf({ "x/y": "1" });
    const [one, two] = [create([mount("/data", shared), mount("/data/inner", volumeOf({ z: "2" }))]), create([mount("/mnt", shared)])];
    one.writeText("/data/x/new", "hello", ROOT);
    expect(value(two.readText("/mnt/x/new", ROOT))).toBe("hello");
    expect(value(one.list("/data", ROOT))).toEqual(["inner", "x"]);
    expect(value(one.readText("/data/inner/z", ROOT))).toBe("2");
    expect(value(two.stat("/mnt/inner", ROOT))).toBe("ENOENT");
    expect(value(one.list("/", ROOT))).toContain("data");
  });

  test("a subPath shows one directory or one file of it", () => {
    const volume = volumeOf({ "a/f": "in a", "nginx.conf": "conf" });
    const fs = create([mount("/dir", volume, "a"), mount("/etc/nginx/nginx.conf", volume, "nginx.conf")]);
    expect([value(fs.readText("/dir/f", ROOT)), value(fs.readText("/etc/nginx/nginx.conf", ROOT)), value(fs.list("/etc/nginx", ROOT))]).toEqual(["in a", "conf", ["nginx.conf"]]);
    expect(fs.remove("/etc/nginx/nginx.conf", ROOT)).toBe("EBUSY");
  });

  test("keep empty directories, links and what files are allowed", () => {
    const volume = volumeOf({});
    const fs = create([mount("/data", volume)]);
    fs.mkdir("/data/empty", ROOT, 0o700);
    fs.symlink("empty", "/data/link", ROOT);
    fs.writeText("/data/f", "x", ROOT);
    fs.chmod("/data/f", 0o600, ROOT);
    expect([...volume.files.keys()].sort()).toEqual(["empty/", "f", "link"]);
    expect(value(fs.list("/data/link", ROOT))).toEqual([]);
    expect(value(fs.readText("/data/f", USER))).toBe("EACCES");
    fs.writeText("/data/empty/f", "x", ROOT);
    fs.remove("/data/empty/f", ROOT);
    expect(value(fs.list("/data/empty", ROOT))).toEqual([]);
  });

  test("mounted read-only take nothing; moving between mounts is another device", () => {
    const volume = volumeOf({ f: "x" });
    const fs = create([mount("/ro", volume, "", true), mount("/rw", volumeOf({ g: "y" }))]);
    expect([value(fs.writeText("/ro/f", "z", ROOT)), fs.remove("/ro/f", ROOT), fs.mkdir("/ro/d", ROOT), fs.touch("/ro/f", ROOT)]).toEqual(["EROFS", "EROFS", "EROFS", "EROFS"]);
    expect(fs.rename("/rw/g", "/tmp/g", ROOT)).toBe("EXDEV");
    expect(fs.rename("/rw/g", "/rw/h", ROOT)).toBeUndefined();
    expect(value(fs.list("/rw", ROOT))).toEqual(["h"]);
  });

  test("whole trees are moved", () => {
    const fs = create();
    expect(fs.rename("/a", "/moved", ROOT)).toBeUndefined();
    expect([value(fs.readText("/moved/b/c", ROOT)), value(fs.stat("/a", ROOT))]).toEqual(["deep", "ENOENT"]);
  });
});
