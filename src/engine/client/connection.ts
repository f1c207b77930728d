import type { ApiServer } from "../apiserver/api-server.ts";
import { createApiClient } from "./api-client.ts";
import type { ApiConnection, ComponentContext } from "./contracts.ts";
import { createEventRecorder } from "./events/event-recorder.ts";
import { createInformerFactory } from "./informer-factory.ts";
import { createWorkQueue } from "./work-queue.ts";

const DEFAULT_BURST = 10;

/** The components' way to an API server. */
export function createApiConnection({ context, server }: { readonly context: ComponentContext; readonly server: ApiServer }): ApiConnection {
  return {
    client: (name, options = {}) => createApiClient(context, server, name, options.qps === undefined ? undefined : { qps: options.qps, burst: options.burst ?? DEFAULT_BURST }),
    informers: (name) => createInformerFactory(context, server, name),
    recorder: (component, options = {}) => createEventRecorder(context, server, component, options),
    queue: (name, process) => createWorkQueue(context.clock, name, process),
  };
}
