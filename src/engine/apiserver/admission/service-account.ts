import { deepFreeze } from "../../apimachinery/deep.ts";
import { err, ok } from "../../kernel/result.ts";
import type { Container, PodObject, PodSpec, ServiceAccountObject, Volume } from "../../kinds/generated/types.ts";
import { withFields } from "../../kinds/shared/ordered.ts";
import { randomSuffix } from "../name-generator.ts";
import { type AdmissionPlugin, denied } from "./admission.ts";

const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_SECONDS = 3_607; // an hour and a little, so that a service can tell it from one that it asked for
const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

/** Pods run as a service account and get its token. Source: plugin/pkg/admission/serviceaccount/admission.go. */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  kinds: ["Pod"],
  operations: ["CREATE"],
  admit(attributes, view) {
    const pod = attributes.object as PodObject;
    // Mirror pods show what runs on a node anyway; they use no API object.
    if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return ok(pod);
    const name = pod.spec.serviceAccountName || "default";
    const account = view.get("ServiceAccount", { namespace: attributes.namespace, name }) as ServiceAccountObject | undefined;
    if (account === undefined) {
      return err(denied(attributes, `error looking up service account ${attributes.namespace}/${name}: serviceaccount "${name}" not found`));
    }
    let spec = pod.spec;
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) spec = withToken(spec, () => randomSuffix(view.rng, 5));
    const secrets = (spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0 ? { imagePullSecrets: account.imagePullSecrets ?? [] } : {};
    return ok({ ...pod, spec: withFields<PodSpec>("core/v1.PodSpec", spec, { serviceAccountName: name, serviceAccount: name, ...secrets }) });
  },
};

/** Source: mountServiceAccountToken and TokenVolumeSource. */
function withToken(spec: PodSpec, suffix: () => string): PodSpec {
  const lacks = (c: Container): boolean => !(c.volumeMounts ?? []).some((m) => m.mountPath === MOUNT_PATH);
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  if (!all.some(lacks)) return spec;
  const known = (spec.volumes ?? []).find((v) => v.name.startsWith("kube-api-access-"));
  const name = known?.name ?? `kube-api-access-${suffix()}`;
  const tokenMount = { name, readOnly: true, mountPath: MOUNT_PATH };
  const mount = (c: Container): Container => (lacks(c) ? withFields<Container>("core/v1.Container", c, { volumeMounts: [...(c.volumeMounts ?? []), tokenMount] }) : c);
  return {
    ...spec,
    volumes: known === undefined ? [...(spec.volumes ?? []), tokenVolume(name)] : (spec.volumes ?? []),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(mount) }),
    containers: spec.containers.map(mount),
  };
}

/** The same for every pod, so all share it. */
const TOKEN_SOURCES = deepFreeze({
  sources: [
    { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
  ],
  defaultMode: 420,
});

const tokenVolume = (name: string): Volume => ({ name, projected: TOKEN_SOURCES });
