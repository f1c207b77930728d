import type { KubeObject } from "../apimachinery/object.ts";
import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import { msToUs } from "../kernel/time.ts";
import { Node } from "../kinds/node.ts";
import { KINDS } from "../kinds/registry.ts";
import type { Machine } from "./machine.ts";
import { coreAddons } from "./presets/core-addons.ts";
import { flannelAddon } from "./presets/flannel.ts";

export interface BootInput {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly machines: readonly Machine[];
  readonly podCIDR: string;
  readonly proxyMode: string;
  readonly clusterDNS: string;
  readonly apiServer: string;
}

/** kubeadm asks every half second whether the API server answers, and retries what fails. */
const RETRY_MS = 500;
/** Machines join one after the other, within this time. */
const JOIN_SPREAD_MS = 1_500;

/**
 * What kubeadm does: start the control plane's kubelet, wait for the API server, install the add-ons, let the other machines join.
 * Source: cmd/kubeadm/app/cmd/init.go and join.go. Differs: certificates, tokens and the kubeadm ConfigMaps are left out; images are on no node beforehand.
 */
export function bootCluster({ context, connection, machines, podCIDR, proxyMode, clusterDNS, apiServer }: BootInput): void {
  const { clock } = context;
  const rng = context.rng.fork("kubeadm");
  const client = connection.client("kubeadm");
  const [first, ...others] = machines;
  if (first === undefined) return;
  clock.within("kubeadm init", () => first.kubelet.start());

  const create = (objects: readonly KubeObject[], then: () => void): void => {
    const [object, ...rest] = objects;
    if (object === undefined) return then();
    const kind = KINDS.find((candidate) => candidate.kind === object.kind);
    if (kind === undefined) throw new Error(`Kubarium bug: expected that ${object.kind} is a registered kind`);
    client.create(kind, object, (result) => {
      if (result.ok || result.error.reason === "AlreadyExists") create(rest, then);
      else clock.after(msToUs(RETRY_MS), `kubeadm: create ${object.kind} again`, () => create(objects, then));
    });
  };
  // `kubeadm init` is over when the control plane's own node is there; only then others can join.
  const whenRegistered = (then: () => void): void =>
    client.get(Node, { namespace: "", name: first.name }, (result) => {
      if (result.ok) then();
      else clock.after(msToUs(RETRY_MS), "kubeadm: wait for the control plane's node", () => whenRegistered(then));
    });
  const addons = [...coreAddons({ podCIDR, proxyMode, clusterDNS, apiServer }), ...flannelAddon(podCIDR)];
  clock.after(msToUs(RETRY_MS), "kubeadm: wait for the API server", () =>
    create(addons, () => whenRegistered(() => {
      for (const machine of others) clock.after(msToUs(rng.below(JOIN_SPREAD_MS)), `kubeadm join ${machine.name}`, () => machine.kubelet.start());
    })),
  );
}
