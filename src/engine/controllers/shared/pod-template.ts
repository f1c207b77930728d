import type { KubeObject } from "../../apimachinery/object.ts";
import type { ObjectMeta, OwnerReference, PodObject, PodTemplateSpec } from "../../kinds/generated/types.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The pod that a template and its owner ask for. The server appends five random characters to `generateName`. Source: pkg/controller/controller_utils.go, GetPodFromTemplate. */
export function podFromTemplate(template: PodTemplateSpec | undefined, owner: KubeObject, reference: OwnerReference): PodObject {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  const prefix = `${owner.metadata.name}-`;
  // A prefix that would make every name invalid is tried without its dash.
  const generateName = SUBDOMAIN.test(prefix.slice(0, -1)) ? prefix : owner.metadata.name;
  const metadata = { generateName, namespace: owner.metadata.namespace, ...(labels && { labels }), ...(annotations && { annotations }), ...(finalizers && { finalizers }), ownerReferences: [reference] };
  return { apiVersion: "v1", kind: "Pod", metadata: metadata as unknown as ObjectMeta, spec: template?.spec ?? { containers: [] } };
}
