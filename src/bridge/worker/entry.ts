import type { PageMessage, WorkerMessage } from "../protocol/messages.ts";
import { ClusterHost } from "./cluster-host.ts";
import { createCluster } from "./create-cluster.ts";

/** The few things of a dedicated worker's global scope that we use; the page's DOM types know no worker. */
interface WorkerScope {
  postMessage(message: WorkerMessage): void;
  onmessage: ((event: MessageEvent<PageMessage>) => void) | null;
}
const scope = self as unknown as WorkerScope;

new ClusterHost(
  {
    post: (message) => scope.postMessage(message),
    listen: (receive) => {
      scope.onmessage = (event) => receive(event.data);
    },
    close: () => {
      scope.onmessage = null;
    },
  },
  { now: () => performance.now(), later: (run, delayMs) => setTimeout(run, delayMs), createCluster },
);
