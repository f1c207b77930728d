import type { PageMessage, Port, WorkerMessage } from "../../protocol/messages.ts";
import { hostCluster, type HostEnvironment } from "../../worker/cluster-host.ts";

/** A host in the page's own thread, driven by hand: for tests without a worker. Real time is a number that `advance` moves. */
export class InProcess {
  nowMs = 0;
  private queue: { atMs: number; run: () => void }[] = [];
  private readonly createCluster: HostEnvironment["createCluster"];
  /** Everything that the host has said, in order. */
  readonly said: WorkerMessage[] = [];

  constructor(createCluster: HostEnvironment["createCluster"]) {
    this.createCluster = createCluster;
  }

  openPort = (): Port<PageMessage, WorkerMessage> => {
    let toHost: (message: PageMessage) => void = () => {};
    let toPage: (message: WorkerMessage) => void = () => {};
    let open = true;
    const hostPort: Port<WorkerMessage, PageMessage> = {
      post: (message) => {
        // Through JSON-like cloning, as a real port would: nothing is shared.
        const copy = structuredClone(message);
        this.said.push(copy);
        this.later(() => { if (open) toPage(copy); }, 0);
      },
      listen: (receive) => { toHost = receive; },
      close: () => {},
    };
    hostCluster(hostPort, { now: () => (this.nowMs += 0.01), later: (run, delayMs) => this.later(() => { if (open) run(); }, delayMs), createCluster: this.createCluster, replay: (options) => this.createCluster(options) });
    return {
      post: (message) => this.later(() => { if (open) toHost(structuredClone(message)); }, 0),
      listen: (receive) => { toPage = receive; },
      close: () => { open = false; },
    };
  };

  /** Lets real ms pass; work costs no time here, so every slice gets done. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.queue.reduce<{ atMs: number; run: () => void } | undefined>((best, each) => (best === undefined || each.atMs < best.atMs ? each : best), undefined);
      if (next === undefined || next.atMs > end) break;
      this.queue.splice(this.queue.indexOf(next), 1);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = end;
  }

  private later(run: () => void, delayMs: number): void {
    this.queue.push({ atMs: this.nowMs + delayMs, run });
  }
}
