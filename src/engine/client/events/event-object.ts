import type { KubeObject } from "../../apimachinery/object.ts";
import { hash32 } from "../../kernel/hash.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { ObjectReference } from "../../kinds/generated/types.ts";
import type { ComponentContext, EventSubject } from "../contracts.ts";

/** Which object an event is about. Source: k8s.io/client-go/tools/reference/ref.go, GetReference. */
export function referenceOf({ object, fieldPath }: EventSubject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    kind: object.kind, ...(namespace === undefined ? {} : { namespace }), name, ...(uid === undefined ? {} : { uid }), apiVersion: object.apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

/** Names events "{object}.{Unix nanoseconds in hex}"; two events of one recorder never share a name. */
export function createEventNamer(context: ComponentContext, recorder: string): (object: KubeObject) => string {
  const offset = BigInt(hash32(recorder) % 1_000); // keeps recorders apart that speak in the same microsecond
  let last = 0n;
  return (object) => {
    const at: SimTimeUs = context.clock.now();
    let nanos = BigInt(context.time.epochSeconds) * 1_000_000_000n + BigInt(at) * 1_000n + offset;
    if (nanos <= last) nanos = last + 1n;
    last = nanos;
    return `${object.metadata.name}.${nanos.toString(16)}`;
  };
}
