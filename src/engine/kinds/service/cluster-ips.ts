import { type FieldError, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import type { ServiceSpec } from "../generated/types.ts";
import { goStrings, invalidGo } from "../shared/go-syntax.ts";
import { NOT_AN_IP, parseIp } from "../shared/ip.ts";

const FAMILIES = ["IPv4", "IPv6"] as const;
const FAMILY_POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"] as const;
const AT = "spec.clusterIPs";
const headless = (spec: ServiceSpec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === "None";

/** Source: pkg/apis/core/validation/validation.go, ValidateServiceClusterIPsRelatedFields. */
export function validateClusterIps(errors: FieldError[], spec: ServiceSpec): void {
  if (spec.type === "ExternalName") return;
  const ips = spec.clusterIPs ?? [];
  const families = spec.ipFamilies ?? [];
  const wrong = (detail: string): void => void errors.push(invalidGo(AT, goStrings(ips), detail));
  if ((spec.clusterIP ?? "") === "") {
    if (ips.length > 0) wrong("must be empty when `clusterIP` is not specified");
  } else if (ips.length === 0) errors.push(required(AT));
  else if (ips[0] !== spec.clusterIP) wrong("first value must match `clusterIP`");
  families.forEach((family, index) => {
    if (!(FAMILIES as readonly string[]).includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES));
    if (families.indexOf(family) < index) errors.push({ type: "FieldValueDuplicate", field: `spec.ipFamilies[${index}]`, body: `Duplicate value: ${JSON.stringify(family)}` });
  });
  if (spec.ipFamilyPolicy !== undefined && !(FAMILY_POLICIES as readonly string[]).includes(spec.ipFamilyPolicy)) errors.push(notSupported("spec.ipFamilyPolicy", spec.ipFamilyPolicy, FAMILY_POLICIES));
  let bad = false;
  ips.forEach((ip, index) => {
    if (index === 0 && ip === "None") {
      if (ips.length > 1) wrong("'None' must be the first and only value");
      bad ||= ips.length > 1;
    } else if (parseIp(ip) === undefined) {
      errors.push(invalid(`${AT}[${index}]`, ip, NOT_AN_IP));
      bad = true;
    }
  });
  if (ips.length > 2) wrong("may only hold up to 2 values");
  if (bad) return;
  if (ips.length > 1 && new Set(ips.map((ip) => parseIp(ip)?.family)).size < 2) wrong("may specify no more than one IP for each IP family");
  if (headless(spec)) return;
  ips.slice(0, families.length).forEach((ip, index) => {
    const family = families[index];
    if ((FAMILIES as readonly (string | undefined)[]).includes(family) && parseIp(ip)?.family !== family) errors.push(invalid(`${AT}[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``));
  });
}

/** Source: validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies. */
export function validateClusterIpsUpdate(errors: FieldError[], spec: ServiceSpec, stored: ServiceSpec): void {
  if (spec.type === "ExternalName" || stored.type === "ExternalName" || (headless(spec) && headless(stored))) return;
  const [after, before] = [spec.clusterIPs ?? [], stored.clusterIPs ?? []];
  const changed = (index: number, detail: string): void => void errors.push(invalidGo(`${AT}[${index}]`, goStrings(spec.clusterIPs), detail));
  if (after.length === before.length) before.forEach((ip, index) => { if (ip !== after[index]) changed(index, "may not change once set"); });
  else if (before.length > after.length && after.length === 0) changed(0, "primary clusterIP can not be unset");
  else if (before.length > 0 && after[0] !== before[0]) changed(0, "may not change once set");
  const released = (field: string): void => {
    if (spec.ipFamilyPolicy !== "SingleStack") errors.push(invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${field}`));
  };
  if (before.length > after.length && after.length === 1) released("clusterIP");
  if (headless(spec) || headless(stored)) return;
  const [newFamilies, oldFamilies] = [spec.ipFamilies ?? [], stored.ipFamilies ?? []];
  const familyChanged = (detail: string): void => void errors.push(invalidGo("spec.ipFamilies[0]", goStrings(spec.ipFamilies, "[]core.IPFamily"), detail));
  if (newFamilies.length === oldFamilies.length) oldFamilies.forEach((family, index) => { if (family !== newFamilies[index]) familyChanged("may not change once set"); });
  else if (newFamilies.length > 0 && oldFamilies.length > 0 && newFamilies[0] !== oldFamilies[0]) familyChanged("may not change once set");
  else if (oldFamilies.length > newFamilies.length && after.length === 0) familyChanged("primary ipFamily can not be unset");
  if (oldFamilies.length > newFamilies.length && newFamilies.length === 1) released("ipFamily");
}
