import type { SimTimeUs } from "./time.ts";

/** One thing that will happen. `seq` breaks ties: first scheduled, first run. */
export interface QueuedEvent {
  readonly atUs: SimTimeUs;
  readonly seq: number;
  readonly label: string;
  /** Id of the event that scheduled this one; 0 for an input from outside. */
  readonly causeId: number;
  run: (() => void) | undefined;
}

/** A binary heap ordered by time, then by order of scheduling. Cancelled events stay in it until their time and are skipped. */
export class EventQueue {
  private readonly heap: QueuedEvent[] = [];

  get size(): number {
    return this.heap.length;
  }

  push(event: QueuedEvent): void {
    const heap = this.heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as QueuedEvent;
      if (!isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  /** The next event that has not been cancelled, left in the queue. */
  peek(): QueuedEvent | undefined {
    for (;;) {
      const first = this.heap[0];
      if (first === undefined || first.run !== undefined) return first;
      this.removeFirst();
    }
  }

  pop(): QueuedEvent | undefined {
    const first = this.peek();
    if (first !== undefined) this.removeFirst();
    return first;
  }

  private removeFirst(): void {
    const heap = this.heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as QueuedEvent, heap[child] as QueuedEvent)) child += 1;
      if (!isBefore(heap[child] as QueuedEvent, last)) break;
      heap[index] = heap[child] as QueuedEvent;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (a: QueuedEvent, b: QueuedEvent): boolean => a.atUs < b.atUs || (a.atUs === b.atUs && a.seq < b.seq);
