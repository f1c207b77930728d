const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Text of characters below 256 (bytes) in unpadded URL-safe base64. */
export function encodeBase64Url(bytes: string): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes.charCodeAt(i) << 16) | ((left > 1 ? bytes.charCodeAt(i + 1) : 0) << 8) | (left > 2 ? bytes.charCodeAt(i + 2) : 0);
    for (let digit = 0; digit < Math.min(4, left + 1); digit++) text += ALPHABET[(word >> (18 - 6 * digit)) & 63] as string;
  }
  return text;
}

/** The bytes, one character each; or the offset of the first character that does not belong. */
export function decodeBase64Url(text: string): { readonly bytes: string } | { readonly illegalAt: number } {
  let bytes = "";
  let word = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = ALPHABET.indexOf(text[i] as string);
    if (digit < 0) return { illegalAt: i };
    word = ((word << 6) | digit) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += String.fromCharCode((word >> bits) & 255);
    }
  }
  return text.length % 4 === 1 ? { illegalAt: text.length - 1 } : { bytes };
}
