import type { PodObject } from "../../kinds/generated/types.ts";
import type { SandboxConfig } from "../../runtime/contracts.ts";
import { hostAliases, podDns, podHostname } from "../dns/pod-dns.ts";
import { type NodeContext, podEvent } from "../node-context.ts";
import { isHostNetwork, podUid } from "../pod-helpers.ts";

/** Source: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go, generatePodSandboxConfig. */
export function sandboxConfig(context: NodeContext, pod: PodObject, attempt: number): SandboxConfig {
  const { clusterDNS, clusterDomain, network, node } = context;
  const resolvConf = podDns(pod, { host: network.host.resolvConf, clusterDNS, clusterDomain }, ({ reason, message }) => podEvent(context, pod, "Warning", reason, message));
  const name = podHostname(pod, clusterDomain);
  return {
    podNamespace: pod.metadata.namespace ?? "",
    podName: pod.metadata.name,
    podUid: podUid(pod),
    attempt,
    hostname: isHostNetwork(pod) ? node.name : name.hostname,
    ...(name.domain === "" || isHostNetwork(pod) ? {} : { domain: name.domain }),
    hostNetwork: isHostNetwork(pod),
    resolvConf,
    hostAliases: hostAliases(pod),
    portMappings: isHostNetwork(pod) ? [] : portMappings(pod),
  };
}

function portMappings(pod: PodObject): SandboxConfig["portMappings"] {
  return pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, containerPort, protocol = "TCP", hostIP = "" }) =>
      hostPort === 0 ? [] : [{ hostPort, containerPort, protocol, ...(hostIP === "" ? {} : { hostIP }) }],
    ),
  );
}
