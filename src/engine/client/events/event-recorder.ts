import { keyOf, keyText } from "../../apimachinery/object.ts";
import type { ApiServer } from "../../apiserver/api-server.ts";
import { usOf } from "../../kernel/time.ts";
import type { EventObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { createApiClient } from "../api-client.ts";
import type { ApiClient, ComponentContext, EventRecorder, EventSubject } from "../contracts.ts";
import { type Correlated, EventCorrelator } from "./event-correlator.ts";
import { createEventNamer, referenceOf } from "./event-object.ts";
import { EventSink } from "./event-sink.ts";
import { createSeriesRecorder } from "./series-recorder.ts";

export interface RecorderOptions {
  readonly host?: string;
  readonly style?: "core" | "events.k8s.io";
}

/**
 * Records Events in the way of the component's library: counted core events, or the scheduler's with `series`.
 * Source: k8s.io/client-go/tools/record/event.go; k8s.io/client-go/tools/events/event_recorder.go.
 */
export function createEventRecorder(context: ComponentContext, server: ApiServer, component: string, options: RecorderOptions = {}): EventRecorder {
  const kind = server.kinds.find((k) => k.kind === "Event" && k.group === "") as unknown as KindDefinition<EventObject> | undefined;
  if (kind === undefined) return { event: () => {} }; // a server without events: nobody could read them
  const host = options.host ?? "";
  const client = createApiClient(context, server, host === "" ? component : `${component}/${host}`);
  if (options.style === "events.k8s.io") return createSeriesRecorder(context, client, kind, component, host);
  return createCoreRecorder(context, client, kind, component, host);
}

function createCoreRecorder(context: ComponentContext, client: ApiClient, kind: KindDefinition<EventObject>, component: string, host: string): EventRecorder {
  const correlator = new EventCorrelator(context.clock, `${component} ${host}`);
  const nameOf = createEventNamer(context, `${component}/${host}`);
  const timeOf = (us: number): string => context.time.seconds(usOf(us));
  const sink = new EventSink(context, `${component}/${host}`);
  return {
    event: (about, type, reason, message) => {
      const { object, fieldPath = "" } = about;
      const identity = { object: `${object.kind}/${keyText(keyOf(object))} ${object.metadata.uid ?? ""} ${object.apiVersion}`, fieldPath, type, reason, message };
      const correlated = correlator.correlate(identity, () => nameOf(object));
      if (correlated === undefined) return;
      const now = timeOf(context.clock.now());
      const event = coreEvent(about, type, reason, correlated, now, timeOf, { component, host });
      if (correlated.count === 1) {
        sink.send((done) => client.create(kind, event, done));
        return;
      }
      const key = { namespace: event.metadata.namespace ?? "", name: event.metadata.name };
      const patch = { count: correlated.count, lastTimestamp: now, message: correlated.message };
      sink.send((done) =>
        client.patch(kind, key, { type: "strategic", body: patch }, (result) => {
          if (!result.ok && result.error.code === 404) client.create(kind, event, done); // expired meanwhile
          else done(result);
        }),
      );
    },
  };
}

function coreEvent(about: EventSubject, type: string, reason: string, { message, count, first }: Correlated, now: string, timeOf: (us: number) => string, source: { component: string; host: string }): EventObject {
  const involvedObject = referenceOf(about);
  return {
    kind: "Event", apiVersion: "v1",
    metadata: { name: first?.name ?? "", namespace: involvedObject.namespace ?? "default" },
    involvedObject, reason, message,
    source: { component: source.component, ...(source.host === "" ? {} : { host: source.host }) },
    firstTimestamp: first === undefined ? now : timeOf(first.atUs), lastTimestamp: now, count, type,
    reportingComponent: source.component, reportingInstance: source.host,
  };
}
