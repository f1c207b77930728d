import { Node } from "../../kinds/node.ts";
import type { NodeObject } from "../../kinds/generated/types.ts";
import { patch } from "../actions.ts";
import { type Change, type ControllerFactory, watch } from "../controller.ts";
import { NOTHING, type Plan, type ReadView } from "../plan.ts";

const ANNOTATION = "node.alpha.kubernetes.io/ttl";

/** Cluster size from, up to, and the seconds for which kubelets may keep secrets and config maps. The ranges overlap, so that a size on the border does not flap. */
const BOUNDARIES: readonly (readonly [sizeMin: number, sizeMax: number, ttlSeconds: number])[] = [[0, 100, 0], [90, 500, 15], [450, 1000, 30], [900, 2000, 60], [1800, 10_000, 300], [9000, Infinity, 300]];

/** Source: pkg/controller/ttl/ttl_controller.go, updateNodeIfNeeded. */
export function reconcileTtl(name: string, view: ReadView, ttlSeconds: number): Plan {
  const node = view.get(Node, { namespace: "", name });
  const text = String(ttlSeconds);
  if (node === undefined || node.metadata.annotations?.[ANNOTATION] === text) return NOTHING;
  return { actions: [patch(Node, { namespace: "", name }, { type: "strategic", body: { metadata: { annotations: { [ANNOTATION]: text } } } })] };
}

export const ttlController: ControllerFactory = () => {
  let [count, step] = [0, 0];
  const keys = ({ type, object }: Change<NodeObject>, view: ReadView): readonly string[] => {
    if (type === "add") count += 1;
    if (type === "delete") count -= 1;
    const before = step;
    if (type === "add" && count > (BOUNDARIES[step]?.[1] ?? Infinity)) step += 1;
    if (type === "delete" && count < (BOUNDARIES[step]?.[0] ?? 0)) step -= 1;
    // Upstream lets other nodes follow at their next heartbeat; here all are looked at when the step changes.
    return step === before ? (type === "delete" ? [] : [object.metadata.name]) : view.list(Node).map(({ metadata }) => metadata.name);
  };
  return { name: "ttl-controller", workers: 5, watches: [watch(Node, keys)], reconcile: (name, view) => reconcileTtl(name, view, BOUNDARIES[step]?.[2] ?? 0) };
};
