import type { Status } from "../../apimachinery/api.ts";
import type { Result } from "../../kernel/result.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { ComponentContext } from "../contracts.ts";

const MAX_TRIES = 12;
const SLEEP_US = secondsToUs(10);
/** Events that wait while the server is away; more are lost, as upstream loses them. */
const QUEUE_LENGTH = 1_000;

type Attempt = (done: (result: Result<unknown, Status>) => void) => void;

/**
 * Sends events in order. While nobody answers, the first one is tried again every 10 s, at most twelve times, and the others wait behind it.
 * Source: staging/src/k8s.io/client-go/tools/record/event.go, recordToSink and recordEvent.
 */
export class EventSink {
  private readonly waiting: Attempt[] = [];
  private retrying = false;
  private readonly rng;

  constructor(
    private readonly context: ComponentContext,
    private readonly name: string,
  ) {
    this.rng = context.rng.fork(`event-sink/${name}`);
  }

  send(attempt: Attempt): void {
    if (this.retrying) {
      if (this.waiting.length < QUEUE_LENGTH) this.waiting.push(attempt);
    } else this.attempt(attempt, 1);
  }

  private attempt(attempt: Attempt, tries: number): void {
    attempt((result) => {
      const unreachable = !result.ok && result.error.code === 503;
      if (!unreachable || tries >= MAX_TRIES) {
        if (tries > 1) this.drain();
        return;
      }
      if (this.retrying && tries === 1) {
        if (this.waiting.length < QUEUE_LENGTH) this.waiting.push(attempt);
        return;
      }
      this.retrying = true;
      const delayUs = tries === 1 ? this.rng.below(SLEEP_US) : SLEEP_US;
      this.context.clock.after(delayUs, `${this.name}: record an event again`, () => this.attempt(attempt, tries + 1));
    });
  }

  private drain(): void {
    this.retrying = false;
    for (const attempt of this.waiting.splice(0)) this.send(attempt);
  }
}
