import { commandProgram, type CommandSpec, Invocation } from "../process/invocation.ts";
import { commandName } from "../process/process-table.ts";
import type { Program } from "../process/program.ts";
import { runShell, shellProgram } from "../shell/program.ts";
import { awk } from "./awk/awk.ts";
import { cat } from "./cat.ts";
import { base64, md5sum, sha1sum, sha256sum, sha512sum } from "./checksums.ts";
import { curl } from "./curl.ts";
import { cut } from "./cut.ts";
import { date } from "./date.ts";
import { dig } from "./dig.ts";
import { du } from "./du.ts";
import { echo } from "./echo.ts";
import { env, printenv } from "./environment.ts";
import { expr } from "./expr.ts";
import { falseCommand } from "./false.ts";
import { busyboxApplets, coreutils } from "./families.ts";
import { chmod, chown, cp, ln, mkdir, mv, rm, rmdir, touch } from "./file-changes.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { head } from "./head.ts";
import { httpd } from "./httpd.ts";
import { getent, groupsCommand, hostname, id, uname, whoami } from "./identity.ts";
import { kill } from "./kill.ts";
import { ls } from "./ls.ts";
import { nc, telnet } from "./nc.ts";
import { notImplemented } from "./not-implemented.ts";
import { nslookup } from "./nslookup.ts";
import { apk, aptGet } from "./packages.ts";
import { basename, dirname, mktemp, pwd, readlink, stat, which } from "./paths.ts";
import { perl } from "./perl.ts";
import { ping } from "./ping.ts";
import { printf } from "./printf.ts";
import { arch, clear, df, free, killall, nproc, pgrep, pidof, pkill, ps, sync, sysctl, top, tty, uptime } from "./processes.ts";
import { nice, nohup, setsid, timeout, watch, xargs } from "./running.ts";
import { sed } from "./sed/sed.ts";
import { seq } from "./seq.ts";
import { sleep } from "./sleep.ts";
import { fold, nl, rev, tac } from "./small-filters.ts";
import { sort } from "./sort.ts";
import { tail } from "./tail.ts";
import { tee, yes } from "./tee.ts";
import { test } from "./test.ts";
import { tr } from "./tr.ts";
import { trueCommand } from "./true.ts";
import { uniq } from "./uniq.ts";
import { usleep } from "./usleep.ts";
import { wc } from "./wc.ts";
import { wget } from "./wget.ts";

/** Every tool, once. Images list the names that they have (families.ts and the images themselves). */
const COMMANDS: readonly CommandSpec[] = [
  apk, aptGet, arch, awk, base64, basename, cat, chmod, chown, clear, cp, curl, cut, date, df, dig, dirname, du, echo, env, expr, falseCommand, find, fold, free, getent, grep, groupsCommand, head, hostname, id, kill, killall,
  ln, ls, md5sum, mkdir, mktemp, mv, nc, nice, nl, nohup, nproc, nslookup, perl, pgrep, pidof, ping, pkill, printenv, printf, ps, pwd, readlink, rev, rm, rmdir, sed, seq, setsid, sha1sum, sha256sum, sha512sum, sleep, sort, stat, sync, sysctl,
  tac, tail, tee, telnet, test, timeout, top, touch, tr, trueCommand, tty, uname, uniq, uptime, usleep, watch, wc, wget, which, whoami, xargs, yes, notImplemented,
];

/** The same tool under another name. */
const ALIASES: Readonly<Record<string, string>> = { "[": "test", "[[": "test", egrep: "grep", fgrep: "grep", chgrp: "chown", realpath: "readlink", nslookup: "nslookup", host: "not-implemented" };

const byName = new Map(COMMANDS.map((spec) => [spec.name, spec]));

export function findCommand(name: string): CommandSpec | undefined {
  const target = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  const spec = byName.get(target ?? name);
  return spec === undefined || spec.name === name ? spec : { ...spec, name };
}

/** One binary, many names: argv[0] says which. */
const busybox: Program = {
  name: "busybox",
  memoryBytes: 400 << 10,
  *run(process) {
    let name = commandName(process);
    let args = process.argv.slice(1);
    if (name === "busybox") {
      const [applet, ...rest] = args;
      if (applet === undefined || applet === "--help") {
        yield* process.out(`BusyBox v${process.binary.version} () multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n\nCurrently defined functions:\n\t${busyboxApplets().join(", ")}\n`);
        return 0;
      }
      if (applet === "--list") {
        yield* process.out(`${[...busyboxApplets()].sort().join("\n")}\n`);
        return 0;
      }
      name = applet;
      args = rest;
      process.argv = [applet, ...rest];
    }
    if (name === "sh" || name === "ash") return yield* runShell(process, "ash", args);
    const spec = name === httpd.name ? httpd : busyboxApplets().includes(name) ? (findCommand(name) ?? notImplemented) : undefined;
    if (spec === undefined) {
      yield* process.errOut(`${name}: applet not found\n`);
      return 127;
    }
    return yield* spec.run(new Invocation(process, name, args, `${name}: `, "busybox"));
  },
};

const named = (name: string): Program => commandProgram({ ...(findCommand(name) ?? notImplemented), name });

/** Programs by the name that binaries of images carry. */
export const programs: readonly Program[] = [
  busybox, shellProgram("dash", "dash"), shellProgram("bash", "bash"),
  ...[...new Set([...COMMANDS.map((spec) => spec.name), ...Object.keys(ALIASES), ...coreutils()])].filter((name) => name !== "sh" && name !== "ash").map(named),
];
