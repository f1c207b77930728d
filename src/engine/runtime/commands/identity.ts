import type { DnsAnswer } from "../../network/contracts.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { KERNEL_RELEASE, KERNEL_VERSION } from "../process/proc-tree.ts";
import { groups, users } from "../process/users.ts";

/** Source: GNU coreutils src/id.c; busybox coreutils/id.c. */
export const id: CommandSpec = {
  name: "id",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "ugGnr", { user: "u", group: "g", groups: "G", name: "n", real: "r" });
    if (problem !== undefined) return yield* call.usage(problem, "[-ugGnr] [USER]");
    const known = users(call.fs);
    const groupNames = new Map([...groups(call.fs)].map(([name, gid]) => [gid, name]));
    const [who] = rest;
    const other = who === undefined ? undefined : known.find((user) => user.name === who || String(user.uid) === who);
    if (who !== undefined && other === undefined) return yield* call.fail(call.isBusybox ? `unknown user ${who}` : `'${who}': no such user`);
    const uid = other?.uid ?? call.who.uid;
    const gid = other?.gid ?? call.who.gid;
    const all = [...new Set([gid, ...(other === undefined ? call.who.groups : [])])];
    const user = known.find((entry) => entry.uid === uid)?.name;
    if (values.has("u")) yield* call.out(`${values.has("n") ? (user ?? uid) : uid}\n`);
    else if (values.has("g")) yield* call.out(`${values.has("n") ? (groupNames.get(gid) ?? gid) : gid}\n`);
    else if (values.has("G")) yield* call.out(`${all.map((group) => (values.has("n") ? (groupNames.get(group) ?? group) : group)).join(" ")}\n`);
    else {
      const named = (group: number): string => `${group}${groupNames.has(group) ? `(${groupNames.get(group)})` : ""}`;
      yield* call.out(`uid=${uid}${user === undefined ? "" : `(${user})`} gid=${named(gid)} groups=${all.map(named).join(",")}\n`);
    }
    return 0;
  },
};

export const whoami: CommandSpec = {
  name: "whoami",
  *run(call) {
    const user = users(call.fs).find((entry) => entry.uid === call.who.uid)?.name;
    if (user === undefined) return yield* call.fail(call.isBusybox ? `unknown uid ${call.who.uid}` : `cannot find name for user ID ${call.who.uid}`);
    yield* call.out(`${user}\n`);
    return 0;
  },
};

/** Source: net-tools hostname.c; busybox networking/hostname.c. -f looks in /etc/hosts first, then asks DNS. */
export const hostname: CommandSpec = {
  name: "hostname",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "fisdIAy", { fqdn: "f", long: "f", "ip-address": "i", short: "s", domain: "d", "all-ip-addresses": "I" });
    if (problem !== undefined) return yield* call.usage(problem, "[-sidf] [HOSTNAME]");
    const { pod, netns } = call.process.world;
    if (rest.length > 0) return yield* call.fail(call.isBusybox ? "sethostname: Operation not permitted" : "you must be root to change the host name");
    const hosts = call.fs.readText("/etc/hosts", call.who);
    const line = (hosts.ok ? hosts.value : "").split("\n").map((entry) => entry.trim().split(/\s+/)).find((words) => words.slice(1).includes(pod.hostname));
    const full = line?.[1] ?? pod.hostname;
    if (values.has("i")) yield* call.out(`${line?.[0] ?? netns.ip ?? "127.0.0.1"}\n`);
    else if (values.has("I")) yield* call.out(`${netns.ip ?? ""} \n`);
    else if (values.has("f")) yield* call.out(`${full}\n`);
    else if (values.has("d")) yield* call.out(`${full.includes(".") ? full.slice(full.indexOf(".") + 1) : ""}\n`);
    else yield* call.out(`${values.has("s") ? pod.hostname.replace(/\..*/, "") : pod.hostname}\n`);
    return 0;
  },
};

export const uname: CommandSpec = {
  name: "uname",
  *run(call) {
    const { values, problem } = parseOptions(call.args, "amnrspvio", { all: "a", machine: "m", nodename: "n", "kernel-release": "r", "kernel-name": "s", "kernel-version": "v", "operating-system": "o" });
    if (problem !== undefined) return yield* call.usage(problem, "[-amnrspvio]");
    const parts: readonly (readonly [string, string])[] = [["s", "Linux"], ["n", call.process.world.pod.hostname], ["r", KERNEL_RELEASE], ["v", KERNEL_VERSION], ["m", "x86_64"], ["o", call.isBusybox ? "Linux" : "GNU/Linux"]];
    const wanted = values.has("a") ? parts : parts.filter(([flag]) => values.has(flag) || (flag === "m" && (values.has("p") || values.has("i"))));
    yield* call.out(`${(wanted.length === 0 ? parts.slice(0, 1) : wanted).map(([, text]) => text).join(" ")}\n`);
    return 0;
  },
};

export const groupsCommand: CommandSpec = {
  name: "groups",
  *run(call) {
    const names = new Map([...groups(call.fs)].map(([name, gid]) => [gid, name]));
    yield* call.out(`${[call.who.gid, ...call.who.groups].map((gid) => names.get(gid) ?? gid).join(" ")}\n`);
    return 0;
  },
};

export const getent: CommandSpec = {
  name: "getent",
  *run(call) {
    const [database, ...keys] = call.args;
    const { process } = call;
    if (database === "hosts" || database === "ahosts" || database === "ahostsv4") {
      let code = 0;
      for (const key of keys) {
        const answer = yield* process.call<DnsAnswer>("getent", (resume) => process.world.netns.resolve(key, { timeoutUs: 10_000_000, owner: process.owner, resolver: process.world.image.resolver }, resume));
        const addresses = answer.rcode === "NOERROR" ? answer.records.filter((record) => record.type === "A") : [];
        if (addresses.length === 0) code = 2;
        for (const record of addresses) yield* call.out(`${record.data.padEnd(15)} ${database === "hosts" ? record.name.replace(/\.$/, "") : `STREAM ${record.name.replace(/\.$/, "")}`}\n`);
      }
      return code;
    }
    if (database === "passwd" || database === "group") {
      const text = call.fs.readText(`/etc/${database}`, call.who);
      const lines = (text.ok ? text.value : "").split("\n").filter((line) => line !== "");
      const wanted = keys.length === 0 ? lines : lines.filter((line) => keys.includes(line.split(":")[0] ?? "") || keys.includes(line.split(":")[2] ?? ""));
      yield* call.out(wanted.map((line) => `${line}\n`).join(""));
      return wanted.length === 0 ? 2 : 0;
    }
    return yield* call.fail(`Unknown database: ${database ?? ""}`);
  },
};
