import { once } from "node:events";
import { constants, createInflate } from "node:zlib";
import { SpdyError } from "./frames.ts";

const lengthPrefixed = (words: readonly string[]): Buffer[] =>
  words.map((word) => {
    const bytes = Buffer.alloc(4 + word.length);
    bytes.writeUInt32BE(word.length, 0);
    bytes.write(word, 4, "latin1");
    return bytes;
  });

/** The text that both sides preset their compression with: 1,423 bytes. Source: SPDY draft 3, section 2.6.10.1, SPDY_dictionary_txt. */
export const DICTIONARY: Buffer = Buffer.concat([
  ...lengthPrefixed(
    `options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control
    connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag
    expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma
    proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning
    www-authenticate method get status`.split(/\s+/),
  ),
  ...lengthPrefixed(["200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin"]),
  Buffer.from(
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505" +
      "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found" +
      "500 Internal Server Error501 Not Implemented503 Service Unavailable" +
      "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT" +
      "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,public" +
      "privatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.",
    "latin1",
  ),
]);

/** Headers of a stream; a repeated value is one text with NUL between. */
export type StreamHeaders = ReadonlyMap<string, string>;

const MAX_BLOCK_BYTES = 256 * 1024;

/** All header blocks of one direction are one zlib stream: they have to be read in order, each exactly once. */
export class HeaderReader {
  private readonly inflate = createInflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
  private parts: Buffer[] = [];
  private size = 0;

  constructor() {
    this.inflate.on("data", (part: Buffer) => {
      this.size += part.length;
      if (this.size <= MAX_BLOCK_BYTES) this.parts.push(part);
    });
    this.inflate.on("error", () => {}); // `read` rejects with it
  }

  async read(block: Buffer): Promise<StreamHeaders> {
    this.parts = [];
    this.size = 0;
    const failed = once(this.inflate, "error").then(([error]) => Promise.reject(new SpdyError(String(error))));
    failed.catch(() => {});
    await Promise.race([new Promise<void>((resolve) => this.inflate.write(block, () => resolve())), failed]);
    this.inflate.removeAllListeners("error").on("error", () => {});
    if (this.size > MAX_BLOCK_BYTES) throw new SpdyError("a header block that is too large");
    return parseHeaders(Buffer.concat(this.parts));
  }

  close(): void {
    this.inflate.destroy();
  }
}

function parseHeaders(block: Buffer): StreamHeaders {
  const headers = new Map<string, string>();
  let at = 0;
  const uint32 = (): number => {
    if (at + 4 > block.length) throw new SpdyError("a header block that ends too early");
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = uint32();
    if (at + length > block.length) throw new SpdyError("a header block that ends too early");
    at += length;
    return block.toString("latin1", at - length, at);
  };
  for (let left = uint32(); left > 0; left--) headers.set(text().toLowerCase(), text());
  return headers;
}

/**
 * Writes header blocks without compressing: zlib's "stored" blocks are valid deflate. An empty stored block ends each,
 * because Go's reader hands data out only at such a boundary.
 */
export class HeaderWriter {
  private isFirst = true;

  write(headers: StreamHeaders): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(headers.size, 0);
    const block = Buffer.concat([count, ...lengthPrefixed([...headers].flat())]);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(block.length, 1);
    stored.writeUInt16LE(~block.length & 0xffff, 3);
    const start = this.isFirst ? Buffer.from([0x78, 0x01]) : Buffer.alloc(0);
    this.isFirst = false;
    return Buffer.concat([start, stored, block, Buffer.from([0, 0, 0, 0xff, 0xff])]);
  }
}
