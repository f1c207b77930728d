import type { BridgeHost } from "../host.ts";
import type { SpdyStream } from "../spdy/connection.ts";
import { type RemoteInput, startRemote } from "./command.ts";
import type { RemoteOptions, RemoteTarget } from "./target.ts";

/** What a SPDY client may speak; only v4 carries the exit code. Source: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go. */
export const SPDY_COMMAND_PROTOCOL = "v4.channel.k8s.io";

/** Wall-clock ms in which the client has to open all its streams. Source: pkg/kubelet/server, DefaultStreamCreationTimeout. */
export const STREAM_CREATION_MS = 30_000;

/** Takes the streams of one exec or attach as the client opens them, starts when they are all there, and closes the connection afterwards. */
export class SpdyCommand {
  private readonly streams = new Map<string, SpdyStream>();
  private readonly missing: Set<string>;
  private input: RemoteInput | undefined;

  constructor(
    private readonly host: BridgeHost,
    private readonly target: RemoteTarget,
    private readonly options: RemoteOptions,
    private readonly onDone: () => void,
  ) {
    this.missing = new Set(["error"]);
    for (const name of ["stdin", "stdout", "stderr"] as const) if (options[name]) this.missing.add(name);
    if (options.tty) this.missing.add("resize");
  }

  add(stream: SpdyStream): void {
    const type = stream.headers.get("streamtype") ?? "";
    this.streams.set(type, stream);
    if (this.missing.delete(type) && this.missing.size === 0) this.start();
  }

  get started(): boolean {
    return this.missing.size === 0;
  }

  hangUp(): void {
    this.input?.hangUp();
  }

  private start(): void {
    const input = startRemote(this.host, this.target, this.options, {
      stdout: (text) => this.streams.get("stdout")?.write(Buffer.from(text)),
      stderr: (text) => this.streams.get("stderr")?.write(Buffer.from(text)),
      end: (status) => {
        this.streams.get("error")?.write(Buffer.from(JSON.stringify(status)));
        for (const stream of this.streams.values()) stream.end();
        this.onDone();
      },
    });
    this.input = input;
    const stdin = this.streams.get("stdin");
    stdin?.onData((bytes) => input.stdin(bytes));
    stdin?.onEnd(() => input.stdinEnd());
  }
}
