import type { Container, ContainerState, ContainerStatus, PodTemplateSpec, Probe, Toleration, Volume, VolumeMount } from "../../../engine/kinds/generated/types.ts";
import { compareText, joinOrNone, type Page, rfc1123, titleBool } from "./page.ts";

/** Resolves a fieldRef to its present value; templates have none. */
export type FieldReader = ((path: string) => string) | undefined;

/** Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, describeContainers. `space` is what pod templates put in front. */
export function describeContainers(page: Page, label: string, containers: readonly Container[], statuses: readonly ContainerStatus[], read: FieldReader, space: string): void {
  page.line(0, containers.length === 0 ? `${space}${label}: <none>` : `${space}${label}:`);
  for (const container of containers) {
    const status = statuses.find((candidate) => candidate.name === container.name);
    page.line(1, `${space === "" ? "" : " "}${container.name}:`);
    if (status !== undefined) page.line(2, `Container ID:\t${status.containerID ?? ""}`);
    page.line(2, `Image:\t${container.image ?? ""}`);
    if (status !== undefined) page.line(2, `Image ID:\t${status.imageID}`);
    const ports = (container.ports ?? []).map((port) => `${port.containerPort}/${port.protocol}`);
    const hostPorts = (container.ports ?? []).map((port) => `${port.hostPort ?? 0}/${port.protocol}`);
    page.line(2, `${ports.length > 1 ? "Ports" : "Port"}:\t${joinOrNone(ports)}`);
    page.line(2, `${hostPorts.length > 1 ? "Host Ports" : "Host Port"}:\t${joinOrNone(hostPorts)}`);
    const seccomp = container.securityContext?.seccompProfile;
    if (seccomp !== undefined) page.line(2, `SeccompProfile:\t${seccomp.type}`);
    words(page, "Command", container.command);
    words(page, "Args", container.args);
    if (status !== undefined) describeState(page, status);
    resources(page, "Limits", container.resources?.limits);
    resources(page, "Requests", container.resources?.requests);
    for (const [title, probe] of [["Liveness", container.livenessProbe], ["Readiness", container.readinessProbe], ["Startup", container.startupProbe]] as const) {
      if (probe !== undefined) page.line(2, `${title}:\t${probeText(probe)}`);
    }
    describeEnvironment(page, container, read);
    describeMounts(page, container.volumeMounts ?? []);
  }
}

function words(page: Page, title: string, list: readonly string[] | undefined): void {
  if (list === undefined || list.length === 0) return;
  page.line(2, `${title}:`);
  for (const word of list) for (const line of word.split("\n")) page.line(3, line);
}

function describeState(page: Page, status: ContainerStatus): void {
  stateLines(page, "State", status.state ?? {});
  if (status.lastState?.terminated !== undefined) stateLines(page, "Last State", status.lastState);
  page.line(2, `Ready:\t${titleBool(status.ready)}`);
  page.line(2, `Restart Count:\t${status.restartCount}`);
}

function stateLines(page: Page, title: string, { running, waiting, terminated }: ContainerState): void {
  if (running !== undefined) {
    page.line(2, `${title}:\tRunning`);
    page.line(3, `Started:\t${rfc1123(running.startedAt)}`);
  } else if (terminated !== undefined) {
    page.line(2, `${title}:\tTerminated`);
    if ((terminated.reason ?? "") !== "") page.line(3, `Reason:\t${terminated.reason}`);
    if ((terminated.message ?? "") !== "") page.line(3, `Message:\t${terminated.message}`);
    page.line(3, `Exit Code:\t${terminated.exitCode}`);
    if ((terminated.signal ?? 0) > 0) page.line(3, `Signal:\t${terminated.signal}`);
    page.line(3, `Started:\t${rfc1123(terminated.startedAt)}`);
    page.line(3, `Finished:\t${rfc1123(terminated.finishedAt)}`);
  } else {
    page.line(2, `${title}:\tWaiting`);
    if ((waiting?.reason ?? "") !== "") page.line(3, `Reason:\t${waiting?.reason}`);
  }
}

function resources(page: Page, title: string, list: Readonly<Record<string, string>> | undefined): void {
  const entries = Object.entries(list ?? {}).toSorted(([a], [b]) => compareText(a, b));
  if (entries.length === 0) return;
  page.line(2, `${title}:`);
  for (const [name, quantity] of entries) page.line(3, `${name}:\t${quantity}`);
}

/** Source: describe.go, DescribeProbe. */
export function probeText(probe: Probe): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 0}s period=${probe.periodSeconds ?? 0}s #success=${probe.successThreshold ?? 0} #failure=${probe.failureThreshold ?? 0}`;
  if (probe.exec !== undefined) return `exec [${(probe.exec.command ?? []).join(" ")}] ${attributes}`;
  if (probe.httpGet !== undefined) {
    const { scheme, host, port, path } = probe.httpGet;
    return `http-get ${(scheme ?? "http").toLowerCase()}://${host ?? ""}:${port}${path === undefined || path.startsWith("/") ? (path ?? "") : `/${path}`} ${attributes}`;
  }
  if (probe.tcpSocket !== undefined) return `tcp-socket ${probe.tcpSocket.host ?? ""}:${probe.tcpSocket.port} ${attributes}`;
  if (probe.grpc !== undefined) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ""} ${attributes}`;
  return `unknown ${attributes}`;
}

function describeEnvironment(page: Page, container: Container, read: FieldReader): void {
  const from = container.envFrom ?? [];
  if (from.length > 0) {
    page.line(2, "Environment Variables from:");
    for (const source of from) {
      const [kind, ref] = source.configMapRef === undefined ? (["Secret", source.secretRef] as const) : (["ConfigMap", source.configMapRef] as const);
      const prefix = source.prefix === undefined || source.prefix === "" ? "" : ` with prefix '${source.prefix}'`;
      page.line(3, `${ref?.name ?? ""}\t${kind}${prefix}\tOptional: ${ref?.optional ?? false}`);
    }
  }
  const env = container.env ?? [];
  page.line(2, env.length === 0 ? "Environment:\t<none>" : "Environment:");
  for (const { name, value, valueFrom } of env) {
    if (valueFrom === undefined) (value ?? "").split("\n").forEach((line, i) => page.line(3, i === 0 ? `${name}:\t${line}` : `\t${line}`));
    else if (valueFrom.fieldRef !== undefined) page.line(3, `${name}:\t${read?.(valueFrom.fieldRef.fieldPath) ?? ""} (${valueFrom.fieldRef.apiVersion ?? "v1"}:${valueFrom.fieldRef.fieldPath})`);
    else if (valueFrom.resourceFieldRef !== undefined) page.line(3, `${name}:\t${resourceText(container, valueFrom.resourceFieldRef.resource)} (${valueFrom.resourceFieldRef.resource})`);
    else if (valueFrom.secretKeyRef !== undefined) page.line(3, `${name}:\t<set to the key '${valueFrom.secretKeyRef.key}' in secret '${valueFrom.secretKeyRef.name ?? ""}'>\tOptional: ${valueFrom.secretKeyRef.optional ?? false}`);
    else if (valueFrom.configMapKeyRef !== undefined) page.line(3, `${name}:\t<set to the key '${valueFrom.configMapKeyRef.key}' of config map '${valueFrom.configMapKeyRef.name ?? ""}'>\tOptional: ${valueFrom.configMapKeyRef.optional ?? false}`);
  }
}

function resourceText(container: Container, resource: string): string {
  const [list, name] = resource.split(".");
  return (list === "limits" ? container.resources?.limits : container.resources?.requests)?.[name ?? ""] ?? "0";
}

function describeMounts(page: Page, mounts: readonly VolumeMount[]): void {
  page.line(2, mounts.length === 0 ? "Mounts:\t<none>" : "Mounts:");
  for (const mount of mounts.toSorted((a, b) => compareText(a.mountPath, b.mountPath))) {
    const flags = [mount.readOnly === true ? "ro" : "rw", ...(mount.subPath === undefined || mount.subPath === "" ? [] : [`path=${JSON.stringify(mount.subPath)}`])];
    page.line(3, `${mount.mountPath} from ${mount.name} (${flags.join(",")})`);
  }
}

/** Source: describe.go, describeVolumes and its printers. Differs: volume types that this cluster does not have print "<unknown>". */
export function describeVolumes(page: Page, volumes: readonly Volume[], space: string): void {
  page.line(0, volumes.length === 0 ? `${space}Volumes:\t<none>` : `${space}Volumes:`);
  for (const volume of volumes) {
    page.line(1, `${space === "" ? "" : " "}${volume.name}:`);
    for (const line of volumeLines(volume)) page.line(2, line);
  }
}

function volumeLines(volume: Volume): string[] {
  if (volume.emptyDir !== undefined) return ["Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)", `Medium:\t${volume.emptyDir.medium ?? ""}`, `SizeLimit:\t${volume.emptyDir.sizeLimit ?? "<unset>"}`];
  if (volume.hostPath !== undefined) return ["Type:\tHostPath (bare host directory volume)", `Path:\t${volume.hostPath.path}`, `HostPathType:\t${volume.hostPath.type ?? "<none>"}`];
  if (volume.configMap !== undefined) return ["Type:\tConfigMap (a volume populated by a ConfigMap)", `Name:\t${volume.configMap.name ?? ""}`, `Optional:\t${volume.configMap.optional ?? false}`];
  if (volume.secret !== undefined) return ["Type:\tSecret (a volume populated by a Secret)", `SecretName:\t${volume.secret.secretName ?? ""}`, `Optional:\t${volume.secret.optional ?? false}`];
  if (volume.persistentVolumeClaim !== undefined) return ["Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)", `ClaimName:\t${volume.persistentVolumeClaim.claimName}`, `ReadOnly:\t${volume.persistentVolumeClaim.readOnly ?? false}`];
  if (volume.downwardAPI !== undefined) return ["Type:\tDownwardAPI (a volume populated by information about the pod)", "Items:", ...(volume.downwardAPI.items ?? []).map((item) => `  ${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource ?? ""} -> ${item.path}`)];
  if (volume.projected !== undefined) {
    return [
      "Type:\tProjected (a volume that contains injected data from multiple sources)",
      ...(volume.projected.sources ?? []).flatMap((source) => {
        if (source.secret !== undefined) return [`SecretName:\t${source.secret.name ?? ""}`, `Optional:\t${source.secret.optional ?? false}`];
        if (source.downwardAPI !== undefined) return ["DownwardAPI:\ttrue"];
        if (source.configMap !== undefined) return [`ConfigMapName:\t${source.configMap.name ?? ""}`, `Optional:\t${source.configMap.optional ?? false}`];
        if (source.serviceAccountToken !== undefined) return [`TokenExpirationSeconds:\t${source.serviceAccountToken.expirationSeconds ?? 3600}`];
        return [];
      }),
    ];
  }
  return ["<unknown>"];
}

/** Source: describe.go, printPodTolerationsMultiline. */
export function tolerationTexts(tolerations: readonly Toleration[] | undefined): string[] {
  return (tolerations ?? [])
    .toSorted((a, b) => compareText(a.key ?? "", b.key ?? ""))
    .map(({ key = "", value = "", effect = "", operator, tolerationSeconds }) => {
      const subject = `${key}${value === "" ? "" : `=${value}`}${effect === "" ? "" : `:${effect}`}`;
      const exists = operator === "Exists" && value === "" ? (key === "" && effect === "" ? "op=Exists" : " op=Exists") : "";
      return `${subject}${exists}${tolerationSeconds === undefined ? "" : ` for ${tolerationSeconds}s`}`;
    });
}

/** Source: describe.go, DescribePodTemplate. */
export function describePodTemplate(page: Page, template: PodTemplateSpec): void {
  page.line(0, "Pod Template:");
  page.labels("  Labels", template.metadata?.labels);
  if (Object.keys(template.metadata?.annotations ?? {}).length > 0) page.annotations("  Annotations", template.metadata?.annotations);
  const { spec } = template;
  if ((spec.serviceAccountName ?? "") !== "") page.line(0, `  Service Account:\t${spec.serviceAccountName}`);
  if ((spec.initContainers ?? []).length > 0) describeContainers(page, "Init Containers", spec.initContainers ?? [], [], undefined, "  ");
  describeContainers(page, "Containers", spec.containers, [], undefined, "  ");
  describeVolumes(page, spec.volumes ?? [], "  ");
  if ((spec.priorityClassName ?? "") !== "") page.line(0, `  Priority Class Name:\t${spec.priorityClassName}`);
  page.labels("  Node-Selectors", spec.nodeSelector);
  page.lines("  Tolerations", tolerationTexts(spec.tolerations));
}
