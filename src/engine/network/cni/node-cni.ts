import { err, ok, type Result } from "../../kernel/result.ts";
import { type Rng, uuid } from "../../kernel/rng.ts";
import { msToUs } from "../../kernel/time.ts";
import { type Address, cidrOf, formatCidr, formatIp } from "../addresses/ip.ts";
import { randomMac } from "../addresses/mac.ts";
import type { CniError, CniRequest, CniResult, CniRuntime } from "../contracts.ts";
import type { Datapath } from "../datapath/datapath.ts";
import type { NetWorld } from "../datapath/world.ts";
import { BridgeDevice, type NetDevice } from "../links/device.ts";
import { NetStack } from "../links/net-stack.ts";
import { Namespace } from "../socket/namespace.ts";
import { FLANNEL_CONFLIST, type NetworkConfigList, type SubnetEnv, subnetEnvText } from "./conflist.ts";
import { HostLocal } from "./host-local.ts";
import { addHostPorts, type PortMapping, removeHostPorts } from "./portmap.ts";
import { type PluginCall, pluginCalls } from "./plugin-calls.ts";

const CONTAINER_INTERFACE = "eth0";
const BRIDGE = "cni0";
const MAX_FAILURES_KEPT = 20;

/** What one ADD made. Enough to undo it, and to tell what each plugin was given and answered. */
export interface Attachment {
  readonly request: CniRequest;
  readonly address: Address;
  readonly gateway: Address;
  readonly env: SubnetEnv;
  readonly bridgeMac: number;
  readonly hostName: string;
  readonly hostMac: number;
  readonly mac: number;
  readonly portMapping: PortMapping;
}

/** A failed ADD, for the inspector. */
export interface CniFailure {
  readonly atUs: number;
  readonly request: CniRequest;
  readonly error: CniError;
}

/**
 * The container runtime's side of CNI on one node: runs the plugin chain flannel → bridge + host-local, then portmap.
 * Source: libcni/api.go in containernetworking/cni; meta/flannel in flannel-io/cni-plugin; plugins/main/bridge/bridge.go.
 */
export class NodeCni implements CniRuntime {
  /** /etc/cni/net.d: the first configuration, once an agent has put one there. */
  private conflist: NetworkConfigList | undefined = undefined;
  private env: SubnetEnv | undefined = undefined;
  private ipam: HostLocal | undefined = undefined;
  private readonly attachments = new Map<string, Attachment>();
  private readonly namespaces = new Map<string, Namespace>();
  private readonly failures: CniFailure[] = [];

  constructor(
    private readonly world: NetWorld,
    private readonly datapath: Datapath,
    private readonly host: NetStack,
    private readonly rng: Rng,
  ) {}

  get initialized(): boolean {
    return this.conflist !== undefined;
  }

  installConfig(conflist: NetworkConfigList = FLANNEL_CONFLIST): void {
    this.conflist = conflist;
  }

  /** /run/flannel/subnet.env. A new subnet starts a new store of addresses. */
  writeSubnetEnv(env: SubnetEnv): void {
    if (this.env?.subnet !== env.subnet) this.ipam = new HostLocal(cidrOf(env.subnet));
    this.env = env;
  }

  get subnetEnv(): SubnetEnv | undefined {
    return this.env;
  }

  /** What CNI keeps in files of the node, path → content: configuration, subnet.env, and one file per address in use. */
  files(): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    if (this.conflist !== undefined) files.set("/etc/cni/net.d/10-flannel.conflist", `${JSON.stringify(this.conflist, null, 2)}\n`);
    if (this.env !== undefined) files.set("/run/flannel/subnet.env", subnetEnvText(this.env));
    for (const [name, content] of this.ipam?.files() ?? []) files.set(`/var/lib/cni/networks/${this.conflist?.name ?? ""}/${name}`, content);
    return files;
  }

  createNetns(containerId: string): Namespace {
    const stack = new NetStack(this.host.nodeName, containerId.slice(0, 12));
    const name = `/var/run/netns/cni-${uuid(this.rng.fork(`netns/${containerId}`))}`;
    const namespace = new Namespace(name, stack, this.world, this.datapath);
    this.namespaces.set(containerId, namespace);
    return namespace;
  }

  deleteNetns(containerId: string): void {
    const namespace = this.namespaces.get(containerId);
    if (namespace === undefined) return;
    this.namespaces.delete(containerId);
    const { stack } = namespace;
    stack.sockets?.destroy();
    stack.alive = false;
    this.unplug(stack);
  }

  add(request: CniRequest, done: (result: Result<CniResult, CniError>) => void): void {
    const rng = this.rng.fork(`add/${request.containerId}`);
    this.note(request, "begin", {});
    this.world.clock.after(msToUs(rng.between(3, 9)), `CNI ADD on ${this.host.nodeName}`, () => {
      const allocated = this.allocate(request);
      if (!allocated.ok) {
        this.fail(request, allocated.error, done);
        return;
      }
      this.world.clock.after(msToUs(rng.between(8, 30)), "CNI ADD: bridge and addresses", () => {
        const attachment = this.plumb(request, allocated.value.address, allocated.value.env, allocated.value.ipam);
        this.attachments.set(request.containerId, attachment);
        if (this.host.netfilter !== undefined) addHostPorts(this.host.netfilter, attachment.portMapping);
        this.note(request, "end", { ip: formatIp(attachment.address), veth: attachment.hostName });
        done(ok({ ip: formatIp(attachment.address), result: this.callsOf(attachment).at(-1)?.stdout ?? {} }));
      });
    });
  }

  del(request: CniRequest, done: (result: Result<undefined, CniError>) => void): void {
    this.world.clock.after(msToUs(this.rng.fork(`del/${request.containerId}`).between(5, 20)), `CNI DEL on ${this.host.nodeName}`, () => {
      const attachment = this.attachments.get(request.containerId);
      if (attachment !== undefined) {
        if (this.host.netfilter !== undefined) removeHostPorts(this.host.netfilter, attachment.portMapping);
        this.attachments.delete(request.containerId);
      }
      this.ipam?.release(request.containerId);
      if (request.netns instanceof Namespace) this.unplug(request.netns.stack);
      if (this.world.journal.enabled) this.world.journal.write({ component: `cni/${this.host.nodeName}`, step: "cni-del", phase: "instant", subject: `pod/${request.podNamespace}/${request.podName}`, uid: request.podUid, node: this.host.nodeName });
      done(ok(undefined));
    });
  }

  /** What each plugin was given and answered in the last ADD of this container, in order. */
  calls(containerId: string): readonly PluginCall[] {
    const attachment = this.attachments.get(containerId);
    return attachment === undefined ? [] : this.callsOf(attachment);
  }

  /** Latest failed ADDs, oldest first. */
  failed(): readonly CniFailure[] {
    return this.failures;
  }

  attachmentOf(podNamespace: string, podName: string): Attachment | undefined {
    for (const attachment of this.attachments.values()) if (attachment.request.podNamespace === podNamespace && attachment.request.podName === podName) return attachment;
    return undefined;
  }

  private callsOf(attachment: Attachment): readonly PluginCall[] {
    return pluginCalls(this.conflist ?? FLANNEL_CONFLIST, attachment);
  }

  private allocate(request: CniRequest): Result<{ address: Address; env: SubnetEnv; ipam: HostLocal }, CniError> {
    const { env, ipam, conflist } = this;
    if (conflist === undefined) return err({ code: 999, msg: "cni plugin not initialized" });
    const name = `plugin type="flannel" name="${conflist.name}" failed (add)`;
    if (env === undefined || ipam === undefined) {
      return err({ code: 999, msg: `${name}: failed to load flannel 'subnet.env' file: open /run/flannel/subnet.env: no such file or directory. Check the flannel pod log for this node.` });
    }
    const address = ipam.allocate(request.containerId);
    if (!address.ok) return err({ ...address.error, msg: `${name}: failed to delegate add: failed to allocate for range 0: ${address.error.msg}` });
    return ok({ address: address.value, env, ipam });
  }

  private fail(request: CniRequest, error: CniError, done: (result: Result<CniResult, CniError>) => void): void {
    this.failures.push({ atUs: this.world.clock.now(), request, error });
    if (this.failures.length > MAX_FAILURES_KEPT) this.failures.shift();
    this.note(request, "end", { error: error.msg });
    done(err(error));
  }

  /** Bridge (on the first ADD of a node), veth pair, address and routes: what the bridge plugin does. */
  private plumb(request: CniRequest, address: Address, env: SubnetEnv, ipam: HostLocal): Attachment {
    const { host } = this;
    const rng = this.rng.fork(`veth/${request.containerId}`);
    const bridge = this.ensureBridge(ipam, env);
    const stack = request.netns instanceof Namespace ? request.netns.stack : new NetStack(host.nodeName, "");
    stack.label = `${request.podNamespace}/${request.podName}`;
    const hostEnd = host.addDevice(this.freeName(rng), "veth", randomMac(rng), env.mtu);
    const podEnd = stack.addDevice(CONTAINER_INTERFACE, "veth", randomMac(rng), env.mtu);
    hostEnd.peer = podEnd;
    podEnd.peer = hostEnd;
    hostEnd.hairpin = true;
    bridge.addPort(hostEnd);
    const { subnet } = ipam;
    stack.addAddress(podEnd, { address, length: subnet.length, scope: "global" });
    const network = cidrOf(env.network);
    stack.routes.add({ network: network.network, length: network.length, device: podEnd, via: ipam.gateway });
    stack.routes.add({ network: 0, length: 0, device: podEnd, via: ipam.gateway });
    this.announce(bridge, podEnd, address);
    if (request.portMappings.length > 0) host.routeLocalnet = true; // portmap: 127.0.0.1 reaches host ports, too
    return {
      request, address, gateway: ipam.gateway, env, bridgeMac: bridge.mac, hostName: hostEnd.name, hostMac: hostEnd.mac, mac: podEnd.mac,
      portMapping: { network: this.conflist?.name ?? "", containerId: request.containerId, podIp: formatIp(address), podSubnet: formatCidr(subnet), mappings: request.portMappings },
    };
  }

  /** arp_notify=1: whoever knew the address under another MAC learns the new one. */
  private announce(bridge: BridgeDevice, podEnd: NetDevice, address: Address): void {
    const nowUs = this.world.clock.now();
    for (const device of [bridge, ...bridge.ports.map((port) => port.peer)]) {
      if (device === undefined || device === podEnd) continue;
      if (device.stack.neighbours.get(address, device) !== undefined) device.stack.neighbours.learn(address, device, podEnd.mac, nowUs);
    }
  }

  private ensureBridge(ipam: HostLocal, env: SubnetEnv): BridgeDevice {
    const { host } = this;
    const known = host.device(BRIDGE);
    if (known instanceof BridgeDevice) return known;
    const bridge = host.addBridge(BRIDGE, randomMac(this.rng.fork(BRIDGE)), env.mtu);
    host.addAddress(bridge, { address: ipam.gateway, length: ipam.subnet.length, scope: "global" });
    host.ipForward = true;
    return bridge;
  }

  private freeName(rng: Rng): string {
    let name = `veth${rng.hex(8)}`;
    while (this.host.device(name) !== undefined) name = `veth${rng.hex(8)}`;
    return name;
  }

  /** Deleting one end of a veth pair takes the other with it. */
  private unplug(stack: NetStack): void {
    const device = stack.device(CONTAINER_INTERFACE);
    if (device === undefined) return;
    const hostEnd = device.peer;
    if (hostEnd !== undefined) this.host.removeDevice(hostEnd);
    stack.removeDevice(device);
  }

  private note(request: CniRequest, phase: "begin" | "end", detail: Readonly<Record<string, string>>): void {
    if (!this.world.journal.enabled) return;
    this.world.journal.write({ component: `cni/${this.host.nodeName}`, step: "cni-add", phase, subject: `pod/${request.podNamespace}/${request.podName}`, uid: request.podUid, node: this.host.nodeName, detail });
  }
}
