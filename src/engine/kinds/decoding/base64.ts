import { err, ok, type Result } from "../../kernel/result.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*$/;

const illegal = (at: number): Result<string, string> => err(`illegal base64 data at input byte ${at}`);

/**
 * The text that Go would write back: line ends dropped, unused bits cleared.
 * Source: Go's encoding/base64, decodeQuantum of StdEncoding.
 */
export function canonicalBase64(text: string): Result<string, string> {
  if (CANONICAL.test(text)) return ok(text);
  let out = "";
  let quantum: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "\n" || char === "\r") continue;
    if (char === "=") return finishPadded(text, i, out, quantum);
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) return illegal(i);
    quantum.push(digit);
    if (quantum.length < 4) continue;
    out += quantum.map((d) => ALPHABET[d]).join("");
    quantum = [];
  }
  return quantum.length === 0 ? ok(out) : illegal(text.length - quantum.length);
}

function finishPadded(text: string, firstPad: number, out: string, quantum: readonly number[]): Result<string, string> {
  if (quantum.length < 2) return illegal(firstPad);
  const skip = (from: number): number => {
    let at = from;
    while (text[at] === "\n" || text[at] === "\r") at += 1;
    return at;
  };
  let next = skip(firstPad + 1);
  if (quantum.length === 2) {
    if (next === text.length) return illegal(text.length);
    if (text[next] !== "=") return illegal(next);
    next = skip(next + 1);
  }
  if (next < text.length) return illegal(next);
  const [a = 0, b = 0, c = 0] = quantum;
  const tail = quantum.length === 2 ? `${ALPHABET[a]}${ALPHABET[b & 0x30]}==` : `${ALPHABET[a]}${ALPHABET[b]}${ALPHABET[c & 0x3c]}=`;
  return ok(out + tail);
}

/** Number of bytes that a canonical base64 text stands for. */
export const base64Bytes = (text: string): number => (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);

/** The UTF-8 bytes of a text in base64. */
export function encodeBase64(text: string): string {
  const bytes = utf8(text);
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(i, i + 3);
    const rest = bytes.length - i;
    out += `${ALPHABET[a >> 2]}${ALPHABET[((a & 3) << 4) | (b >> 4)]}${rest > 1 ? ALPHABET[((b & 15) << 2) | (c >> 6)] : "="}${rest > 2 ? ALPHABET[c & 63] : "="}`;
  }
  return out;
}

/** The text whose UTF-8 bytes a canonical base64 text stands for; broken sequences become U+FFFD. */
export function decodeBase64(text: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = Array.from(text.slice(i, i + 4), (char) => Math.max(0, ALPHABET.indexOf(char)));
    bytes.push((a << 2) | (b >> 4));
    if (text[i + 2] !== "=") bytes.push(((b & 15) << 4) | (c >> 2));
    if (text[i + 3] !== "=") bytes.push(((c & 3) << 6) | d);
  }
  return fromUtf8(bytes);
}

function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

function fromUtf8(bytes: readonly number[]): string {
  let out = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
    let code = length === 1 ? first : first & (0xff >> (length + 1));
    let good = length > 0 && i + length <= bytes.length;
    for (let k = 1; good && k < length; k++) {
      const next = bytes[i + k] ?? 0;
      if ((next & 0xc0) !== 0x80) good = false;
      code = (code << 6) | (next & 63);
    }
    const surrogate = code >= 0xd800 && code < 0xe000;
    out += good && !surrogate && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    i += good ? length : 1;
  }
  return out;
}
