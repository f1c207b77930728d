import type { ApiRequest, ApiResponse } from "../../apimachinery/api.ts";
import { notImplemented } from "../../apimachinery/status.ts";
import type { ServerCore } from "../core.ts";

export interface Liveness {
  available(): boolean;
  onDown(listener: () => void): () => void;
}

export function createHttpHandler(_core: ServerCore, _liveness: Liveness): (request: ApiRequest) => ApiResponse {
  return () => ({ status: 501, headers: { "content-type": "application/json" }, body: notImplemented("HTTP") });
}
