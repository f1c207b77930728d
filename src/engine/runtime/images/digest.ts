import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** "sha256:…" of a name: equal names give equal digests on every node and in every run. Differs: real digests are of the content. */
export const digestOf = (name: string): string => `sha256:${bytesToHex(sha256(utf8ToBytes(name)))}`;
