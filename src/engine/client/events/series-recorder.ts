import { keyOf, keyText } from "../../apimachinery/object.ts";
import type { Cancel } from "../../kernel/clock.ts";
import { secondsToUs, usOf } from "../../kernel/time.ts";
import type { EventObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { ApiClient, ComponentContext, EventRecorder } from "../contracts.ts";
import { createEventNamer, referenceOf } from "./event-object.ts";

/** Source: k8s.io/client-go/tools/events/event_broadcaster.go. */
const FINISH_US = secondsToUs(6 * 60);
const REFRESH_TICKS = 5; // a running series is written every fifth tick: 30 minutes

/** What the scheduler says it did, by reason. Source: pkg/scheduler, calls of EventRecorder.Eventf. */
const ACTIONS: Readonly<Record<string, string>> = { Scheduled: "Binding", FailedScheduling: "Scheduling", Preempted: "Preempting", WaitingForPodGroup: "Scheduling" };

interface Remembered {
  readonly namespace: string;
  readonly name: string;
  readonly atUs: number;
  count: number;
  lastUs: number;
}

/**
 * Events of the newer library: no count; the second equal event within six minutes begins a series.
 * Source: k8s.io/client-go/tools/events/{event_broadcaster,event_recorder}.go, recordToSink, finishSeries.
 */
export function createSeriesRecorder(context: ComponentContext, client: ApiClient, kind: KindDefinition<EventObject>, component: string, host: string): EventRecorder {
  const { clock, time } = context;
  const nameOf = createEventNamer(context, component);
  const remembered = new Map<string, Remembered>();
  let timer: Cancel | undefined;
  let ticks = 0;

  const write = ({ namespace, name, count, lastUs }: Remembered): void =>
    client.patch(kind, { namespace, name }, { type: "strategic", body: { series: { count, lastObservedTime: time.micros(usOf(lastUs)) } } });
  const tick = (): void => {
    ticks += 1;
    for (const [key, event] of remembered) {
      const isOver = event.lastUs < clock.now() - FINISH_US;
      if (event.count > 1 && (isOver || ticks % REFRESH_TICKS === 0)) write(event);
      if (isOver) remembered.delete(key);
    }
    if (remembered.size > 0) return;
    timer?.();
    timer = undefined;
  };

  return {
    event: (about, type, reason, message) => {
      const { object } = about;
      const now = clock.now();
      const key = [object.kind, keyText(keyOf(object)), object.metadata.uid ?? "", type, reason, message].join("\0");
      const known = remembered.get(key);
      if (known !== undefined) {
        known.count += 1;
        known.lastUs = now;
        if (known.count === 2) write(known);
        return;
      }
      const regarding = referenceOf(about);
      const event: Remembered = { namespace: regarding.namespace ?? "default", name: nameOf(object), atUs: now, count: 1, lastUs: now };
      remembered.set(key, event);
      timer ??= clock.every(FINISH_US, `${component}: finish event series`, tick);
      client.create(kind, {
        kind: "Event", apiVersion: "v1", metadata: { name: event.name, namespace: event.namespace }, involvedObject: regarding, reason, message, source: {},
        eventTime: time.micros(now), type, action: ACTIONS[reason] ?? reason, reportingComponent: component, reportingInstance: host === "" ? component : `${component}-${host}`,
      });
    },
  };
}
