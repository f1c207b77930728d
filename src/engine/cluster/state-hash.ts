import type { KubeObject } from "../apimachinery/object.ts";
import { canonicalJson, hash32, mix32 } from "../kernel/hash.ts";
import type { PacketTrace } from "../network/trace/packet-trace.ts";

/** Two words, so that a chance hit is one in 2^64. */
const SEEDS = [0x811c9dc5, 0x9747b28c] as const;

/** Sixteen hex digits over the whole store and all finished traces: equal runs have equal hashes. */
export function stateHash(objects: readonly KubeObject[], traces: readonly PacketTrace[], textOf: (trace: PacketTrace) => string): string {
  const words: [number, number] = [SEEDS[0], SEEDS[1]];
  const add = (text: string): void => {
    words[0] = mix32(words[0] ^ hash32(text, SEEDS[0]));
    words[1] = mix32(words[1] ^ hash32(text, SEEDS[1]));
  };
  for (const object of objects) add(canonicalJson(object));
  // Cause numbers are left out: clients that only watch make events of their own.
  for (const trace of traces) if (trace.status !== "running") add(`${trace.id} ${trace.startedUs} ${trace.endedUs} ${trace.status} ${textOf(trace)}`);
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}
