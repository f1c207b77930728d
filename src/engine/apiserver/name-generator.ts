import type { Rng } from "../kernel/rng.ts";

const ALPHABET = "bcdfghjklmnpqrstvwxz2456789"; // no vowels, no characters that look alike
const SUFFIX_LENGTH = 5;
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;

/** Source: apimachinery/pkg/util/rand/rand.go, String. */
export function randomSuffix(rng: Rng, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += ALPHABET[rng.below(ALPHABET.length)] as string;
  return text;
}

/** Source: apiserver/pkg/storage/names/generate.go, GenerateName. */
export const generateName = (rng: Rng, base: string): string => base.slice(0, MAX_BASE_LENGTH) + randomSuffix(rng, SUFFIX_LENGTH);
