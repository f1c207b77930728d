import { err, ok } from "../../kernel/result.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { type AdmissionPlugin, denied } from "./admission.ts";

/** A pod's runtime class has to exist. Source: plugin/pkg/admission/runtimeclass/admission.go. Differs: overhead and scheduling of a class are not taken over yet. */
export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  kinds: ["Pod"],
  operations: ["CREATE"],
  admit(attributes, view) {
    const name = (attributes.object as PodObject).spec.runtimeClassName;
    if (name === undefined || view.get("RuntimeClass", { namespace: "", name }) !== undefined) return ok(attributes.object);
    return err(denied(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`));
  },
};
