import type { CommandSpec } from "../process/invocation.ts";

/** Source: apk-tools. There is no way out of the cluster: the honest answer is that of a machine without a network. */
export const apk: CommandSpec = {
  name: "apk",
  *run(call) {
    const [command, ...rest] = call.args.filter((arg) => !arg.startsWith("-"));
    const branch = call.process.binary.version.split(".").slice(0, 2).join(".") || "3.22";
    if (command === "--version" || call.args.includes("--version")) {
      yield* call.out("apk-tools 2.14.9, compiled for x86_64.\n");
      return 0;
    }
    if (command === "info" || command === "list") {
      yield* call.out("alpine-baselayout\nalpine-keys\napk-tools\nbusybox\nmusl\n");
      return 0;
    }
    if (command !== "add" && command !== "update" && command !== "upgrade" && command !== "fetch") {
      if (command === "del") return 0;
      yield* call.out("apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n");
      return 1;
    }
    for (const part of ["main", "community"]) {
      const url = `https://dl-cdn.alpinelinux.org/alpine/v${branch}/${part}`;
      yield* call.out(`fetch ${url}/x86_64/APKINDEX.tar.gz\n`);
      yield* call.process.sleep(5_000_000);
      yield* call.process.errOut(`WARNING: fetching ${url}: temporary error (try again later)\n`);
    }
    if (command === "update") {
      yield* call.out("2 unavailable, 0 stale; 14 distinct packages available\n");
      return 2;
    }
    yield* call.out("ERROR: unable to select packages:\n");
    for (const name of rest) yield* call.out(`  ${name} (no such package):\n    required by: world[${name}]\n`);
    return Math.max(1, rest.length);
  },
};

/** Source: apt. */
export const aptGet: CommandSpec = {
  name: "apt-get",
  *run(call) {
    const [command, ...rest] = call.args.filter((arg) => !arg.startsWith("-"));
    if (call.args[0] === "--version") {
      yield* call.out("apt 2.6.1 (amd64)\n");
      return 0;
    }
    const release = call.fs.readText("/etc/os-release", call.who);
    const suite = /VERSION_CODENAME=(\w+)/.exec(release.ok ? release.value : "")?.[1] ?? "stable";
    if (command === "update") {
      const host = /ID=ubuntu/.test(release.ok ? release.value : "") ? "archive.ubuntu.com/ubuntu" : "deb.debian.org/debian";
      for (let n = 1; n <= 3; n++) {
        yield* call.process.sleep(3_000_000);
        yield* call.out(`Ign:${n} http://${host} ${suite} InRelease\n`);
      }
      yield* call.out(`Err:4 http://${host} ${suite} InRelease\n  Temporary failure resolving '${host.split("/")[0] ?? ""}'\nReading package lists...\nW: Failed to fetch http://${host}/dists/${suite}/InRelease  Temporary failure resolving '${host.split("/")[0] ?? ""}'\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n`);
      return 0;
    }
    if (command === "install") {
      yield* call.out("Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
      for (const name of rest) yield* call.process.errOut(`E: Unable to locate package ${name}\n`);
      return rest.length === 0 ? 0 : 100;
    }
    if (command === "clean" || command === "autoremove" || command === "autoclean" || command === "remove" || command === "purge") return 0;
    yield* call.process.errOut(`E: Invalid operation ${command ?? ""}\n`);
    return 100;
  },
};
