import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";

const hashTool = (name: string, hash: (data: Uint8Array) => Uint8Array): CommandSpec => ({
  name,
  *run(call) {
    const { rest, problem } = parseOptions(call.args, "bcstw", { check: "c", status: "s" });
    if (problem !== undefined) return yield* call.usage(problem, "[-c[sw]] [FILE]...");
    let code = 0;
    for (const file of rest.length === 0 ? ["-"] : rest) {
      const content = yield* call.readFile(file);
      if (content.ok) yield* call.out(`${bytesToHex(hash(utf8ToBytes(content.value)))}  ${file}\n`);
      else {
        yield* call.complainAbout(file, content.error);
        code = 1;
      }
    }
    return code;
  },
});

export const md5sum = hashTool("md5sum", md5);
export const sha1sum = hashTool("sha1sum", sha1);
export const sha256sum = hashTool("sha256sum", sha256);
export const sha512sum = hashTool("sha512sum", sha512);

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export const base64: CommandSpec = {
  name: "base64",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "dw:i", { decode: "d", wrap: "w" });
    if (problem !== undefined) return yield* call.usage(problem, "[-d] [-w COL] [FILE]");
    const content = yield* call.readFile(rest[0] ?? "-");
    if (!content.ok) {
      yield* call.complainAbout(rest[0] ?? "-", content.error);
      return 1;
    }
    if (values.has("d")) {
      const bytes = decodeBase64(content.value.replace(/\s/g, ""));
      if (bytes === undefined) return yield* call.fail(call.isBusybox ? "truncated input" : "invalid input");
      yield* call.out(textOf(bytes));
      return 0;
    }
    const text = encodeBase64(utf8ToBytes(content.value));
    const width = Number(values.get("w") ?? 76);
    yield* call.out(width === 0 ? text : text.replace(new RegExp(`.{1,${width || 76}}`, "g"), "$&\n"));
    return 0;
  },
};

function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k < 4; k++) text += i + k > bytes.length ? "=" : ALPHABET.charAt((word >> (18 - 6 * k)) & 63);
  }
  return text;
}

function decodeBase64(text: string): number[] | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += 4) {
    let word = 0;
    for (let k = 0; k < 4; k++) word = (word << 6) | Math.max(0, ALPHABET.indexOf(text.charAt(i + k)));
    const padding = text.slice(i, i + 4).split("=").length - 1;
    for (let k = 0; k < 3 - padding; k++) bytes.push((word >> (16 - 8 * k)) & 255);
  }
  return bytes;
}

function textOf(bytes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] ?? 0;
    const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    let code = size === 1 ? first : first & (0xff >> (size + 1));
    for (let k = 1; k < size; k++) code = (code << 6) | ((bytes[i + k] ?? 0) & 0x3f);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    i += size;
  }
  return text;
}
