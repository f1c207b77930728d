import { secondsToUs } from "../../kernel/time.ts";
import type { Result } from "../../kernel/result.ts";
import type { SocketError } from "../../network/contracts.ts";
import { addressOf, optionsOf } from "../net/client.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";

/** Source: busybox networking/ping.c. */
export const ping: CommandSpec = {
  name: "ping",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "c:i:W:w:s:qnI:t:4A", {});
    const [name] = rest;
    if (problem !== undefined || name === undefined) return yield* call.usage(problem ?? "", "[OPTIONS] HOST");
    const address = yield* addressOf(call.process, name);
    if (!address.ok) return yield* call.fail(`bad address '${name}'`);
    const ip = address.value;
    const size = Number(values.get("s") ?? 56) || 0;
    const count = values.has("c") ? Number(values.get("c")) || 1 : Infinity;
    const waitUs = secondsToUs(Number(values.get("W") ?? 10) || 10);
    const { process } = call;
    const times: number[] = [];
    let sent = 0;
    let stop = false;
    process.onSignal("INT", () => (stop = true));
    yield* call.out(`PING ${name} (${ip}): ${size} data bytes\n`);
    for (; sent < count && !stop; sent++) {
      const started = process.world.clock.now();
      const reply = yield* process.call<Result<{ rttUs: number; ttl: number }, SocketError>>(`ping ${ip}`, (resume) => {
        process.world.netns.ping(ip, optionsOf(process, waitUs), resume);
        return undefined;
      });
      if (reply.ok) {
        times.push(reply.value.rttUs / 1_000);
        if (!values.has("q")) yield* call.out(`${size + 8} bytes from ${ip}: seq=${sent} ttl=${reply.value.ttl} time=${(reply.value.rttUs / 1_000).toFixed(3)} ms\n`);
      } else if (reply.error.code === "ENETUNREACH") return yield* call.fail("sendto: Network is unreachable");
      const rest = secondsToUs(Number(values.get("i") ?? 1) || 1) - (process.world.clock.now() - started);
      if (sent + 1 < count && rest > 0 && !stop) yield* process.sleep(rest);
    }
    const loss = sent === 0 ? 0 : Math.round(((sent - times.length) * 100) / sent);
    yield* call.out(`\n--- ${name} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${loss}% packet loss\n`);
    if (times.length > 0) yield* call.out(`round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${(times.reduce((sum, time) => sum + time, 0) / times.length).toFixed(3)}/${Math.max(...times).toFixed(3)} ms\n`);
    return times.length > 0 ? 0 : 1;
  },
};
