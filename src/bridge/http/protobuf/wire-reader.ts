/** One field as it stands on the wire. `value` is a number for varints and fixed words, bytes for what has a length. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** The bytes are no protobuf message. The message says what is wrong in the words of Go's generated decoders. */
export class WireError extends Error {}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const MAX_VARINT_BYTES = 10;

/**
 * Walks the fields of one message in the order of the bytes.
 * Our own reader instead of a library's: kubectl's bodies need four wire types and exact error texts, and nothing of schemas, code generation or writing.
 * Source: the generated Unmarshal functions of staging/src/k8s.io/api, for example core/v1/generated.pb.go.
 */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new WireError("unexpected EOF");
      result |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asUintN(64, result);
    }
    throw new WireError("proto: integer overflow");
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (number <= 0 || number > 0x1fffffff) throw new WireError(`proto: illegal tag ${number} (wire type ${wireType})`);
    if (wireType === VARINT) {
      yield { number, value: varint() };
    } else if (wireType === BYTES) {
      const length = varint();
      if (length > BigInt(bytes.length - at)) throw new WireError("unexpected EOF");
      yield { number, value: bytes.subarray(at, (at += Number(length))) };
    } else if (wireType === FIXED_64 || wireType === FIXED_32) {
      const size = wireType === FIXED_64 ? 8 : 4;
      if (at + size > bytes.length) throw new WireError("unexpected EOF");
      yield { number, value: size === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)) };
      at += size;
    } else {
      // Groups (3, 4) are in no Kubernetes type.
      throw new WireError(`proto: illegal wireType ${wireType}`);
    }
  }
}
