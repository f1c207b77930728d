import type { ObjectMeta } from "../generated/types.ts";

/** In the order in which cells list them. Source: pkg/apis/core/helper/helpers.go, GetAccessModesAsString. */
export const ACCESS_MODES = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"] as const;
/** In the order in which errors list them. */
export const sortedModes: readonly string[] = [...ACCESS_MODES].sort();
const SHORT: Readonly<Record<string, string>> = { ReadWriteOnce: "RWO", ReadOnlyMany: "ROX", ReadWriteMany: "RWX", ReadWriteOncePod: "RWOP" };
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

export const accessModesCell = (modes: readonly string[] = []): string => ACCESS_MODES.filter((mode) => modes.includes(mode)).map((mode) => SHORT[mode] ?? mode).join(",");

/** Source: pkg/apis/core/helper/helpers.go, GetPersistentVolumeClass, GetPersistentVolumeClaimClass. */
export const classCell = (metadata: ObjectMeta, storageClassName: string | undefined): string => metadata.annotations?.[CLASS_ANNOTATION] ?? storageClassName ?? "";
