import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "../../kernel/hash.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { Pod } from "../../kinds/pod.ts";
import { CONFIG_HASH, CONFIG_MIRROR, CONFIG_SEEN, CONFIG_SOURCE } from "../pod-helpers.ts";

/**
 * A manifest as the kubelet runs it: named after its node, with a uid that follows from its content.
 * Source: pkg/kubelet/config/common.go, applyDefaults.
 */
export function staticPodOf(manifest: PodObject, nodeName: string, seenAt: string): PodObject {
  const uid = bytesToHex(md5(utf8ToBytes(`${canonicalJson(manifest)}host:${nodeName}file:/etc/kubernetes/manifests/${manifest.metadata.name}.yaml`)));
  const { metadata, spec } = manifest;
  const name = `${metadata.name}-${nodeName}`;
  const pod: PodObject = {
    ...manifest,
    metadata: {
      ...metadata, name, namespace: metadata.namespace ?? "default", uid,
      annotations: { ...metadata.annotations, [CONFIG_HASH]: uid, [CONFIG_SEEN]: seenAt, [CONFIG_SOURCE]: "file" },
    },
    spec: { ...spec, nodeName, tolerations: [...(spec.tolerations ?? []), { operator: "Exists", effect: "NoExecute" }] },
    status: { phase: "Pending" },
  };
  return Pod.defaults(pod);
}

/** What the API gets to see of a static pod. Source: pkg/kubelet/pod/mirror_client.go, CreateMirrorPod. */
export function mirrorPodOf(pod: PodObject, nodeUid: string): PodObject {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, ...metadata } = pod.metadata;
  const nodeName = pod.spec.nodeName ?? "";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [CONFIG_MIRROR]: metadata.annotations?.[CONFIG_HASH] ?? "" },
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid: nodeUid, controller: true }],
    },
    spec: pod.spec,
  };
}

/** Source: pkg/kubelet/pod/mirror_client.go, IsMirrorPodOf. */
export const isMirrorOf = (mirror: PodObject, pod: PodObject): boolean => mirror.metadata.annotations?.[CONFIG_MIRROR] === pod.metadata.annotations?.[CONFIG_HASH];
