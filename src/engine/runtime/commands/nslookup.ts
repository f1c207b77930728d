import type { DnsAnswer, Ip } from "../../network/contracts.ts";
import { isAddress, resolve } from "../net/client.ts";
import type { CommandSpec, Invocation } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";

/**
 * Three programs under one name. busybox before 1.29 asked the C library (search list included) and looked up the addresses' names;
 * later ones send their own queries, and for a name without a dot one per search domain; BIND's walks the search list.
 * Source: busybox networking/nslookup.c (both halves); bind9 bin/dig/nslookup.c.
 */
export const nslookup: CommandSpec = {
  name: "nslookup",
  *run(call) {
    const operands = call.args.filter((arg) => !arg.startsWith("-"));
    const type = typeOf(call.args.find((arg) => /^-(q|query|querytype|type)=/i.test(arg))?.split("=")[1]);
    const [name, server] = operands;
    if (name === undefined) return yield* call.usage("", "[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]");
    if (call.isBusybox && isOld(call.process.binary.version)) return yield* oldBusybox(call, name, server);
    if (call.isBusybox) return yield* newBusybox(call, name, type, server);
    return yield* bind(call, name, type, server);
  },
};

export type QueryType = "A" | "AAAA" | "SRV" | "PTR" | "CNAME";

export const typeOf = (text: string | undefined): QueryType | undefined => (["A", "AAAA", "SRV", "PTR", "CNAME"] as const).find((type) => type === text?.toUpperCase());

const isOld = (version: string): boolean => { const [major = 1, minor = 37] = version.split(".").map(Number); return major === 1 && minor < 29; };

/** "4.3.2.1.in-addr.arpa" of "1.2.3.4". */
export const reverseName = (ip: Ip): string => `${ip.split(".").reverse().join(".")}.in-addr.arpa`;

function* nameOf(call: Invocation, ip: Ip): Sys<string> {
  const answer = yield* resolve(call.process, `${reverseName(ip)}.`, "PTR");
  return answer.rcode === "NOERROR" ? (answer.records.find((record) => record.type === "PTR")?.data.replace(/\.$/, "") ?? "") : "";
}

function* oldBusybox(call: Invocation, name: string, given: string | undefined): Sys<number> {
  const server = given ?? call.process.world.netns.resolvConf.nameservers[0] ?? "127.0.0.1";
  const serverName = yield* nameOf(call, server);
  yield* call.out(`Server:    ${server}\nAddress 1: ${server}${serverName === "" ? "" : ` ${serverName}`}\n\n`);
  const answer = isAddress(name) ? undefined : yield* resolve(call.process, name, undefined, given);
  const addresses = isAddress(name) ? [name] : answer?.rcode === "NOERROR" ? answer.records.filter((record) => record.type === "A").map((record) => record.data) : [];
  if (addresses.length === 0) return yield* call.fail(`can't resolve '${name}'`);
  yield* call.out(`Name:      ${name}\n`);
  for (const [index, address] of addresses.entries()) {
    const reverse = yield* nameOf(call, address);
    yield* call.out(`Address ${index + 1}: ${address}${reverse === "" ? "" : ` ${reverse}`}\n`);
  }
  return 0;
}

function* newBusybox(call: Invocation, name: string, type: QueryType | undefined, given: string | undefined): Sys<number> {
  const { resolvConf } = call.process.world.netns;
  const server = given ?? resolvConf.nameservers[0] ?? "127.0.0.1";
  const queries: { readonly name: string; readonly type: QueryType }[] = [];
  if (isAddress(name)) queries.push({ name: reverseName(name), type: "PTR" });
  else {
    const names = name.includes(".") || resolvConf.search.length === 0 ? [name.replace(/\.$/, "")] : resolvConf.search.map((domain) => `${name}.${domain}`);
    for (const wanted of type === undefined ? (["A", "AAAA"] as const) : [type]) for (const full of names) queries.push({ name: full, type: wanted });
  }
  let code = 0;
  const results: string[] = [];
  for (const query of queries) {
    const answer = yield* resolve(call.process, `${query.name}.`, query.type, given);
    if (answer.rcode === "TIMEOUT") {
      yield* call.out(";; connection timed out; no servers could be reached\n\n");
      return 1;
    }
    if (answer.rcode !== "NOERROR") {
      code = 1;
      results.push(`** server can't find ${query.name}: ${answer.rcode}\n\n`);
    } else results.push(`${recordLines(query.name, answer, true)}\n`);
  }
  yield* call.out(`Server:\t\t${server}\nAddress:\t${server}:53\n\n${results.join("")}`);
  return code;
}

function recordLines(asked: string, answer: Extract<DnsAnswer, { rcode: "NOERROR" }>, busybox: boolean): string {
  return answer.records.map((record) => {
    const name = record.name.replace(/\.$/, "") || asked;
    const data = record.data.replace(/\.$/, "");
    switch (record.type) {
      case "A":
      case "AAAA":
        return `Name:\t${name}\nAddress: ${data}\n`;
      case "CNAME":
        return `${name}\tcanonical name = ${data}${busybox ? "" : "."}\n`;
      case "PTR":
        return `${name}\tname = ${data}${busybox ? "" : "."}\n`;
      case "SRV":
        return `${name}\tservice = ${data}${busybox ? "" : "."}\n`;
    }
  }).join("");
}

function* bind(call: Invocation, name: string, type: QueryType | undefined, given: string | undefined): Sys<number> {
  const server = given ?? call.process.world.netns.resolvConf.nameservers[0] ?? "127.0.0.1";
  const answer = yield* resolve(call.process, isAddress(name) ? `${reverseName(name)}.` : name, isAddress(name) ? "PTR" : (type ?? "A"), given);
  if (answer.rcode === "TIMEOUT") {
    yield* call.out(";; connection timed out; no servers could be reached\n\n");
    return 1;
  }
  yield* call.out(`Server:\t\t${server}\nAddress:\t${server}#53\n\n`);
  if (answer.rcode !== "NOERROR") {
    yield* call.out(`** server can't find ${isAddress(name) ? reverseName(name) : name}: ${answer.rcode}\n\n`);
    return 1;
  }
  if (answer.records.length === 0) yield* call.out(`*** Can't find ${name}: No answer\n\n`);
  else yield* call.out(`${recordLines(name, answer, false)}\n`);
  return 0;
}
