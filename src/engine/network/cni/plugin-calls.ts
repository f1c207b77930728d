import { cidrOf, formatCidr, formatIp } from "../addresses/ip.ts";
import { formatMac } from "../addresses/mac.ts";
import type { NetworkConfigList, PluginConfig } from "./conflist.ts";
import type { Attachment } from "./node-cni.ts";

type Json = Readonly<Record<string, unknown>>;

/** One plugin of the chain: how it was called and what it answered. */
export interface PluginCall {
  readonly plugin: string;
  /** The plugin that called it, for delegated ones; "" when the runtime did. */
  readonly calledBy: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Json;
  readonly stdout: Json;
}

/** Source: containernetworking/cni SPEC.md, sections 2 to 5. Made on demand from the facts of the attachment: nothing of it is kept per pod. */
export function pluginCalls(conflist: NetworkConfigList, attachment: Attachment): readonly PluginCall[] {
  const env = environment(attachment);
  const [first, ...rest] = conflist.plugins;
  if (first === undefined) return [];
  const ipamResult = ipamResultOf(conflist, attachment);
  const result = bridgeResult(conflist, attachment);
  const bridgeConfig = delegated(conflist, first, attachment);
  const calls: PluginCall[] = [
    { plugin: first.type, calledBy: "", env, stdin: pluginStdin(conflist, first, attachment, undefined), stdout: result },
    { plugin: "bridge", calledBy: first.type, env, stdin: bridgeConfig, stdout: result },
    { plugin: "host-local", calledBy: "bridge", env, stdin: bridgeConfig, stdout: ipamResult },
  ];
  for (const plugin of rest) calls.push({ plugin: plugin.type, calledBy: "", env, stdin: pluginStdin(conflist, plugin, attachment, result), stdout: result });
  return calls;
}

function environment({ request }: Attachment): Readonly<Record<string, string>> {
  return {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: request.containerId,
    CNI_NETNS: request.netns.name,
    CNI_IFNAME: "eth0",
    CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${request.podNamespace};K8S_POD_NAME=${request.podName};K8S_POD_INFRA_CONTAINER_ID=${request.containerId};K8S_POD_UID=${request.podUid}`,
    CNI_PATH: "/opt/cni/bin",
  };
}

function pluginStdin(conflist: NetworkConfigList, plugin: PluginConfig, { request }: Attachment, prevResult: Json | undefined): Json {
  const wantsPorts = plugin.capabilities?.["portMappings"] === true;
  return {
    ...plugin,
    cniVersion: conflist.cniVersion,
    name: conflist.name,
    ...(wantsPorts ? { runtimeConfig: { portMappings: request.portMappings } } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}

/** What the flannel plugin makes of its configuration and subnet.env. Source: flannel_linux.go, doCmdAdd, in flannel-io/cni-plugin. */
function delegated(conflist: NetworkConfigList, plugin: PluginConfig, { env }: Attachment): Json {
  return {
    ...(plugin["delegate"] as Json | undefined),
    cniVersion: conflist.cniVersion,
    name: conflist.name,
    type: "bridge",
    mtu: env.mtu,
    ipMasq: !env.ipMasq,
    isGateway: true,
    ipam: { type: "host-local", ranges: [[{ subnet: formatCidr(cidrOf(env.subnet)) }]], routes: [{ dst: env.network }] },
  };
}

const addressText = ({ address, env }: Attachment): string => `${formatIp(address)}/${cidrOf(env.subnet).length}`;

function ipamResultOf(conflist: NetworkConfigList, attachment: Attachment): Json {
  return {
    cniVersion: conflist.cniVersion,
    ips: [{ version: "4", address: addressText(attachment), gateway: formatIp(attachment.gateway) }],
    routes: [{ dst: attachment.env.network }],
    dns: {},
  };
}

function bridgeResult(conflist: NetworkConfigList, attachment: Attachment): Json {
  const { env, request } = attachment;
  return {
    cniVersion: conflist.cniVersion,
    interfaces: [
      { name: "cni0", mac: formatMac(attachment.bridgeMac), mtu: env.mtu },
      { name: attachment.hostName, mac: formatMac(attachment.hostMac), mtu: env.mtu },
      { name: "eth0", mac: formatMac(attachment.mac), mtu: env.mtu, sandbox: request.netns.name },
    ],
    ips: [{ version: "4", interface: 2, address: addressText(attachment), gateway: formatIp(attachment.gateway) }],
    routes: [{ dst: env.network }, { dst: "0.0.0.0/0", gw: formatIp(attachment.gateway) }],
    dns: {},
  };
}
