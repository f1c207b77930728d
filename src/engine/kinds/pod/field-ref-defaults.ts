import type { ObjectFieldSelector } from "../generated/types.ts";
import { withFields } from "../shared/ordered.ts";

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_ObjectFieldSelector. */
export const defaultFieldRef = (ref: ObjectFieldSelector): ObjectFieldSelector => withFields("core/v1.ObjectFieldSelector", ref, { apiVersion: ref.apiVersion || "v1" });
