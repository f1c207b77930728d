import type { NodeObject } from "../../kinds/generated/types.ts";
import { Node } from "../../kinds/node.ts";
import { event, patch } from "../actions.ts";
import { type Change, type ControllerFactory, watch } from "../controller.ts";
import { NOTHING, type Plan, type ReadView } from "../plan.ts";
import { CidrSet } from "./cidr-set.ts";

const hasCIDR = (node: NodeObject): boolean => (node.spec.podCIDR ?? "") !== "";

/**
 * Gives each node its share of the pod network. Blocks given but not yet seen on the node are remembered in `promised`.
 * Source: pkg/controller/nodeipam/ipam/range_allocator.go, AllocateOrOccupyCIDR, updateCIDRsAllocation.
 */
export function reconcileNodeCIDR(name: string, view: ReadView, blocks: CidrSet, promised: Map<string, string>): Plan {
  const node = view.get(Node, { namespace: "", name });
  if (node === undefined || hasCIDR(node)) return NOTHING;
  const podCIDR = promised.get(name) ?? blocks.allocate();
  if (podCIDR === undefined) {
    return {
      actions: [event(node, "Normal", "CIDRNotAvailable", `Node ${name} status is now: CIDRNotAvailable`)],
      after: () => ({ actions: [], failed: "CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range" }),
    };
  }
  promised.set(name, podCIDR);
  return { actions: [patch(Node, { namespace: "", name }, { type: "strategic", body: { spec: { podCIDR, podCIDRs: [podCIDR] } } })] };
}

export const nodeIpamController: ControllerFactory = ({ podCIDR, nodeCIDRMaskSize, serviceCIDR }) => {
  const blocks = new CidrSet(podCIDR, nodeCIDRMaskSize);
  blocks.occupy(serviceCIDR);
  const promised = new Map<string, string>();
  const keys = ({ type, object }: Change<NodeObject>): readonly string[] => {
    const { name } = object.metadata;
    if (type === "delete") {
      for (const cidr of object.spec.podCIDRs ?? []) blocks.release(cidr);
      const unseen = promised.get(name);
      if (unseen !== undefined) blocks.release(unseen);
      promised.delete(name);
      return [];
    }
    if (!hasCIDR(object)) return [name];
    for (const cidr of object.spec.podCIDRs ?? []) blocks.occupy(cidr);
    promised.delete(name);
    return [];
  };
  return { name: "cidrAllocator", workers: 30, watches: [watch(Node, keys)], reconcile: (key, view) => reconcileNodeCIDR(key, view, blocks, promised) };
};
