import { isDns1123Label } from "../../apimachinery/names.ts";
import type { ObjectMeta, PodTemplateSpec } from "../generated/types.ts";
import { podSpecWarnings } from "../pod/warnings.ts";

/** Source: pkg/registry/apps/*\/strategy.go, WarningsOnCreate. */
export function workloadWarnings(metadata: ObjectMeta, template: PodTemplateSpec, nameUse = "this is used in Pod names and hostnames", path = "spec.template.spec"): string[] {
  const messages = isDns1123Label(metadata.name);
  const name = messages.length > 0 ? [`metadata.name: ${nameUse}, which can result in surprising behavior; a DNS label is recommended: [${messages.join(" ")}]`] : [];
  return [...name, ...podSpecWarnings(template.spec, path, template.metadata?.annotations)];
}
