import { secondsToUs } from "../../kernel/time.ts";
import type { TcpConnection } from "../../network/contracts.ts";
import { addressOf, connect, KERNEL_TIMEOUT_US, reasonText } from "../net/client.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import type { OpenFile } from "../process/open-file.ts";
import { createPipe } from "../process/pipe.ts";
import { SinkFile } from "../process/open-file.ts";
import type { Sys } from "../process/wait.ts";

/** Source: busybox networking/nc.c and nc_bloaty.c. */
export const nc: CommandSpec = {
  name: "nc",
  *run(call) {
    const execAt = call.args.indexOf("-e");
    const program = execAt < 0 ? undefined : call.args.slice(execAt + 1);
    const { values, rest, problem } = parseOptions(execAt < 0 ? call.args : call.args.slice(0, execAt), "lkzvnuw:p:s:i:q:Nc", {});
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen");
    if (values.has("l")) return yield* listen(call, Number(values.get("p") ?? rest.at(-1)), values, program);
    const [host, portText] = rest;
    if (host === undefined || portText === undefined) return yield* call.usage("", "[OPTIONS] HOST PORT  - connect");
    const [low = 0, high = low] = portText.split("-").map(Number);
    if (!Number.isInteger(low) || low < 1 || high > 65_535) return yield* call.fail(`bad port '${portText}'`);
    const address = yield* addressOf(call.process, host);
    if (!address.ok) return yield* call.fail(`bad address '${host}'`);
    const timeoutUs = values.has("w") ? secondsToUs(Number(values.get("w")) || 1) : KERNEL_TIMEOUT_US;
    let code = 1;
    for (let port = low; port <= high && port < low + 1_000; port++) {
      const where = `${host} (${address.value}:${port})`;
      const connection = yield* connect(call.process, address.value, port, timeoutUs);
      if (!connection.ok) {
        if (values.has("v") || !values.has("z")) yield* call.complain(connection.error.code === "ETIMEDOUT" && values.has("w") ? `${where}: Connection timed out` : values.has("v") ? `${where}: ${reasonText(call.process, connection.error.code)}` : `can't connect to remote host (${address.value}): ${reasonText(call.process, connection.error.code)}`);
        continue;
      }
      code = 0;
      if (values.has("v")) yield* call.process.errOut(`${where} open\n`);
      if (values.has("z")) connection.value.close();
      else yield* talk(call, connection.value, values.has("w") ? timeoutUs : undefined);
    }
    return code;
  },
};

/** Both ways at once: standard input to the other side, what comes from there to standard output, until it closes. */
export function* talk(call: Invocation, connection: TcpConnection, idleUs: number | undefined): Sys<void> {
  const { process } = call;
  const letGo = process.hold(() => connection.close());
  const pipe = createPipe("socket");
  pipe.writer.retain();
  process.setFile(8, pipe.reader);
  connection.onData((text) => void process.table.batch(() => pipe.writer.write(text)));
  connection.onClose(() => void process.table.batch(() => pipe.writer.release()));
  const sender = process.table.fork({ argv: process.argv, env: process.env, cwd: process.cwd, credentials: process.credentials, files: [process.files[0]], ppid: process.pid }, process.binary, function* (child) {
    for (let text = yield* child.read(0); text !== null; text = yield* child.read(0)) connection.send(text);
    // busybox closes its side when its input is at an end, unless the other side still has something to say.
    yield* child.sleep(idleUs ?? 200_000);
    return 0;
  });
  let quiet = false;
  sender?.onExit(() => {
    quiet = true;
    connection.close();
    pipe.writer.release();
  });
  for (let text = yield* process.read(8); text !== null; text = yield* process.read(8)) if (!(yield* call.out(text))) break;
  if (!quiet) sender?.signal("KILL", true);
  process.setFile(8, undefined);
  letGo();
}

function* listen(call: Invocation, port: number, values: ReadonlyMap<string, string>, program: readonly string[] | undefined): Sys<number> {
  const { process } = call;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return yield* call.usage("", "[OPTIONS] -l -p PORT");
  const waiting: TcpConnection[] = [];
  let wake: (() => void) | undefined;
  const listener = process.world.netns.listenTcp(port, "0.0.0.0", process.owner, (connection) => {
    waiting.push(connection);
    wake?.();
  });
  if (!listener.ok) return yield* call.fail(`bind: ${reasonText(process, listener.error.code)}`);
  const close = process.hold(() => listener.value.close());
  if (values.has("v")) yield* process.errOut(`listening on 0.0.0.0:${port} ...\n`);
  do {
    while (waiting.length === 0) yield* process.call<undefined>("accept", (resume) => { wake = () => resume(undefined); return () => (wake = undefined); });
    const connection = waiting.shift();
    if (connection === undefined) continue;
    if (values.has("v")) yield* process.errOut(`connect to ${connection.local.ip}:${port} from ${connection.remote.ip} (${connection.remote.ip}:${connection.remote.port})\n`);
    if (!values.has("k")) close();
    if (program === undefined) yield* talk(call, connection, undefined);
    else yield* serveProgram(call, connection, program);
  } while (values.has("k"));
  return 0;
}

/** -e: the program's standard streams are the connection. */
function* serveProgram(call: Invocation, connection: TcpConnection, argv: readonly string[]): Sys<void> {
  const { process } = call;
  const pipe = createPipe("socket");
  pipe.writer.retain();
  pipe.reader.retain();
  connection.onData((text) => void process.table.batch(() => pipe.writer.write(text)));
  connection.onClose(() => void process.table.batch(() => pipe.writer.release()));
  const out: OpenFile = new SinkFile("socket", (text) => connection.send(text));
  const child = process.table.spawn({ argv, env: process.env, cwd: process.cwd, credentials: process.credentials, files: [pipe.reader, out, process.files[2]], ppid: process.pid });
  if (child.ok) yield* process.waitChild(child.value.pid);
  else yield* call.complain(`can't execute '${argv[0] ?? ""}': No such file or directory`);
  connection.close();
  pipe.reader.release();
}

export const telnet: CommandSpec = {
  name: "telnet",
  *run(call) {
    const [host, port = "23"] = call.args;
    if (host === undefined) return yield* call.usage("", "[-a] [-l USER] HOST [PORT]");
    const address = yield* addressOf(call.process, host);
    if (!address.ok) return yield* call.fail(`bad address '${host}'`);
    const connection = yield* connect(call.process, address.value, Number(port) || 23, KERNEL_TIMEOUT_US);
    if (!connection.ok) return yield* call.fail(`can't connect to remote host (${address.value}): ${reasonText(call.process, connection.error.code)}`);
    yield* call.process.errOut(`Connected to ${host}\n`);
    yield* talk(call, connection.value, undefined);
    yield* call.process.errOut("Connection closed by foreign host\n");
    return 1;
  },
};
