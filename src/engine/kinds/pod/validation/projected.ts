import { type FieldError, forbidden, invalid, required } from "../../../apimachinery/field-error.ts";
import type { ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection } from "../../generated/types.ts";
import { validateDownwardApi } from "./downward-api.ts";
import { checkLocalNonReservedPath } from "./paths.ts";
import { checkMode, validateItems } from "./volume-items.ts";

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** Source: pkg/apis/core/validation/validation.go, validateProjectedVolumeSource, validateProjectionSources. */
export function validateProjected(errors: FieldError[], projected: ProjectedVolumeSource, path: string): void {
  checkMode(errors, `${path}.defaultMode`, projected.defaultMode);
  const paths = new Set<string>();
  const claimPath = (target: string): void => {
    if (target === "") return;
    if (paths.has(target)) errors.push(invalid(path, target, "conflicting duplicate paths"));
    paths.add(target);
  };
  projected.sources?.forEach((source, index) => validateProjection(errors, source, `${path}.sources[${index}]`, path, claimPath));
}

function validateProjection(errors: FieldError[], source: VolumeProjection, at: string, path: string, claimPath: (target: string) => void): void {
  let found = 0;
  const one = (check: () => void): void => {
    found += 1;
    if (found > 1) errors.push(forbidden(at, "may not specify more than 1 volume type per source"));
    else check();
  };
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  for (const [name, keyed] of [["secret", secret], ["configMap", configMap]] as const) {
    if (keyed === undefined) continue;
    one(() => {
      if ((keyed.name ?? "") === "") errors.push(required(`${at}.${name}.name`));
      validateItems(errors, keyed.items, `${at}.${name}.items`);
      keyed.items?.forEach((item) => claimPath(item.path));
    });
  }
  if (downwardAPI !== undefined) {
    one(() => downwardAPI.items?.forEach((file) => {
      validateDownwardApi(errors, file, `${at}.downwardAPI`);
      claimPath(file.path);
    }));
  }
  if (serviceAccountToken !== undefined) one(() => validateToken(errors, serviceAccountToken, at, path));
  if (clusterTrustBundle !== undefined) one(() => { if (clusterTrustBundle.path === "") errors.push(required(`${at}.clusterTrustBundle.path`)); });
}

function validateToken(errors: FieldError[], token: ServiceAccountTokenProjection, at: string, path: string): void {
  const seconds = token.expirationSeconds;
  if (seconds !== undefined && seconds < MIN_TOKEN_SECONDS) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"));
  if (seconds !== undefined && seconds > MAX_TOKEN_SECONDS) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds"));
  if (token.path === "") errors.push(required(`${path}.path`));
  else checkLocalNonReservedPath(errors, `${path}.path`, token.path);
}
