/**
 * Names, labels and keys: each function returns the messages of what is wrong, none when all is well.
 * Source: staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go.
 */
const LABEL_FMT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN_FMT = `${LABEL_FMT}(\\.${LABEL_FMT})*`;
const DNS1035_FMT = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED_FMT = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE_FMT = `(${QUALIFIED_FMT})?`;
const C_IDENTIFIER_FMT = "[A-Za-z_][A-Za-z0-9_]*";
const CONFIG_KEY_FMT = "[-._a-zA-Z0-9]+";

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const LABEL = whole(LABEL_FMT);
const SUBDOMAIN = whole(SUBDOMAIN_FMT);
const DNS1035 = whole(DNS1035_FMT);
const QUALIFIED = whole(QUALIFIED_FMT);
const LABEL_VALUE = whole(LABEL_VALUE_FMT);
const C_IDENTIFIER = whole(C_IDENTIFIER_FMT);
const CONFIG_KEY = whole(CONFIG_KEY_FMT);

const LABEL_TEXT = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_TEXT = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const DNS1035_TEXT = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const QUALIFIED_TEXT = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_TEXT = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

export const maxLengthText = (length: number): string => `must be no more than ${length} characters`;

/** The sentence, examples, and the expression it was tested with. Source: RegexError. */
export function regexText(text: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${text} (regex used for validation is '${pattern}')`;
  return `${text} (e.g. ${examples.map((e) => `'${e}', `).join(" or ")}regex used for validation is '${pattern}')`;
}

export function isDns1123Label(value: string): string[] {
  const messages = value.length > 63 ? [maxLengthText(63)] : [];
  if (!LABEL.test(value)) messages.push(SUBDOMAIN.test(value) ? "must not contain dots" : regexText(LABEL_TEXT, LABEL_FMT, "my-name", "123-abc"));
  return messages;
}

export function isDns1123Subdomain(value: string): string[] {
  const messages = value.length > 253 ? [maxLengthText(253)] : [];
  if (!SUBDOMAIN.test(value)) messages.push(regexText(SUBDOMAIN_TEXT, SUBDOMAIN_FMT, "example.com"));
  return messages;
}

export function isDns1035Label(value: string): string[] {
  const messages = value.length > 63 ? [maxLengthText(63)] : [];
  if (!DNS1035.test(value)) messages.push(regexText(DNS1035_TEXT, DNS1035_FMT, "my-name", "abc-123"));
  return messages;
}

/** Keys of labels, annotations, taints and extended resources: "[prefix/]name". */
export function isQualifiedName(value: string): string[] {
  if (isPlainKey(value)) return [];
  const rule = regexText(QUALIFIED_TEXT, QUALIFIED_FMT, "MyName", "my.name", "123-abc");
  const parts = value.split("/");
  if (parts.length > 2) return [`a qualified name ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const messages: string[] = [];
  const name = parts.at(-1) ?? "";
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") messages.push("prefix part must be non-empty");
    else messages.push(...isDns1123Subdomain(prefix).map((m) => `prefix part ${m}`));
  }
  if (name === "") messages.push("name part must be non-empty");
  else if (name.length > 63) messages.push(`name part ${maxLengthText(63)}`);
  if (!QUALIFIED.test(name)) messages.push(`name part ${rule}`);
  return messages;
}

/** The usual short key needs no splitting. */
const isPlainKey = (value: string): boolean => value.length <= 63 && QUALIFIED.test(value);

export function isLabelValue(value: string): string[] {
  const messages = value.length > 63 ? [maxLengthText(63)] : [];
  if (!LABEL_VALUE.test(value)) messages.push(regexText(LABEL_VALUE_TEXT, LABEL_VALUE_FMT, "MyValue", "my_value", "12345"));
  return messages;
}

export function isCIdentifier(value: string): string[] {
  if (C_IDENTIFIER.test(value)) return [];
  return [regexText("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", C_IDENTIFIER_FMT, "my_name", "MY_NAME", "MyName")];
}

/** Keys of ConfigMaps and Secrets. */
export function isConfigMapKey(value: string): string[] {
  const messages = value.length > 253 ? [maxLengthText(253)] : [];
  if (!CONFIG_KEY.test(value)) messages.push(regexText("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY_FMT, "key.name", "KEY_NAME", "key-name"));
  return [...messages, ...relativePathTexts(value)];
}

/** Environment variable names under RelaxedEnvironmentVariableValidation (on in 1.33). Source: IsRelaxedEnvVarName. */
export function isRelaxedEnvVarName(value: string): string[] {
  if (value === "") return ["environment variable name must be non-empty"];
  for (const char of value) if (char > "~" || char < " " || char === "=") return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
  return [];
}

function relativePathTexts(value: string): string[] {
  if (value === ".") return ["must not be '.'"];
  if (value === "..") return ["must not be '..'"];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}

export function isValidPortNumber(port: number): string[] {
  return port >= 1 && port <= 65_535 ? [] : ["must be between 1 and 65535, inclusive"];
}

/** IANA service names, as container and service ports use them. Source: IsValidPortName. */
export function isValidPortName(value: string): string[] {
  const messages: string[] = [];
  if (value.length > 15) messages.push(maxLengthText(15));
  if (!/^[-a-z0-9]+$/.test(value)) messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) messages.push("must contain at least one letter (a-z)");
  if (value.includes("--")) messages.push("must not contain consecutive hyphens");
  if (value !== "" && (value.startsWith("-") || value.endsWith("-"))) messages.push("must not begin or end with a hyphen");
  return messages;
}

/** Names that only have to be one part of a path (RBAC). Source: apimachinery/pkg/api/validation/path/name.go, IsValidPathSegmentName. */
export function isPathSegment(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return ["/", "%"].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
}

/** What a name function is asked about: with `prefix` a generateName, whose last dash is not looked at. */
export type NameRule = (name: string, prefix: boolean) => string[];

/** Source: apimachinery/pkg/api/validation/generic.go, maskTrailingDash. */
const masked = (name: string, prefix: boolean): string => (prefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name);

export const subdomainName: NameRule = (name, prefix) => isDns1123Subdomain(masked(name, prefix));
export const labelName: NameRule = (name, prefix) => isDns1123Label(masked(name, prefix));
export const dns1035Name: NameRule = (name, prefix) => isDns1035Label(masked(name, prefix));
export const pathSegmentName: NameRule = (name, prefix) => (prefix ? isPathSegment(name).filter((m) => m.startsWith("may not contain")) : isPathSegment(name));
