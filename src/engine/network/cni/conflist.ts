/** What the flannel manifest puts into /etc/cni/net.d/10-flannel.conflist. Source: Documentation/kube-flannel.yml in flannel-io/flannel. */
export interface NetworkConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly PluginConfig[];
}

export interface PluginConfig {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

export const FLANNEL_CONFLIST: NetworkConfigList = {
  name: "cbr0",
  cniVersion: "0.3.1",
  plugins: [
    { type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

/** What flanneld writes to /run/flannel/subnet.env. Source: pkg/subnet/subnet.go, WriteSubnetFile. */
export interface SubnetEnv {
  /** "10.42.0.0/16" */
  readonly network: string;
  /** The node's own, with its first address: "10.42.1.1/24". */
  readonly subnet: string;
  readonly mtu: number;
  readonly ipMasq: boolean;
}

export const subnetEnvText = (env: SubnetEnv): string => `FLANNEL_NETWORK=${env.network}\nFLANNEL_SUBNET=${env.subnet}\nFLANNEL_MTU=${env.mtu}\nFLANNEL_IPMASQ=${env.ipMasq}\n`;
