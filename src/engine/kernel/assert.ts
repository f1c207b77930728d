/** Our own bug, never the caller's input: stop at once, with a sentence that says what ought to be true. */
export function assert(condition: unknown, shouldBeTrue: string): asserts condition {
  if (!condition) throw new Error(`Kubarium bug: expected that ${shouldBeTrue}`);
}

/** Makes the compiler name the union member that a switch forgot. */
export function unreachable(value: never): never {
  throw new Error(`Kubarium bug: unexpected ${JSON.stringify(value)}`);
}
