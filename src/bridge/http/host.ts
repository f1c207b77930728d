import type { ApiRequest, ApiResponse } from "../../engine/apimachinery/api.ts";
import type { Cluster } from "../../engine/cluster/contracts.ts";

/** What the bridge's protocols need of the program that they run in. */
export interface BridgeHost {
  readonly cluster: Cluster;
  /** One API request at the present simulated time. A bug of the engine becomes a Status InternalError. */
  request(request: ApiRequest): ApiResponse;
  /** Brings the cluster to the present and runs something that comes from outside: a command's start, typed text. */
  input<T>(action: () => T): T;
}
