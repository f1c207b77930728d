import type { ApiRequest, Status } from "../../apimachinery/api.ts";
import { parseGoJson } from "../../apimachinery/go-json.ts";
import { utf8Length } from "../../apimachinery/object-meta.ts";
import { requestTooLarge, unsupportedMediaType } from "../../apimachinery/status.ts";
import { decodeUtf8, encodeUtf8 } from "../../apimachinery/utf8.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { MEDIA_TYPES } from "./negotiate.ts";
import { headerOf } from "./request-info.ts";
import { parseYaml } from "./yaml-text.ts";

export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** A request's body, read. */
export interface Body {
  readonly value: unknown;
  /** The text that it was read from, for error messages; undefined when it came as a value. */
  readonly text: string | undefined;
  /** `duplicate field "spec.x"`, or Go's YAML wording. */
  readonly duplicates: readonly string[];
  /** Paths of all keys in the document's order; only with duplicates. */
  readonly order: readonly string[];
  /** Duplicates stand before all other field errors, as YAML's do. */
  readonly duplicatesFirst: boolean;
}

/** Why a body could not be read: a Status of its own, or Go's words for what is wrong with the text. */
export type BodyFault = { readonly status: Status } | { readonly syntax: string; readonly text: string };

const EMPTY: Body = { value: undefined, text: undefined, duplicates: [], order: [], duplicatesFirst: false };

/** The media type without its parameters. */
export const mediaTypeOf = (request: ApiRequest): string => (headerOf(request, "content-type").split(";")[0] ?? "").trim().toLowerCase();

/** The body of a create, update or delete. A missing content type means JSON. */
export function readBody(request: ApiRequest): Result<Body, BodyFault> {
  const media = mediaTypeOf(request);
  if (request.body === undefined || request.body === "") return ok(EMPTY);
  if (media !== "" && !(MEDIA_TYPES as readonly string[]).includes(media)) return err({ status: unsupportedMediaType(MEDIA_TYPES) });
  return readText(request.body, media === "application/yaml");
}

/** A body by whatever media type the caller has settled. */
export function readText(body: unknown, yaml: boolean): Result<Body, BodyFault> {
  const bytes = sizeOf(body);
  if (bytes > MAX_BODY_BYTES) return err({ status: requestTooLarge(`limit is ${MAX_BODY_BYTES}`) });
  const text = body instanceof Uint8Array ? decodeUtf8(body) : body;
  if (typeof text !== "string") return ok({ ...EMPTY, value: text });
  return yaml ? readYaml(text) : readJson(text);
}

function sizeOf(body: unknown): number {
  if (body instanceof Uint8Array) return body.length;
  return utf8Length(typeof body === "string" ? body : (JSON.stringify(body) ?? ""));
}

function readJson(text: string): Result<Body, BodyFault> {
  const parsed = parseGoJson(text);
  if (!parsed.ok) return err({ syntax: parsed.error, text });
  const { value, duplicates, order } = parsed.value;
  return ok({ value, text, order, duplicatesFirst: false, duplicates: duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`) });
}

function readYaml(text: string): Result<Body, BodyFault> {
  const parsed = parseYaml(text);
  if (!parsed.ok) return err({ syntax: parsed.error, text });
  const { value, duplicates } = parsed.value;
  return ok({ value, text, order: [], duplicatesFirst: true, duplicates: duplicates.length === 0 ? [] : [`yaml: unmarshal errors:\n  ${duplicates.join("\n  ")}`] });
}

const SUMMARY_LENGTH = 30;

/** The start of a body, as errors show it: JSON objects as text, all else in hex. Source: handlers/rest.go, summarizeData. */
export function summarize(text: string): string {
  if (text === "") return "<empty>";
  const isLong = utf8Length(text) > SUMMARY_LENGTH;
  if (text.startsWith("{")) return isLong ? `${text.slice(0, SUMMARY_LENGTH)} ...` : text;
  const hex = encodeUtf8(text.slice(0, SUMMARY_LENGTH)).slice(0, SUMMARY_LENGTH).map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return isLong ? `${hex} ...` : hex;
}
