import { type FieldError, invalid, required } from "../../../apimachinery/field-error.ts";
import { maxLengthText, regexText } from "../../../apimachinery/names.ts";
import type { HostAlias, PodDNSConfig } from "../../generated/types.ts";
import { addInvalid, checkSubdomain } from "../../shared/checks.ts";
import { goStrings, invalidGo } from "../../shared/go-syntax.ts";
import { NOT_AN_IP, parseIp } from "../../shared/ip.ts";

const MAX_NAMESERVERS = 3;
const MAX_SEARCH_PATHS = 32;
const MAX_SEARCH_CHARS = 2048;
const UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const UNDERSCORE_FORMAT = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`;
const UNDERSCORE_SUBDOMAIN = new RegExp(`^${UNDERSCORE_FORMAT}$`);
const UNDERSCORE_TEXT = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";

/** Source: pkg/apis/core/validation/validation.go, validatePodDNSConfig (with the relaxed search paths of 1.33). */
export function validateDnsConfig(errors: FieldError[], config: PodDNSConfig | undefined, policy: string | undefined, path: string): void {
  if (policy === "None") {
    if (config === undefined) return void errors.push(required(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
    if ((config.nameservers?.length ?? 0) === 0) return void errors.push(required(`${path}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"));
  }
  if (config === undefined) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (nameservers.length > MAX_NAMESERVERS) errors.push(invalidGo(`${path}.nameservers`, goStrings(nameservers), `must not have more than ${MAX_NAMESERVERS} nameservers`));
  nameservers.forEach((server, index) => checkIp(errors, `${path}.nameservers[${index}]`, server));
  if (searches.length > MAX_SEARCH_PATHS) errors.push(invalidGo(`${path}.searches`, goStrings(searches), `must not have more than ${MAX_SEARCH_PATHS} search paths`));
  if (searches.join(" ").length > MAX_SEARCH_CHARS) errors.push(invalidGo(`${path}.searches`, goStrings(searches), `must not have more than ${MAX_SEARCH_CHARS} characters (including spaces) in the search list`));
  searches.forEach((search, index) => {
    if (search === ".") return;
    const name = search.replace(/\.$/, "");
    if (name.length > 253) errors.push(invalid(`${path}.searches[${index}]`, name, maxLengthText(253)));
    if (!UNDERSCORE_SUBDOMAIN.test(name)) addInvalid(errors, `${path}.searches[${index}]`, name, [regexText(UNDERSCORE_TEXT, UNDERSCORE_FORMAT, "example.com")]);
  });
  options.forEach((option, index) => {
    if ((option.name ?? "") === "") errors.push(required(`${path}.options[${index}]`, "must not be empty"));
  });
}

export function checkIp(errors: FieldError[], field: string, ip: string): void {
  if (parseIp(ip) === undefined) errors.push(invalid(field, ip, NOT_AN_IP));
}

/** Source: ValidateHostAliases. */
export function validateHostAliases(errors: FieldError[], aliases: readonly HostAlias[] | undefined, path: string): void {
  aliases?.forEach(({ ip, hostnames = [] }, index) => {
    checkIp(errors, `${path}[${index}].ip`, ip);
    hostnames.forEach((name, i) => checkSubdomain(errors, `${path}[${index}].hostnames[${i}]`, name));
  });
}
