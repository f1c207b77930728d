import type { PodObject } from "../../../engine/kinds/generated/types.ts";
import { describeContainers, describeVolumes, tolerationTexts } from "./containers.ts";
import type { AnyObject } from "../list-objects.ts";
import { controllerText, type Describer, eventsOf, newPage, writeEvents, writeHead } from "./describer.ts";
import { rfc1123 } from "./page.ts";

/** Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, describePod. */
export const describePod: Describer = {
  kind: "Pod",
  async describe(object, scope) {
    const pod = object as unknown as PodObject;
    const { spec, status = {}, metadata } = pod;
    const page = newPage(scope);
    writeHead(page, object);
    if (spec.priority !== undefined) page.line(0, `Priority:\t${spec.priority}`);
    if ((spec.priorityClassName ?? "") !== "") page.line(0, `Priority Class Name:\t${spec.priorityClassName}`);
    if ((spec.runtimeClassName ?? "") !== "") page.line(0, `Runtime Class Name:\t${spec.runtimeClassName}`);
    if ((spec.serviceAccountName ?? "") !== "") page.line(0, `Service Account:\t${spec.serviceAccountName}`);
    page.line(0, `Node:\t${(spec.nodeName ?? "") === "" ? "<none>" : `${spec.nodeName}/${status.hostIP ?? ""}`}`);
    if (status.startTime !== undefined) page.line(0, `Start Time:\t${rfc1123(status.startTime)}`);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    if (metadata.deletionTimestamp !== undefined && status.reason !== "NodeLost") {
      page.line(0, `Status:\tTerminating (lasts ${page.age(metadata.deletionTimestamp)})`);
      page.line(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds}s`);
    } else page.line(0, `Status:\t${status.phase ?? ""}`);
    if ((status.reason ?? "") !== "") page.line(0, `Reason:\t${status.reason}`);
    if ((status.message ?? "") !== "") page.line(0, `Message:\t${status.message}`);
    if (spec.securityContext?.seccompProfile !== undefined) page.line(0, `SeccompProfile:\t${spec.securityContext.seccompProfile.type}`);
    page.line(0, `IP:\t${status.podIP ?? ""}`);
    const ips = status.podIPs ?? [];
    if (ips.length === 0) page.line(0, "IPs:\t<none>");
    else {
      page.line(0, "IPs:");
      for (const { ip } of ips) page.line(1, `IP:\t${ip}`);
    }
    const controller = controllerText(object);
    if (controller !== undefined) page.line(0, `Controlled By:\t${controller}`);
    if ((status.nominatedNodeName ?? "") !== "") page.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`);
    const read = (path: string): string => fieldOf(pod, path);
    if ((spec.initContainers ?? []).length > 0) describeContainers(page, "Init Containers", spec.initContainers ?? [], status.initContainerStatuses ?? [], read, "");
    describeContainers(page, "Containers", spec.containers, status.containerStatuses ?? [], read, "");
    const gates = spec.readinessGates ?? [];
    if (gates.length > 0) {
      page.raw("Readiness Gates:\n  Type\tStatus\n");
      for (const gate of gates) page.line(1, `${gate.conditionType} \t${status.conditions?.find((condition) => condition.type === gate.conditionType)?.status ?? "<none>"} `);
    }
    if ((status.conditions ?? []).length > 0) {
      page.raw("Conditions:\n  Type\tStatus\n");
      for (const condition of status.conditions ?? []) page.line(1, `${condition.type} \t${condition.status} `);
    }
    describeVolumes(page, spec.volumes ?? [], "");
    page.line(0, `QoS Class:\t${status.qosClass ?? ""}`);
    page.labels("Node-Selectors", spec.nodeSelector);
    page.lines("Tolerations", tolerationTexts(spec.tolerations));
    for (const [i, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
      page.line(0, `${i === 0 ? "Topology Spread Constraints:" : ""}\t${constraint.topologyKey}:${constraint.whenUnsatisfiable} when max skew ${constraint.maxSkew} is exceeded`);
    }
    writeEvents(page, scope, await eventsOf(scope, asKubeletKnows(object)));
    return page.finish();
  },
};

/** The kubelet writes events about a static pod with the uid of its file, which the mirror pod carries as an annotation. Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, PodDescriber.Describe. */
function asKubeletKnows<T extends AnyObject>(object: T): T {
  const uid = object.metadata.annotations?.["kubernetes.io/config.mirror"];
  return uid === undefined ? object : { ...object, metadata: { ...object.metadata, uid } };
}

/** Only metadata is looked up; the rest prints empty. Source: pkg/fieldpath/fieldpath.go, ExtractFieldPathAsString. */
function fieldOf({ metadata }: PodObject, path: string): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript !== null) return metadata[subscript[1] as "labels" | "annotations"]?.[subscript[2] ?? ""] ?? "";
  const known: Readonly<Record<string, string | undefined>> = { "metadata.name": metadata.name, "metadata.namespace": metadata.namespace, "metadata.uid": metadata.uid };
  return known[path] ?? "";
}
