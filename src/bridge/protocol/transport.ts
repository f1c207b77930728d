import type { ApiRequest, ApiResponse } from "../../engine/apimachinery/api.ts";

/**
 * How clients outside the engine (kubectl, the page, tests) reach an API server: in process, through a worker's port, or over a socket.
 * The promise rejects only when the server cannot be reached at all, with a sentence like kubectl's "The connection to the server … was refused".
 */
export interface ApiTransport {
  request(request: ApiRequest): Promise<ApiResponse>;
}
