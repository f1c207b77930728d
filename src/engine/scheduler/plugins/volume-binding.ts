import type { PodObject } from "../../kinds/generated/types.ts";
import { definePlugin, SKIP, unresolvable } from "../framework/plugin.ts";

/** Why the pod's volumes keep it from being scheduled anywhere; undefined when they do not. */
function missingClaim({ metadata, spec }: PodObject): string | undefined {
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    if (ephemeral !== undefined) return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${metadata.name}-${name}"`;
    if (persistentVolumeClaim !== undefined) return `persistentvolumeclaim "${persistentVolumeClaim.claimName}" not found`;
  }
  return undefined;
}

/**
 * Source: pkg/scheduler/framework/plugins/volumebinding/volume_binding.go, podHasPVCs.
 * Differs: PersistentVolumeClaims are not among the kinds yet, so every claim is one that cannot be found.
 */
export const volumeBinding = definePlugin({
  name: "VolumeBinding",
  requeueOn: [{ on: "NodeAdd" }, { on: "NodeUpdateLabel" }],
  preFilter({ pod }) {
    const missing = missingClaim(pod);
    return missing === undefined ? SKIP : { rejected: unresolvable(missing) };
  },
});
