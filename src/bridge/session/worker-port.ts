import type { PageMessage, Port, WorkerMessage } from "../protocol/messages.ts";

/** A link to a fresh web worker with a cluster in it. */
export function openWorkerPort(): Port<PageMessage, WorkerMessage> {
  const worker = new Worker(new URL("../worker/entry.ts", import.meta.url), { type: "module", name: "kubarium-engine" });
  return {
    post: (message) => worker.postMessage(message),
    listen: (receive) => {
      worker.addEventListener("message", (event: MessageEvent<WorkerMessage>) => receive(event.data));
      // A worker that cannot even load its script reports no crash of its own.
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        receive({ type: "crashed", report: { message: event.message || "the engine's script could not be loaded", stack: `${event.filename}:${event.lineno}`, lastCommand: "boot", nowMs: 0, commandCount: 0 } });
      });
    },
    close: () => worker.terminate(),
  };
}
