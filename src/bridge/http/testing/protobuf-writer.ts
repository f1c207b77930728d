/** Writes protobuf for tests: what Go's generated code writes, field by field. */
export const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

export function varint(value: number | bigint): number[] {
  const result: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    result.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...result, Number(rest)];
}

export const field = (number: number, wireType: number, payload: readonly number[]): Uint8Array => Uint8Array.from([...varint(number * 8 + wireType), ...payload]);
export const int = (number: number, value: number): Uint8Array => field(number, 0, varint(value));
export function bytes(number: number, payload: Uint8Array): Uint8Array {
  const head = Uint8Array.from([...varint(number * 8 + 2), ...varint(payload.length)]);
  const result = new Uint8Array(head.length + payload.length);
  result.set(head);
  result.set(payload, head.length);
  return result;
}
export const text = (number: number, value: string): Uint8Array => bytes(number, new TextEncoder().encode(value));
export const message = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => bytes(number, join(...parts));

/** Kubernetes' envelope around an object. */
export const envelope = (apiVersion: string, kind: string, ...object: readonly Uint8Array[]): Uint8Array =>
  join(Uint8Array.of(0x6b, 0x38, 0x73, 0), message(1, text(1, apiVersion), text(2, kind)), message(2, ...object), text(3, ""), text(4, ""));
