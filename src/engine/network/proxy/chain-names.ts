import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HASH_LENGTH = 16; // chain names have at most 28 characters

/** First 16 characters of the base32 text (RFC 4648) of the SHA-256. Source: pkg/proxy/iptables/proxier.go, portProtoHash and servicePortEndpointChainName. */
export function chainHash(servicePort: string, protocol: string, endpoint = ""): string {
  const bytes = sha256(utf8ToBytes(servicePort + protocol + endpoint));
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && text.length < HASH_LENGTH) {
      text += BASE32[(buffer >>> (bits - 5)) & 31] ?? "";
      bits -= 5;
    }
    if (text.length === HASH_LENGTH) break;
  }
  return text;
}
