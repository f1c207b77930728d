import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { constants, createDeflate } from "node:zlib";
import { dataFrame, FrameReader, pingFrame, synStreamFrame } from "../spdy/frames.ts";
import { DICTIONARY } from "../spdy/header-block.ts";

/** A client of SPDY/3.1 as Kubernetes' own is: compresses its headers with the preset dictionary, opens odd streams. */
export class SpdyClient {
  readonly replied = new Set<number>();
  readonly ended = new Set<number>();
  readonly pongs: number[] = [];
  /** Bytes per write; real clients write frames in pieces. */
  pieceBytes = 1_000_000;
  headers = "";
  rest = "";
  closed: Promise<void> = Promise.resolve();
  private readonly frames = new FrameReader();
  private readonly received = new Map<number, Buffer[]>();
  private readonly deflate = createDeflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH });
  private readonly compressed: Buffer[] = [];
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly send: (bytes: Buffer) => void,
    readonly destroy: () => void,
  ) {
    this.deflate.on("data", (part: Buffer) => this.compressed.push(part));
  }

  open(id: number, headers: Readonly<Record<string, string>>): void {
    this.enqueue(async () => {
      const entries = Object.entries(headers);
      const word = (text: string): Buffer => Buffer.concat([uint32(text.length), Buffer.from(text)]);
      this.compressed.length = 0;
      await new Promise<void>((resolve) => this.deflate.write(Buffer.concat([uint32(entries.length), ...entries.flat().map(word)]), () => resolve()));
      this.raw(synStreamFrame(id, Buffer.concat(this.compressed)));
    });
  }

  data(id: number, text: string, fin = false): void {
    this.enqueue(() => this.raw(dataFrame(id, Buffer.from(text), fin)));
  }

  ping(id: number): void {
    this.enqueue(() => this.raw(pingFrame(id)));
  }

  raw(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; from += this.pieceBytes) this.send(bytes.subarray(from, from + this.pieceBytes));
  }

  receive(bytes: Buffer): void {
    for (const frame of this.frames.push(bytes)) {
      if (frame.type === "synReply") this.replied.add(frame.streamId);
      else if (frame.type === "ping") this.pongs.push(frame.id);
      else if (frame.type === "data") {
        const parts = this.received.get(frame.streamId) ?? [];
        parts.push(Buffer.from(frame.data));
        this.received.set(frame.streamId, parts);
        if (frame.fin) this.ended.add(frame.streamId);
      }
    }
  }

  /** What has arrived on a stream. */
  text(id: number): string {
    return Buffer.concat(this.received.get(id) ?? []).toString();
  }

  private enqueue(action: () => void | Promise<void>): void {
    this.work = this.work.then(action);
  }
}

/** Asks for an upgrade and resolves when the head of the answer is there, whatever it says. */
export function openSpdy(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<SpdyClient> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, "127.0.0.1");
    const client = new SpdyClient((bytes) => socket.write(bytes), () => socket.destroy());
    client.closed = new Promise((done) => socket.on("close", () => done()));
    let head = "";
    socket.on("error", reject);
    socket.on("data", (part) => {
      if (client.headers !== "") return client.headers.startsWith("HTTP/1.1 101") ? client.receive(part) : void (client.rest += part.toString());
      head += part.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      client.headers = head.slice(0, end + 4);
      const rest = Buffer.from(head.slice(end + 4), "latin1");
      if (client.headers.startsWith("HTTP/1.1 101")) client.receive(rest);
      else client.rest = rest.toString();
      resolve(client);
    });
    const lines = Object.entries({ Host: `127.0.0.1:${port}`, Connection: "Upgrade", Upgrade: "SPDY/3.1", "Content-Length": "0", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  });
}

/**
 * kubectl's port-forward as a WebSocket. By hand, because the subprotocol's name is one that no WebSocket library lets through:
 * binary messages below 126 bytes, masked with zeros on the way out.
 */
export function openTunnel(port: number, path: string): Promise<{ client: SpdyClient; protocol: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "SPDY/3.1+portforward.k8s.io" };
    const outgoing = request({ host: "127.0.0.1", port, path, headers });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => reject(new Error(`not upgraded: ${incoming.statusCode}`)));
    outgoing.on("upgrade", (incoming, socket) => {
      const client = new SpdyClient((bytes) => socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | bytes.length, 0, 0, 0, 0]), bytes])), () => socket.destroy());
      let rest: Buffer = Buffer.alloc(0);
      socket.on("data", (part: Buffer) => {
        rest = Buffer.concat([rest, part]);
        while (rest.length >= 2 && rest.length >= 2 + (rest[1] ?? 0)) {
          const end = 2 + (rest[1] ?? 0);
          client.receive(rest.subarray(2, end));
          rest = rest.subarray(end);
        }
      });
      resolve({ client, protocol: incoming.headers["sec-websocket-protocol"] });
    });
    outgoing.end();
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
