import type { PageMessage, WorkerMessage } from "../protocol/messages.ts";
import { hostCluster } from "./cluster-host.ts";
import { createCluster, replay } from "../../engine/index.ts";

/** The few things of a dedicated worker's global scope that we use; the page's DOM types know no worker. */
interface WorkerScope {
  postMessage(message: WorkerMessage): void;
  addEventListener(type: "message", receive: (event: MessageEvent<PageMessage>) => void): void;
  close(): void;
}
const scope = self as unknown as WorkerScope;

hostCluster(
  {
    post: (message) => scope.postMessage(message),
    listen: (receive) => scope.addEventListener("message", (event) => receive(event.data)),
    close: () => scope.close(),
  },
  { now: () => performance.now(), later: (run, delayMs) => setTimeout(run, delayMs), createCluster, replay },
);
