import { deepEqual } from "../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, required, tooLong } from "../apimachinery/field-error.ts";
import { isConfigMapKey, subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import { IMMUTABLE_WHEN_SET, MAX_DATA_BYTES } from "./config-map.ts";
import { base64Bytes, decodeBase64, encodeBase64 } from "./decoding/base64.ts";
import type { SecretObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { addInvalid, IMMUTABLE } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { withFields } from "./shared/ordered.ts";
import { own } from "./shared/own.ts";

const SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name";

/** Keys that a type of secret must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"], "kubernetes.io/dockerconfigjson": [".dockerconfigjson"], "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_Secret; pkg/registry/core/secret/strategy.go; pkg/apis/core/validation/validation.go, ValidateSecret; printers.go, printSecret. */
export const Secret = defineKind<SecretObject>({
  group: "", version: "v1", kind: "Secret", plural: "secrets", scope: "Namespaced", schemaName: "core/v1.Secret",
  selectableFields: { type: (secret) => secret.type ?? "" },
  defaults: (secret) => mergeStringData(withFields("core/v1.Secret", secret, { type: secret.type || "Opaque" })),
  prepareForUpdate: (secret, stored) => ((secret.type ?? "") === "" ? withFields("core/v1.Secret", secret, { type: stored.type }) : secret),
  validate: validateSecret,
  validateUpdate: (secret, stored) => {
    const errors = validateObjectMetaUpdate(secret.metadata, stored.metadata);
    if (secret.type !== stored.type) errors.push(invalid("type", secret.type ?? "", IMMUTABLE));
    if (stored.immutable === true) {
      if (secret.immutable !== true) errors.push(forbidden("immutable", IMMUTABLE_WHEN_SET));
      if (!deepEqual(secret.data ?? {}, stored.data ?? {})) errors.push(forbidden("data", IMMUTABLE_WHEN_SET));
    }
    return [...errors, ...validateSecret(secret)];
  },
  warnings: tlsWarnings,
  columns: [
    nameColumn,
    { name: "Type", type: "string", cell: (secret) => secret.type ?? "" },
    { name: "Data", type: "string", cell: ({ data = {} }) => Object.keys(data).length },
    ageColumn,
  ],
});

/** stringData is only a way to write data. Source: pkg/apis/core/v1/conversion.go, Convert_v1_Secret_To_core_Secret. */
function mergeStringData(secret: SecretObject): SecretObject {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, encodeBase64(text)] as const);
  const data = Object.fromEntries([...Object.entries(secret.data ?? {}), ...encoded].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return withFields("core/v1.Secret", rest, { data });
}

function validateSecret({ metadata, type = "", data = {} }: SecretObject): FieldError[] {
  const errors = validateObjectMeta(metadata, true, subdomainName);
  let bytes = 0;
  for (const key of Object.keys(data).sort()) {
    addInvalid(errors, `data[${key}]`, key, isConfigMapKey(key));
    bytes += base64Bytes(data[key] ?? "");
  }
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong("data", MAX_DATA_BYTES));
  if (type === "kubernetes.io/service-account-token" && (metadata.annotations?.[SERVICE_ACCOUNT_NAME] ?? "") === "") errors.push(required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`));
  for (const key of own(REQUIRED_KEYS, type) ?? []) if (data[key] === undefined) errors.push(required(`data[${key}]`));
  if (type === "kubernetes.io/basic-auth" && data["username"] === undefined && data["password"] === undefined) errors.push(required("data[username]"), required("data[password]"));
  if (type === "kubernetes.io/ssh-auth" && (data["ssh-privatekey"] ?? "") === "") errors.push(required("data[ssh-privatekey]"));
  const json = type === "kubernetes.io/dockercfg" || type === "kubernetes.io/dockerconfigjson" ? own(REQUIRED_KEYS, type)?.[0] : undefined;
  const problem = json === undefined || data[json] === undefined ? undefined : jsonProblem(decodeBase64(data[json] ?? ""));
  if (problem !== undefined) errors.push(invalid(`data[${json}]`, "<secret contents redacted>", problem));
  return errors;
}

/** What Go says of a text that is no JSON object. Differs: of errors deep inside only the commonest wording is given. */
function jsonProblem(text: string): string | undefined {
  if (text.trim() === "") return "unexpected end of JSON input";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const first = text.trimStart()[0] ?? "";
    return /[{["\d\-tfn]/.test(first) ? "unexpected end of JSON input" : `invalid character '${first}' looking for beginning of value`;
  }
  if (typeof value === "object" && !Array.isArray(value)) return undefined;
  const kind = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

/** Source: pkg/registry/core/secret/strategy.go, warningsForSecret. */
function tlsWarnings({ type, data = {} }: SecretObject): string[] {
  if (type !== "kubernetes.io/tls") return [];
  const hasPem = (key: string): boolean => decodeBase64(data[key] ?? "").includes("-----BEGIN ");
  if (!hasPem("tls.crt")) return ["tls: failed to find any PEM data in certificate input"];
  return hasPem("tls.key") ? [] : ["tls: failed to find any PEM data in key input"];
}
