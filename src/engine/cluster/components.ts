import type { ApiServer } from "../apiserver/api-server.ts";
import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import { createControllerManager } from "../controllers/manager.ts";
import { msToUs } from "../kernel/time.ts";
import { createFlannelAgent } from "../network/flannel/agent.ts";
import { createCoreDns } from "../network/dns/core-dns.ts";
import type { NodeMachine } from "../network/machine.ts";
import type { TcpConnection } from "../network/contracts.ts";
import { serveHttp } from "../network/http/serve.ts";
import { acceptTls } from "../network/http/tls.ts";
import { createKubeProxy } from "../network/proxy/kube-proxy.ts";
import type { ComponentBehaviour, ComponentProcess } from "../runtime/images/component.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import type { SchedulingAttempt } from "../scheduler/verdict.ts";
import { KUBERNETES_VERSION } from "./presets/versions.ts";

/** What the processes of the control plane and of the nodes need of the cluster. */
export interface ComponentWiring {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly server: ApiServer;
  readonly machine: (nodeName: string) => NodeMachine;
  readonly podCIDR: string;
  readonly serviceCIDR: string;
  readonly onAttempt: (attempt: SchedulingAttempt) => void;
}

/** How long an API server takes from exec to its first answer. */
const API_SERVER_START_MS = 1_800;
const ETCD_START_MS = 600;

/** Image repository → what its container does. A component runs while its container runs, and stops with it. */
export function systemComponents(wiring: ComponentWiring): Readonly<Record<string, ComponentBehaviour>> {
  const controlPlane = new ControlPlaneState(wiring.server);
  return {
    "registry.k8s.io/etcd": component({ imageBytes: 58_000_000, memoryBytes: 60 << 20 }, (process) => {
      if (!isStatic(process)) return;
      serveHealth(process, 2381, () => controlPlane.etcd, false);
      process.hold(() => controlPlane.set("etcd", false));
      process.log('{"level":"info","msg":"Starting etcd"}');
      later(wiring, process, ETCD_START_MS, () => {
        if (!listen(process, 2379) || !listen(process, 2380)) return;
        process.log('{"level":"info","msg":"ready to serve client requests"}');
        controlPlane.set("etcd", true);
      });
    }),
    "registry.k8s.io/kube-apiserver": component({ imageBytes: 30_000_000, memoryBytes: 260 << 20 }, (process) => {
      if (!isStatic(process)) return;
      process.hold(() => controlPlane.set("apiserver", false));
      process.log(`"Version" version="${KUBERNETES_VERSION}"`);
      later(wiring, process, API_SERVER_START_MS, () => {
        if (!serveHealth(process, 6443, () => wiring.server.available)) return;
        wiring.server.setEndpoint(wiring.machine(process.nodeName).nodeIp);
        controlPlane.set("apiserver", true);
        process.log("Serving securely on [::]:6443");
      });
    }),
    "registry.k8s.io/kube-controller-manager": component({ imageBytes: 27_500_000, memoryBytes: 60 << 20 }, (process) => {
      if (!isStatic(process)) return;
      if (!serveHealth(process, 10257, () => true)) return;
      const { context, connection, podCIDR, serviceCIDR } = wiring;
      const manager = createControllerManager({ context: forked(context, "kube-controller-manager"), connection, options: { podCIDR, serviceCIDR } });
      process.log("Serving securely on 127.0.0.1:10257");
      manager.start();
      process.hold(() => manager.stop());
    }),
    "registry.k8s.io/kube-scheduler": component({ imageBytes: 21_700_000, memoryBytes: 30 << 20 }, (process) => {
      if (!isStatic(process)) return;
      if (!serveHealth(process, 10259, () => true)) return;
      const scheduler = createScheduler({ context: forked(wiring.context, "kube-scheduler"), connection: wiring.connection, onAttempt: wiring.onAttempt });
      process.log("Serving securely on 127.0.0.1:10259");
      scheduler.start();
      process.hold(() => scheduler.stop());
    }),
    "registry.k8s.io/kube-proxy": component({ imageBytes: 31_900_000, memoryBytes: 25 << 20 }, (process) => {
      const { context, connection, podCIDR } = wiring;
      const proxy = createKubeProxy({ context: forked(context, `kube-proxy/${process.nodeName}`), connection, node: wiring.machine(process.nodeName), nodeName: process.nodeName, clusterCIDR: podCIDR });
      process.log('"Using iptables proxy"');
      proxy.start();
      process.hold(() => proxy.stop());
    }),
    "registry.k8s.io/coredns/coredns": component({ imageBytes: 20_900_000, memoryBytes: 20 << 20 }, (process) => {
      const { context, connection } = wiring;
      const dns = createCoreDns({ context: forked(context, `coredns/${process.pod.name}`), connection, netns: process.netns, owner: process.owner });
      process.log(".:53", "stdout");
      process.log("CoreDNS-1.12.0", "stdout");
      dns.start();
      process.hold(() => dns.stop());
    }),
    "ghcr.io/flannel-io/flannel": component({ imageBytes: 32_500_000, memoryBytes: 25 << 20, base: "alpine", binaries: ["/opt/bin/flanneld"] }, (process) => {
      const { context, connection, podCIDR } = wiring;
      const agent = createFlannelAgent({ context: forked(context, `flannel/${process.nodeName}`), connection, node: wiring.machine(process.nodeName), nodeName: process.nodeName, podCIDR });
      // Differs: the runtime notices the CNI configuration that the init container copied when flanneld starts, not by watching the folder.
      agent.installCni();
      process.log("Created subnet manager: Kubernetes Subnet Manager");
      agent.start();
      process.hold(() => agent.stop());
    }),
    "ghcr.io/flannel-io/flannel-cni-plugin": component({ imageBytes: 4_700_000, base: "alpine", binaries: ["/flannel"] }, (process) => process.exit(0)),
  };
}

/** The API server answers while both etcd and kube-apiserver run. */
class ControlPlaneState {
  private readonly up = { etcd: false, apiserver: false };

  constructor(private readonly server: ApiServer) {}

  get etcd(): boolean {
    return this.up.etcd;
  }

  set(part: "etcd" | "apiserver", up: boolean): void {
    this.up[part] = up;
    this.server.setAvailable(this.up.etcd && this.up.apiserver);
  }
}

type Settings = Omit<ComponentBehaviour, "kind" | "start">;

/**
 * What a component holds is given back by the process itself, whatever ends it.
 * Anybody may run these images; only the cluster's own pods play a part in the cluster. Others idle.
 */
function component(settings: Settings, start: (process: ComponentProcess) => void): ComponentBehaviour {
  return {
    kind: "component",
    ...settings,
    start: (process) => {
      if (SYSTEM_NAMESPACES.has(process.pod.namespace)) start(process);
      else process.log("This program is not part of this cluster's system pods: it has nothing to do here.");
      return () => {};
    },
  };
}

const SYSTEM_NAMESPACES = new Set(["kube-system", "kube-flannel"]);

/** The control plane is the pods of its own manifests: "etcd-control-plane". */
const isStatic = ({ pod, containerName, nodeName }: ComponentProcess): boolean => pod.namespace === "kube-system" && pod.name === `${containerName}-${nodeName}`;

const forked = (context: ComponentContext, label: string): ComponentContext => ({ ...context, rng: context.rng.fork(label) });

function later({ context }: ComponentWiring, process: ComponentProcess, delayMs: number, run: () => void): void {
  process.hold(context.clock.after(msToUs(delayMs), `${process.containerName} is up`, run));
}

/** /livez, /readyz, /healthz and etcd's /health. False when the port was taken: then the process has ended. */
function serveHealth(process: ComponentProcess, port: number, healthy: () => boolean, secure = true): boolean {
  const serve = (connection: TcpConnection): void =>
    serveHttp(connection, (_, respond) => respond(healthy() ? { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "ok" } : { status: 500, body: "[-]etcd failed: reason withheld" }));
  const listener = process.netns.listenTcp(port, "0.0.0.0", process.owner, (connection) => (secure ? acceptTls(connection, serve) : serve(connection)));
  return keep(process, port, listener);
}

function listen(process: ComponentProcess, port: number): boolean {
  return keep(process, port, process.netns.listenTcp(port, "0.0.0.0", process.owner, () => {}));
}

function keep(process: ComponentProcess, port: number, listener: ReturnType<ComponentProcess["netns"]["listenTcp"]>): boolean {
  if (listener.ok) {
    process.hold(() => listener.value.close());
    return true;
  }
  process.log(`failed to listen on 0.0.0.0:${port}: listen tcp 0.0.0.0:${port}: ${listener.error.message}`);
  process.exit(1);
  return false;
}
