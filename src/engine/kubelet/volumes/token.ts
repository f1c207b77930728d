import { sha256 } from "@noble/hashes/sha2.js";
import type { PodObject, ServiceAccountTokenProjection } from "../../kinds/generated/types.ts";
import { encodeBase64Url } from "./base64.ts";

export interface TokenInput {
  readonly pod: PodObject;
  readonly source: ServiceAccountTokenProjection;
  readonly nowUnixSeconds: number;
  readonly clusterDomain: string;
}

const DEFAULT_EXPIRATION_SECONDS = 3_600;

/**
 * The token file of a pod: a JSON web token bound to the pod, as the server would sign it.
 * Source: pkg/serviceaccount/claims.go, Claims; pkg/kubelet/token/token_manager.go.
 * Differs: the kubelet makes the token itself, without a TokenRequest to the API server, and the signature is a hash.
 */
export function serviceAccountToken({ pod, source, nowUnixSeconds, clusterDomain }: TokenInput): string {
  const namespace = pod.metadata.namespace ?? "";
  const account = pod.spec.serviceAccountName ?? "default";
  const issuer = `https://kubernetes.default.svc.${clusterDomain}`;
  const expires = nowUnixSeconds + (source.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS);
  const header = encodeBase64Url(JSON.stringify({ alg: "RS256", kid: "kubarium" }));
  const claims = encodeBase64Url(
    JSON.stringify({
      aud: [source.audience === undefined || source.audience === "" ? issuer : source.audience],
      exp: expires, iat: nowUnixSeconds, iss: issuer,
      "kubernetes.io": { namespace, node: { name: pod.spec.nodeName ?? "" }, pod: { name: pod.metadata.name, uid: pod.metadata.uid ?? "" }, serviceaccount: { name: account } },
      nbf: nowUnixSeconds, sub: `system:serviceaccount:${namespace}:${account}`,
    }),
  );
  const digest = sha256(Uint8Array.from(`${header}.${claims}`, (letter) => letter.charCodeAt(0) & 0xff));
  return `${header}.${claims}.${encodeBase64Url(String.fromCharCode(...digest))}`;
}
