import { isAddress, resolve } from "../net/client.ts";
import type { CommandSpec } from "../process/invocation.ts";
import { type QueryType, reverseName, typeOf } from "./nslookup.ts";

/** Source: bind9 bin/dig/dig.c. Differs: sections without content are left out; no search list unless +search, as upstream. */
export const dig: CommandSpec = {
  name: "dig",
  *run(call) {
    let server: string | undefined;
    let type: QueryType = "A";
    let name: string | undefined;
    const flags = new Set<string>();
    for (let i = 0; i < call.args.length; i++) {
      const arg = call.args[i] ?? "";
      if (arg.startsWith("@")) server = arg.slice(1);
      else if (arg.startsWith("+")) flags.add(arg.slice(1));
      else if (arg === "-x") {
        name = reverseName(call.args[++i] ?? "");
        type = "PTR";
      } else if (arg === "-t") type = typeOf(call.args[++i]) ?? type;
      else if (typeOf(arg) !== undefined) type = typeOf(arg) ?? type;
      else if (!arg.startsWith("-")) name ??= arg;
    }
    if (name === undefined) return yield* call.fail("no name given: the root's name servers are outside of this cluster", 1);
    const { netns, clock } = call.process.world;
    const asked = server ?? netns.resolvConf.nameservers[0] ?? "127.0.0.1";
    const start = clock.now();
    const answer = yield* resolve(call.process, flags.has("search") ? name : `${name.replace(/\.$/, "")}.`, type, server !== undefined && isAddress(server) ? server : undefined);
    if (answer.rcode === "TIMEOUT") {
      yield* call.out(`;; communications error to ${asked}#53: timed out\n;; no servers could be reached\n`);
      return 9;
    }
    const records = answer.rcode === "NOERROR" ? answer.records : [];
    const dotted = (text: string): string => (isAddress(text) || text.endsWith(".") ? text : `${text}.`);
    if (flags.has("short")) {
      for (const record of records) yield* call.out(`${record.type === "A" || record.type === "AAAA" ? record.data : dotted(record.data)}\n`);
      return 0;
    }
    const lines = records.map((record) => `${dotted(record.name)}\t${record.ttl}\tIN\t${record.type}\t${record.type === "A" || record.type === "AAAA" ? record.data : dotted(record.data)}\n`).join("");
    yield* call.out(`\n; <<>> DiG 9.18.28 <<>> ${call.args.join(" ")}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${answer.rcode}, id: ${call.process.world.rng.below(65_536)}\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: 0, ADDITIONAL: 0\n\n;; QUESTION SECTION:\n;${dotted(name)}\t\tIN\t${type}\n\n`);
    if (lines !== "") yield* call.out(`;; ANSWER SECTION:\n${lines}\n`);
    yield* call.out(`;; Query time: ${Math.round((clock.now() - start) / 1_000)} msec\n;; SERVER: ${asked}#53(${asked}) (UDP)\n\n`);
    return 0;
  },
};
