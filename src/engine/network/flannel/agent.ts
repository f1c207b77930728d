import type { ApiConnection, ComponentContext, InformerFactory } from "../../client/contracts.ts";
import type { NodeObject } from "../../kinds/generated/types.ts";
import { Node } from "../../kinds/node.ts";
import { msToUs, secondsToUs } from "../../kernel/time.ts";
import { type Cidr, formatCidr, formatIp, parseCidr, parseIp } from "../addresses/ip.ts";
import { formatMac, parseMac, randomMac } from "../addresses/mac.ts";
import { VxlanDevice } from "../links/device.ts";
import type { NodeMachine } from "../machine.ts";
import { OverlayView, type Peer } from "./peer-book.ts";
import { ensureFlannelRules } from "./rules.ts";

const VNI = 1;
const DEVICE = `flannel.${VNI}`;
const OVERHEAD = 50;
const PREFIX = "flannel.alpha.coreos.com";
const RETRY_US = secondsToUs(1);

export interface FlannelAgentInput {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly node: NodeMachine;
  readonly nodeName: string;
  /** The cluster's pod range: net-conf.json's Network. */
  readonly podCIDR: string;
}

export interface FlannelAgent {
  /** What the init container does: the CNI configuration appears, and the node's runtime is initialised. */
  installCni(): void;
  start(): void;
  /** The process is gone; what it has set up in the kernel stays. */
  stop(): void;
}

/**
 * flanneld of one node with its VXLAN backend and Kubernetes as its subnet manager.
 * Differs: its iptables rules are written once and not looked at again every five seconds.
 * Source: main.go, pkg/subnet/kube/kube.go, pkg/backend/vxlan/{vxlan,vxlan_network}.go in flannel-io/flannel.
 */
export function createFlannelAgent(input: FlannelAgentInput): FlannelAgent {
  let run: FlannelRun | undefined;
  return {
    installCni: () => input.node.cni.installConfig(),
    start: () => {
      run?.stop();
      run = new FlannelRun(input);
      run.start();
    },
    stop: () => {
      run?.stop();
      run = undefined;
    },
  };
}

class FlannelRun {
  private readonly factory: InformerFactory;
  private view: OverlayView | undefined = undefined;
  private stopped = false;
  private ready = false;
  /** Revision of the latest Node event. */
  private seen = 0;
  private readonly rng;

  constructor(private readonly input: FlannelAgentInput) {
    this.factory = input.connection.informers(`flannel/${input.nodeName}`);
    this.rng = input.context.rng.fork(`flannel/${input.nodeName}`);
  }

  start(): void {
    const nodes = this.factory.informer(Node);
    nodes.onChange({ add: (node) => this.changed(node), update: (node) => this.changed(node), delete: (node) => this.deleted(node) });
    this.factory.start();
  }

  stop(): void {
    this.stopped = true;
    this.factory.stop();
  }

  private changed(node: NodeObject): void {
    const { peers } = this.input.node.shared;
    const revision = revisionOf(node);
    peers.record(node.metadata.name, revision, () => peerOf(node));
    this.advance(revision);
    if (node.metadata.name === this.input.nodeName && !this.ready) this.ownNode(node);
  }

  /** The event may carry the object as it was last seen: then the deletion counts as the next thing that happened. */
  private deleted(node: NodeObject): void {
    const revision = Math.max(revisionOf(node), (this.view?.revision ?? this.seen) + 0.5);
    this.input.node.shared.peers.record(node.metadata.name, revision, () => undefined);
    this.advance(revision);
  }

  private advance(revision: number): void {
    this.seen = Math.max(this.seen, revision);
    if (this.view !== undefined) this.view.revision = this.seen;
  }

  /** Waits until the node has its subnet. */
  private ownNode(node: NodeObject): void {
    const subnet = parseCidr(node.spec?.podCIDR ?? "");
    if (subnet === undefined) return;
    this.ready = true;
    this.input.context.clock.after(msToUs(this.rng.between(40, 120)), `flannel sets up ${this.input.nodeName}`, () => {
      if (!this.stopped) this.setUp(subnet);
    });
  }

  private setUp(subnet: Cidr): void {
    const { node, podCIDR, nodeName, context } = this.input;
    const { stack } = node;
    const mtu = node.eth0.mtu - OVERHEAD;
    const known = stack.device(DEVICE);
    // A random MAC, kept across restarts of the agent: it is the device's.
    const device = known instanceof VxlanDevice ? known : stack.addVxlan(DEVICE, randomMac(node.world.rng.fork(`vtep/${nodeName}`)), mtu, VNI, node.address, node.eth0);
    if (known === undefined) stack.addAddress(device, { address: subnet.network, length: 32, scope: "global" });
    const view = new OverlayView(node.shared.peers, nodeName, device);
    view.revision = this.seen;
    if (device.peers instanceof OverlayView) stack.routes.detach(device.peers);
    device.peers = view;
    stack.routes.attach(view);
    this.view = view;
    ensureFlannelRules(node.netfilter, podCIDR, formatCidr(subnet));
    node.cni.writeSubnetEnv({ network: podCIDR, subnet: `${formatIp(subnet.network + 1)}/${subnet.length}`, mtu, ipMasq: true });
    this.annotate(device);
    if (context.journal.enabled) context.journal.write({ component: `flannel/${nodeName}`, step: "flannel-ready", phase: "instant", subject: `node/${nodeName}`, node: nodeName, detail: { subnet: formatCidr(subnet), vtepMac: formatMac(device.mac) } });
  }

  private annotate(device: VxlanDevice): void {
    const { connection, nodeName, node, context } = this.input;
    const annotations = {
      [`${PREFIX}/backend-data`]: JSON.stringify({ VNI, VtepMAC: formatMac(device.mac) }),
      [`${PREFIX}/backend-type`]: "vxlan",
      [`${PREFIX}/kube-subnet-manager`]: "true",
      [`${PREFIX}/public-ip`]: node.nodeIp,
    };
    const current = this.factory.informer(Node).get({ namespace: "", name: nodeName })?.metadata.annotations ?? {};
    if (Object.entries(annotations).every(([key, value]) => current[key] === value)) return;
    const client = connection.client(`flannel/${nodeName}`);
    client.patch(Node, { namespace: "", name: nodeName }, { type: "merge", body: { metadata: { annotations } } }, (result) => {
      if (!result.ok && !this.stopped) context.clock.after(RETRY_US, `flannel on ${nodeName}: annotate again`, () => !this.stopped && this.annotate(device));
    });
  }
}

const revisionOf = (node: NodeObject): number => Number(node.metadata.resourceVersion ?? "0");

/** A node's lease, once its flannel has written it. Source: pkg/subnet/kube/kube.go, nodeToLease. */
function peerOf(node: NodeObject): Peer | undefined {
  const annotations = node.metadata.annotations ?? {};
  const subnet = parseCidr(node.spec?.podCIDR ?? "");
  const publicIp = parseIp(annotations[`${PREFIX}/public-ip`] ?? "");
  const mac = vtepMacOf(annotations[`${PREFIX}/backend-data`] ?? "");
  if (subnet === undefined || publicIp === undefined || mac === undefined || annotations[`${PREFIX}/kube-subnet-manager`] !== "true") return undefined;
  return { nodeName: node.metadata.name, subnet, vtepMac: mac, publicIp };
}

function vtepMacOf(text: string): number | undefined {
  const m = /"VtepMAC"\s*:\s*"([0-9a-fA-F:]+)"/.exec(text);
  return m === null ? undefined : parseMac(m[1] ?? "");
}
