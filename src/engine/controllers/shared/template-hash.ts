import { canonicalJson } from "../../kernel/hash.ts";
import type { PodTemplateSpec } from "../../kinds/generated/types.ts";

export const POD_TEMPLATE_HASH_LABEL = "pod-template-hash";
/** Source: staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go, alphanums. */
const SAFE_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Source: staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go, SafeEncodeString. */
export const safeEncode = (text: string): string => Array.from(text, (character) => SAFE_CHARACTERS[character.charCodeAt(0) % SAFE_CHARACTERS.length]).join("");

/** FNV-1a over the bytes of a text; characters beyond a byte count as two. Source: Go hash/fnv, New32a. */
export function fnv32a(bytes: Iterable<number>): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * A short hash of any value, in upstream's shape: decimal digits of an FNV-1a sum, written with letters that spell no words.
 * Source: pkg/controller/controller_utils.go, ComputeHash.
 * Differs: upstream hashes Go's print of its own structs, which cannot be had here; this hashes canonical JSON. Equal values still
 * have equal hashes and look the same (1 to 10 of "456789bcdf"); only the literal text differs.
 */
export function computeHash(value: unknown, collisionCount: number | undefined): string {
  return safeEncode(String(fnv32a(bytesOf(canonicalJson(withoutEmpty(value)), collisionCount))));
}

function* bytesOf(text: string, collisionCount: number | undefined): Generator<number> {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    yield unit & 0xff;
    if (unit > 0xff) yield unit >>> 8;
  }
  if (collisionCount === undefined) return;
  for (let shift = 0; shift < 64; shift += 8) yield shift < 32 ? (collisionCount >>> shift) & 0xff : 0;
}

/** Nothing, null and empty lists are the same to Go's semantic comparison. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined && v !== null && !(Array.isArray(v) && v.length === 0))
      .map(([k, v]) => [k, withoutEmpty(v)]),
  );
}

const texts = new WeakMap<PodTemplateSpec, string>();

/** Canonical text of a template without its hash label. Stored templates never change, so it is made once for each. */
function templateText(template: PodTemplateSpec): string {
  let text = texts.get(template);
  if (text === undefined) {
    const { metadata, ...rest } = template;
    const { [POD_TEMPLATE_HASH_LABEL]: _hash, ...labels } = metadata?.labels ?? {};
    const { labels: _labels, name, ...meta } = metadata ?? { name: "" };
    text = canonicalJson(withoutEmpty({ ...rest, metadata: { ...meta, name: name === "" ? undefined : name, labels } }));
    texts.set(template, text);
  }
  return text;
}

/** Source: pkg/controller/deployment/util/deployment_util.go, EqualIgnoreHash. */
export const equalIgnoringHash = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  a !== undefined && b !== undefined && (a === b || templateText(a) === templateText(b));
