import { err, ok, type Result } from "../../kernel/result.ts";
import type { ConfigMapObject, Container, EnvVar, PodObject, SecretObject } from "../../kinds/generated/types.ts";
import { decodeBase64 } from "../volumes/base64.ts";
import { expand, lookupIn } from "./expansion.ts";
import { type PodAddresses, podFieldValue, resourceFieldValue } from "./field-value.ts";

export interface EnvironmentInput {
  readonly pod: PodObject;
  readonly container: Container;
  readonly addresses: PodAddresses;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Service variables, already chosen. */
  readonly services: ServiceEnvironment;
  /** Undefined when there is none of this name. */
  readonly configMap: (name: string) => ConfigMapObject | undefined;
  readonly secret: (name: string) => SecretObject | undefined;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The same variables twice: to look up, and as a list that all containers of a namespace share. */
export interface ServiceEnvironment {
  readonly map: ReadonlyMap<string, string>;
  readonly list: readonly Variable[];
}

/**
 * A container's variables: `env` in the order of the spec, then what `envFrom` adds, then services. The error is the message of
 * CreateContainerConfigError. Source: pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables.
 * Differs: Go adds envFrom and services in random order; here they keep the order of their sources.
 */
export function makeEnvironment(input: EnvironmentInput): Result<readonly Variable[], string> {
  const known = new Map<string, string>();
  for (const source of input.container.envFrom ?? []) {
    const added = fromSource(input, source);
    if (!added.ok) return added;
    for (const [name, value] of added.value) known.set(name, value);
  }
  const own = new Map<string, string>();
  for (const variable of input.container.env ?? []) {
    const value = valueOf(input, variable, known);
    if (!value.ok) return value;
    if (value.value === undefined) continue;
    own.set(variable.name, value.value);
    known.set(variable.name, value.value);
  }
  if (known.size === 0) return ok(input.services.list);
  for (const [name, value] of known) own.set(name, value);
  return ok([...[...own].map(([name, value]) => ({ name, value })), ...input.services.list.filter(({ name }) => !own.has(name))]);
}

type Source = NonNullable<Container["envFrom"]>[number];

function fromSource(input: EnvironmentInput, { prefix = "", configMapRef, secretRef }: Source): Result<readonly (readonly [string, string])[], string> {
  if (configMapRef !== undefined) {
    const name = configMapRef.name ?? "";
    const found = input.configMap(name);
    if (found === undefined) return configMapRef.optional === true ? ok([]) : err(`configmap ${JSON.stringify(name)} not found`);
    return ok(Object.entries(found.data ?? {}).flatMap(([key, value]) => (isEnvName(prefix + key) ? [[prefix + key, value] as const] : [])));
  }
  if (secretRef !== undefined) {
    const name = secretRef.name ?? "";
    const found = input.secret(name);
    if (found === undefined) return secretRef.optional === true ? ok([]) : err(`secret ${JSON.stringify(name)} not found`);
    return ok(Object.entries(found.data ?? {}).flatMap(([key, value]) => (isEnvName(prefix + key) ? [[prefix + key, decodeBase64(value)] as const] : [])));
  }
  return ok([]);
}

/** RelaxedEnvironmentVariableValidation is on: printable ASCII without "=". Source: apimachinery/pkg/util/validation, IsRelaxedEnvVarName. */
const isEnvName = (name: string): boolean => /^[ -<>-~]+$/.test(name);

/** Undefined: an optional source is not there, so the variable is left out. */
function valueOf(input: EnvironmentInput, variable: EnvVar, known: ReadonlyMap<string, string>): Result<string | undefined, string> {
  const { value = "", valueFrom } = variable;
  if (value !== "") return ok(expand(value, lookupIn(known, input.services.map)));
  if (valueFrom === undefined) return ok("");
  const { pod } = input;
  if (valueFrom.fieldRef !== undefined) return podFieldValue(pod, valueFrom.fieldRef.fieldPath, input.addresses);
  if (valueFrom.resourceFieldRef !== undefined) return resourceFieldValue(valueFrom.resourceFieldRef, pod, input.container, input.allocatable);
  if (valueFrom.configMapKeyRef !== undefined) {
    const { name = "", key, optional = false } = valueFrom.configMapKeyRef;
    const found = input.configMap(name);
    if (found === undefined) return optional ? ok(undefined) : err(`configmap ${JSON.stringify(name)} not found`);
    const text = found.data?.[key];
    if (text !== undefined) return ok(text);
    return optional ? ok(undefined) : err(`couldn't find key ${key} in ConfigMap ${pod.metadata.namespace ?? ""}/${name}`);
  }
  if (valueFrom.secretKeyRef !== undefined) {
    const { name = "", key, optional = false } = valueFrom.secretKeyRef;
    const found = input.secret(name);
    if (found === undefined) return optional ? ok(undefined) : err(`secret ${JSON.stringify(name)} not found`);
    const text = found.data?.[key];
    if (text !== undefined) return ok(decodeBase64(text));
    return optional ? ok(undefined) : err(`couldn't find key ${key} in Secret ${pod.metadata.namespace ?? ""}/${name}`);
  }
  return ok("");
}

/** Command and args with the container's variables. Source: pkg/kubelet/container/helpers.go, ExpandContainerCommandAndArgs. */
export function expandArguments(words: readonly string[] | undefined, variables: readonly Variable[]): readonly string[] {
  if (words === undefined || words.length === 0) return [];
  const lookup = lookupIn(new Map(variables.map(({ name, value }) => [name, value])));
  return words.map((word) => expand(word, lookup));
}

/** A probe's command, with only those variables that the spec gives a plain value. Source: ExpandContainerCommandOnlyStatic. */
export function expandStatic(words: readonly string[] | undefined, env: readonly EnvVar[] | undefined): readonly string[] {
  return expandArguments(words, (env ?? []).map(({ name, value = "" }) => ({ name, value })));
}
