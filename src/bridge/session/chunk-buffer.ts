import type { StreamListener, WatchEvent } from "../../engine/apimachinery/api.ts";

/** Keeps what a stream brought before anybody listened, then passes everything on in order. */
export class ChunkBuffer {
  private waiting: (WatchEvent | string)[] = [];
  private ended = false;
  private listener: StreamListener | undefined;

  chunk(chunk: WatchEvent | string): void {
    if (this.listener === undefined) this.waiting.push(chunk);
    else this.listener.chunk(chunk);
  }

  end(): void {
    this.ended = true;
    this.listener?.end();
  }

  listen(listener: StreamListener): void {
    this.listener = listener;
    for (const chunk of this.waiting) listener.chunk(chunk);
    this.waiting = [];
    if (this.ended) listener.end();
  }
}
