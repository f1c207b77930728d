import { Pod } from "../../kinds/pod.ts";
import { index, type IndexDeclaration } from "../controller.ts";

export const NODE_NAME_INDEX = "spec.nodeName";

/** Pods by the node they are bound to. */
export const podsByNode: IndexDeclaration = index(Pod, NODE_NAME_INDEX, ({ spec }) => (spec.nodeName === undefined || spec.nodeName === "" ? [] : [spec.nodeName]));
