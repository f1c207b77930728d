import type { KubeObject } from "./object.ts";

/** A request in the shape of HTTP, as plain data. Header names are lower-case; `path` carries no query. */
export interface ApiRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value, or text/bytes to be parsed by `content-type` (JSON, YAML, protobuf is decoded before it gets here). */
  readonly body?: unknown;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value; a string when content-type is text/plain; undefined when `stream` is set. */
  readonly body: unknown;
  /** Set by a successful watch or `log?follow=true`. */
  readonly stream?: ResponseStream;
}

/** What keeps coming after the headers. Chunks that arrive before `listen` are kept and delivered first, in order. */
export interface ResponseStream {
  /** One listener. `chunk` is a WatchEvent (watch) or text (logs). */
  listen(listener: StreamListener): void;
  /** The client hangs up. Safe to call twice. */
  close(): void;
}

export interface StreamListener {
  chunk(chunk: WatchEvent | string): void;
  /** The server ended the stream. */
  end(): void;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  /** The object as asked for (a Table or PartialObjectMetadata when the Accept header says so), or a Status for ERROR. */
  readonly object: KubeObject | Status | Readonly<Record<string, unknown>>;
}

/** Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, Status. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export type StatusReason =
  | "NotFound" | "AlreadyExists" | "Conflict" | "Invalid" | "BadRequest" | "Forbidden" | "Unauthorized" | "MethodNotAllowed"
  | "NotAcceptable" | "UnsupportedMediaType" | "RequestEntityTooLarge" | "TooManyRequests" | "Gone" | "Expired" | "InternalError"
  | "ServiceUnavailable" | "Timeout" | "ServerTimeout" | "NotImplemented";

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}
