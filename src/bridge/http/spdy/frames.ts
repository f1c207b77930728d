/** A frame of SPDY/3.1, header blocks still compressed. Source: the SPDY protocol drafts 3 and 3.1. */
export type Frame =
  | { readonly type: "data"; readonly streamId: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly type: "synStream"; readonly streamId: number; readonly fin: boolean; readonly headerBlock: Buffer }
  | { readonly type: "synReply" | "headers"; readonly streamId: number; readonly fin: boolean; readonly headerBlock: Buffer }
  | { readonly type: "rstStream"; readonly streamId: number; readonly status: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goAway" }
  | { readonly type: "ignored" };

const HEAD_BYTES = 8;
export const FLAG_FIN = 0x01;
/** Go's writer splits at 64 KiB already; a longer frame is not a client of Kubernetes. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

export class SpdyError extends Error {}

/** Cuts a byte stream into frames; keeps what is not complete yet. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): Frame[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const frames: Frame[] = [];
    while (this.rest.length >= HEAD_BYTES) {
      const length = this.rest.readUIntBE(5, 3);
      if (length > MAX_FRAME_BYTES) throw new SpdyError(`a frame of ${length} bytes`);
      if (this.rest.length < HEAD_BYTES + length) break;
      frames.push(parseFrame(this.rest.subarray(0, HEAD_BYTES), this.rest.subarray(HEAD_BYTES, HEAD_BYTES + length)));
      this.rest = this.rest.subarray(HEAD_BYTES + length);
    }
    return frames;
  }
}

function parseFrame(head: Buffer, payload: Buffer): Frame {
  const first = head.readUInt32BE(0);
  const fin = (head.readUInt8(4) & FLAG_FIN) !== 0;
  if (first < 0x8000_0000) return { type: "data", streamId: first, fin, data: payload };
  const type = first & 0xffff;
  const need = (bytes: number): void => {
    if (payload.length < bytes) throw new SpdyError(`a control frame of type ${type} with ${payload.length} bytes`);
  };
  switch (type) {
    case 1:
      need(10); // stream, associated stream, priority and slot
      return { type: "synStream", streamId: payload.readUInt32BE(0) & 0x7fff_ffff, fin, headerBlock: payload.subarray(10) };
    case 2:
    case 8:
      need(4);
      return { type: type === 2 ? "synReply" : "headers", streamId: payload.readUInt32BE(0) & 0x7fff_ffff, fin, headerBlock: payload.subarray(4) };
    case 3:
      need(8);
      return { type: "rstStream", streamId: payload.readUInt32BE(0) & 0x7fff_ffff, status: payload.readUInt32BE(4) };
    case 6:
      need(4);
      return { type: "ping", id: payload.readUInt32BE(0) };
    case 7:
      return { type: "goAway" };
    default:
      return { type: "ignored" }; // SETTINGS, WINDOW_UPDATE, CREDENTIAL
  }
}

export function dataFrame(streamId: number, data: Uint8Array, fin: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(fin ? FLAG_FIN : 0, 4);
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

export const synReplyFrame = (streamId: number, headerBlock: Uint8Array): Buffer => controlFrame(2, Buffer.concat([uint32(streamId), headerBlock]));
export const synStreamFrame = (streamId: number, headerBlock: Uint8Array, fin = false): Buffer =>
  controlFrame(1, Buffer.concat([uint32(streamId), uint32(0), Buffer.alloc(2), headerBlock]), fin ? FLAG_FIN : 0);
export const rstStreamFrame = (streamId: number, status: number): Buffer => controlFrame(3, Buffer.concat([uint32(streamId), uint32(status)]));
export const pingFrame = (id: number): Buffer => controlFrame(6, uint32(id));
export const goAwayFrame = (lastStreamId: number): Buffer => controlFrame(7, Buffer.concat([uint32(lastStreamId), uint32(0)]));
export const windowUpdateFrame = (streamId: number, bytes: number): Buffer => controlFrame(9, Buffer.concat([uint32(streamId), uint32(bytes)]));

function controlFrame(type: number, payload: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8003, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0, 0);
  return bytes;
}
