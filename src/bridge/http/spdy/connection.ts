import { dataFrame, type Frame, FrameReader, goAwayFrame, pingFrame, rstStreamFrame, SpdyError, synReplyFrame, windowUpdateFrame } from "./frames.ts";
import { HeaderReader, HeaderWriter, type StreamHeaders } from "./header-block.ts";

/** What carries the frames: a socket after its upgrade, or a WebSocket whose messages are pieces of the byte stream. */
export interface ByteTransport {
  write(bytes: Buffer): void;
  end(): void;
  onData(receive: (bytes: Buffer) => void): void;
  onClose(closed: () => void): void;
}

export interface SpdyStream {
  readonly id: number;
  readonly headers: StreamHeaders;
  /** Calls come in order, first with what arrived before. */
  onData(receive: (bytes: Buffer) => void): void;
  /** The client will send no more on this stream (FIN or RST). */
  onEnd(ended: () => void): void;
  write(bytes: Uint8Array): void;
  /** We will send no more. */
  end(): void;
}

const MAX_STREAMS = 1_000;
const MAX_DATA_BYTES = 32 * 1024;
const REFUSED_STREAM = 3;

/**
 * The server's side of a SPDY/3.1 connection on which only the client opens streams: all that exec, attach and port-forward use.
 * Differs: what is sent is not held back by the client's windows, as in the library of Kubernetes (moby/spdystream), which neither keeps nor updates any.
 */
export class SpdyConnection {
  private readonly frames = new FrameReader();
  private readonly headerReader = new HeaderReader();
  private readonly headerWriter = new HeaderWriter();
  private readonly streams = new Map<number, ServerStream>();
  private lastStreamId = 0;
  private closed = false;
  /** Frames are handled one after the other: a header block is inflated on another thread. */
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly transport: ByteTransport,
    private readonly onStream: (stream: SpdyStream) => void,
    private readonly onClosed: () => void,
  ) {
    transport.onData((bytes) => {
      this.work = this.work.then(() => this.receive(bytes)).catch((error: unknown) => {
        if (!(error instanceof SpdyError)) console.error(error);
        this.close();
      });
    });
    transport.onClose(() => this.closeStreams());
  }

  /** Says good-bye and ends the transport. */
  close(): void {
    if (this.closed) return;
    this.transport.write(goAwayFrame(this.lastStreamId));
    this.transport.end();
    this.closeStreams();
  }

  private closeStreams(): void {
    if (this.closed) return;
    this.closed = true;
    this.headerReader.close();
    for (const stream of this.streams.values()) stream.receiveEnd();
    this.streams.clear();
    this.onClosed();
  }

  private async receive(bytes: Buffer): Promise<void> {
    if (this.closed) return;
    for (const frame of this.frames.push(bytes)) await this.handle(frame);
  }

  private async handle(frame: Frame): Promise<void> {
    switch (frame.type) {
      case "synStream":
        return this.open(frame.streamId, await this.headerReader.read(frame.headerBlock), frame.fin);
      case "synReply":
      case "headers":
        await this.headerReader.read(frame.headerBlock); // nobody needs them, but the compression goes on from there
        return;
      case "data": {
        const stream = this.streams.get(frame.streamId);
        if (frame.data.length > 0) {
          stream?.receive(frame.data);
          this.transport.write(windowUpdateFrame(frame.streamId, frame.data.length));
        }
        if (frame.fin) stream?.receiveEnd();
        return;
      }
      case "rstStream":
        this.streams.get(frame.streamId)?.receiveEnd();
        this.streams.delete(frame.streamId);
        return;
      case "ping":
        if (frame.id % 2 === 1) this.transport.write(pingFrame(frame.id));
        return;
      case "goAway":
        return;
      case "ignored":
    }
  }

  private open(id: number, headers: StreamHeaders, fin: boolean): void {
    if (this.closed) return;
    if (id % 2 === 0 || id <= this.lastStreamId || this.streams.size >= MAX_STREAMS) {
      this.transport.write(rstStreamFrame(id, REFUSED_STREAM));
      return;
    }
    this.lastStreamId = id;
    const stream = new ServerStream(id, headers, (frame) => this.transport.write(frame), () => this.streams.delete(id));
    this.streams.set(id, stream);
    this.transport.write(synReplyFrame(id, this.headerWriter.write(new Map())));
    this.onStream(stream);
    if (fin) stream.receiveEnd();
  }
}

class ServerStream implements SpdyStream {
  private readonly waiting: Buffer[] = [];
  private dataListener: ((bytes: Buffer) => void) | undefined;
  private endListener: (() => void) | undefined;
  private receivedEnd = false;
  private sentEnd = false;

  constructor(
    readonly id: number,
    readonly headers: StreamHeaders,
    private readonly send: (frame: Buffer) => void,
    private readonly forget: () => void,
  ) {}

  onData(receive: (bytes: Buffer) => void): void {
    this.dataListener = receive;
    for (const bytes of this.waiting.splice(0)) receive(bytes);
  }

  onEnd(ended: () => void): void {
    this.endListener = ended;
    if (this.receivedEnd) ended();
  }

  write(bytes: Uint8Array): void {
    if (this.sentEnd) return;
    for (let from = 0; from < bytes.length; from += MAX_DATA_BYTES) this.send(dataFrame(this.id, bytes.subarray(from, from + MAX_DATA_BYTES), false));
  }

  end(): void {
    if (this.sentEnd) return;
    this.sentEnd = true;
    this.send(dataFrame(this.id, new Uint8Array(), true));
    if (this.receivedEnd) this.forget();
  }

  receive(bytes: Buffer): void {
    if (this.receivedEnd) return;
    if (this.dataListener === undefined) this.waiting.push(bytes);
    else this.dataListener(bytes);
  }

  receiveEnd(): void {
    if (this.receivedEnd) return;
    this.receivedEnd = true;
    if (this.sentEnd) this.forget();
    this.endListener?.();
  }
}
