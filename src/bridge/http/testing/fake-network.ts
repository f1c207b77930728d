import type { TcpConnection } from "../../../engine/network/contracts.ts";

type Dialled = (result: { ok: true; value: TcpConnection } | { ok: false; error: { code: string; message: string } }) => void;

/** A node's network that does what the test says: one connection at a time. */
export class FakeNetwork {
  readonly dialled: string[] = [];
  readonly received: string[] = [];
  private done: Dialled | undefined;
  private onData: (text: string) => void = () => {};
  private onClose: (error: undefined) => void = () => {};

  connectTcp(to: { ip: string; port: number }, _options: unknown, done: Dialled): void {
    this.dialled.push(`${to.ip}:${to.port}`);
    this.done = done;
  }

  accept(): void {
    this.done?.({
      ok: true,
      value: {
        local: { ip: "10.0.0.2", port: 40_000 },
        remote: { ip: "10.42.1.2", port: 80 },
        send: (text) => this.received.push(text),
        onData: (receive) => (this.onData = receive),
        onClose: (closed) => (this.onClose = closed),
        close: () => {},
      },
    });
  }

  refuse(message: string): void {
    this.done?.({ ok: false, error: { code: "ECONNREFUSED", message } });
  }

  answer(text: string): void {
    this.onData(text);
  }

  close(): void {
    this.onClose(undefined);
  }
}
