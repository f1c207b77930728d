import type {
  Container, ContainerPort, EnvVar, EphemeralContainer, GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, PodObject, PodSpec, PodTemplateSpec, Probe,
} from "../generated/types.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { defaultResourceList, defaultResources } from "../shared/resource-list.ts";
import { defaultFieldRef } from "./field-ref-defaults.ts";
import { defaultPullPolicy } from "./image-reference.ts";
import { defaultVolume } from "./volume-defaults.ts";

/*
 * Source: pkg/apis/core/v1/defaults.go (SetDefaults_Pod, SetDefaults_PodSpec, SetDefaults_Container, SetDefaults_Probe, …) and what a round trip
 * through the internal version does (pkg/apis/core/v1/conversion.go: serviceAccount mirrors serviceAccountName). Fields whose feature gate is off
 * in 1.33 go here too (pkg/api/pod/util.go, dropDisabledFields): pod-level resources, resource claims, stop signals.
 */

/** A pod has what its spec has as a template's, and more. */
export function defaultPod(pod: PodObject): PodObject {
  const base = defaultPodSpec(pod.spec);
  const hostPorts = base.hostNetwork === true;
  const ofPod = <C extends Container>(container: C): C => requestsFromLimits(hostPorts ? withHostPorts(container) : container);
  const spec = withFields("core/v1.PodSpec", base, {
    initContainers: mapChanged(base.initContainers, ofPod),
    containers: mapChanged(base.containers, ofPod),
    enableServiceLinks: base.enableServiceLinks ?? true,
  });
  return spec === pod.spec ? pod : { ...pod, spec };
}

export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const spec = defaultPodSpec(template.spec);
  return spec === template.spec ? template : { ...template, spec };
}

export function defaultPodSpec(spec: PodSpec): PodSpec {
  const serviceAccount = spec.serviceAccountName || spec.serviceAccount || undefined;
  return withFields("core/v1.PodSpec", spec, {
    volumes: mapChanged(spec.volumes, defaultVolume),
    initContainers: mapChanged(spec.initContainers, defaultContainer),
    containers: mapChanged(spec.containers, defaultContainer),
    ephemeralContainers: mapChanged(spec.ephemeralContainers, defaultContainer),
    restartPolicy: spec.restartPolicy || "Always",
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    dnsPolicy: spec.dnsPolicy || "ClusterFirst",
    serviceAccountName: serviceAccount,
    serviceAccount,
    securityContext: spec.securityContext ?? {},
    schedulerName: spec.schedulerName || "default-scheduler",
    overhead: defaultResourceList(spec.overhead),
    resources: undefined,
    resourceClaims: undefined,
  });
}

function defaultContainer<C extends Container | EphemeralContainer>(container: C): C {
  const schema = "targetContainerName" in container ? "core/v1.EphemeralContainer" : "core/v1.Container";
  return withFields<Container>(schema, container, {
    ports: mapChanged(container.ports, defaultPort),
    env: mapChanged(container.env, defaultEnv),
    resources: defaultResources(container.resources ?? {}),
    livenessProbe: defaultProbe(container.livenessProbe),
    readinessProbe: defaultProbe(container.readinessProbe),
    startupProbe: defaultProbe(container.startupProbe),
    lifecycle: defaultLifecycle(container.lifecycle),
    terminationMessagePath: container.terminationMessagePath || "/dev/termination-log",
    terminationMessagePolicy: container.terminationMessagePolicy || "File",
    imagePullPolicy: container.imagePullPolicy || defaultPullPolicy(container.image ?? ""),
  }) as C;
}

const defaultPort = (port: ContainerPort): ContainerPort => withFields("core/v1.ContainerPort", port, { protocol: port.protocol || "TCP" });

function defaultEnv(variable: EnvVar): EnvVar {
  const fieldRef = variable.valueFrom?.fieldRef;
  if (fieldRef === undefined || variable.valueFrom === undefined) return variable;
  const changed = defaultFieldRef(fieldRef);
  return changed === fieldRef ? variable : { ...variable, valueFrom: { ...variable.valueFrom, fieldRef: changed } };
}

function defaultProbe(probe: Probe | undefined): Probe | undefined {
  if (probe === undefined) return undefined;
  return withFields("core/v1.Probe", probe, {
    httpGet: defaultHttpGet(probe.httpGet),
    grpc: defaultGrpc(probe.grpc),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  });
}

const defaultHttpGet = (get: HTTPGetAction | undefined): HTTPGetAction | undefined =>
  get === undefined ? undefined : withFields("core/v1.HTTPGetAction", get, { path: get.path || "/", scheme: get.scheme || "HTTP" });

const defaultGrpc = (grpc: GRPCAction | undefined): GRPCAction | undefined =>
  grpc === undefined ? undefined : withFields("core/v1.GRPCAction", grpc, { service: grpc.service ?? "" });

function defaultLifecycle(lifecycle: Lifecycle | undefined): Lifecycle | undefined {
  if (lifecycle === undefined) return undefined;
  const handler = (of: LifecycleHandler | undefined): LifecycleHandler | undefined =>
    of === undefined ? undefined : withFields("core/v1.LifecycleHandler", of, { httpGet: defaultHttpGet(of.httpGet) });
  return withFields("core/v1.Lifecycle", lifecycle, { postStart: handler(lifecycle.postStart), preStop: handler(lifecycle.preStop), stopSignal: undefined });
}

/** On the host's network a container's ports are the host's. Source: defaultHostNetworkPorts. */
function withHostPorts<C extends Container>(container: C): C {
  const ports = mapChanged(container.ports, (port) => withFields("core/v1.ContainerPort", port, { hostPort: port.hostPort || port.containerPort || undefined }));
  return ports === container.ports ? container : { ...container, ports };
}

/** A limit without a request is the request. Source: SetDefaults_Pod. */
function requestsFromLimits<C extends Container>(container: C): C {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const missing = Object.entries(limits).filter(([name]) => !Object.hasOwn(requests, name));
  if (missing.length === 0) return container;
  const all = Object.fromEntries([...Object.entries(requests), ...missing].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...container, resources: { ...container.resources, requests: all } };
}
