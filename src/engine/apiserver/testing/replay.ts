import type { ApiRequest } from "../../apimachinery/api.ts";
import type { TestApi } from "../../testing/test-api.ts";

/** One recorded exchange with a real API server. Placeholders such as <uid:1> stand for values that differ from run to run. */
export interface RecordedStep {
  readonly request: { readonly method: string; readonly path: string; readonly contentType?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };
  /** Absent: the step only prepares the next ones. */
  readonly response?: { readonly code: number; readonly body: unknown; readonly warning?: readonly string[] };
  readonly note?: string;
}

export interface RecordedScenario {
  readonly id: string;
  readonly steps: readonly RecordedStep[];
}

type Bindings = Map<string, string>;

/** Values of placeholders that a request needs before any answer gave them. */
export const PRESET: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "s-delete": [["<uid:8>", "123"], ["<rv:16>", "1"]], "s-meta": [["<uid:1>", "u1"]], "s-update": [["<uid:2>", "b9b1cc40-0000-4000-8000-000000000000"]],
};

const INDEXED = /<(?:uid|rv|ip|nodePort|gen|continue):\d+>/g;
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

/** Fills known placeholders into a request; a node port is a number. */
export function fill<T>(value: T, bindings: Bindings): T {
  const text = JSON.stringify(value).replace(/"(<nodePort:\d+>)"/g, (_whole, name: string) => bindings.get(name) ?? "30080");
  return JSON.parse(text.replace(INDEXED, (name) => bindings.get(name) ?? name).replaceAll("<time>", "2026-01-01T00:00:00Z")) as T;
}

/** The recordings leave managedFields out, except where they are the subject. */
export function withoutManagedFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutManagedFields);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "managedFields").map(([key, child]) => [key, withoutManagedFields(child)]));
}

/** Sends a recorded request to our server. */
export function send(api: TestApi, step: RecordedStep, bindings: Bindings): { code: number; body: unknown; warning: readonly string[] } {
  const { method, path, contentType, headers = {}, body } = fill(step.request, bindings);
  const lower = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
  const response = api.request(method as ApiRequest["method"], path, body, { ...lower, ...(contentType === undefined ? {} : { "content-type": contentType }) });
  const warning = response.headers["warning"];
  return { code: response.status, body: JSON.parse(JSON.stringify(response.body ?? "")) as unknown, warning: warning === undefined ? [] : warning.split(/, (?=299 )/) };
}

/** Where an answer differs from the recorded one; empty when it agrees. Learns the values of placeholders on the way. */
export function differences(expected: unknown, actual: unknown, bindings: Bindings, path = ""): string[] {
  if (typeof expected === "string") return matchText(expected, actual, bindings, path);
  if (expected === null || typeof expected !== "object") return expected === actual ? [] : [`${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: expected a list, got ${JSON.stringify(actual)}`];
    if (expected.length !== actual.length) return [`${path}: expected ${expected.length} items, got ${actual.length}: ${JSON.stringify(actual).slice(0, 300)}`];
    return expected.flatMap((item, i) => differences(item, actual[i], bindings, `${path}[${i}]`));
  }
  if (actual === null || typeof actual !== "object" || Array.isArray(actual)) return [`${path}: expected an object, got ${JSON.stringify(actual)}`];
  const left = expected as Readonly<Record<string, unknown>>;
  const right = actual as Readonly<Record<string, unknown>>;
  const missing = Object.keys(left).filter((k) => !(k in right)).map((k) => `${path}.${k}: missing, expected ${JSON.stringify(left[k]).slice(0, 200)}`);
  const extra = Object.keys(right).filter((k) => !(k in left)).map((k) => `${path}.${k}: unexpected ${JSON.stringify(right[k]).slice(0, 200)}`);
  return [...missing, ...extra, ...Object.keys(left).filter((k) => k in right).flatMap((k) => differences(left[k], right[k], bindings, `${path}.${k}`))];
}

function matchText(expected: string, actual: unknown, bindings: Bindings, path: string): string[] {
  const text = typeof actual === "number" && /^<nodePort:\d+>$/.test(expected) ? String(actual) : actual;
  if (typeof text !== "string") return [`${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`];
  const names: string[] = [];
  const pattern = expected.split(/(<(?:uid|rv|ip|nodePort|gen|continue):\d+>|<time>|<gen>|<token>|<field diff printed by go-cmp>|current: \d+|record \(\d+\))/).map((part) => {
    if (part === "<time>") return TIME;
    if (part === "<gen>") return "[a-z0-9]{5}";
    if (part === "<token>" || part === "<field diff printed by go-cmp>") return ".+";
    if (part.startsWith("current: ")) return String.raw`current: \d+`;
    if (part.startsWith("record (")) return String.raw`record \(\d+\)`;
    if (!/^<\w+:\d+>$/.test(part)) return part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const known = bindings.get(part);
    if (known !== undefined) return known.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    names.push(part);
    return "(.+?)";
  }).join("");
  const found = new RegExp(`^${pattern}$`, "s").exec(text);
  if (found === null) return [`${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`];
  names.forEach((name, i) => bindings.set(name, found[i + 1] ?? ""));
  return [];
}
