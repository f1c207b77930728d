import { expect, test } from "vitest";
import type { EventObject, PodObject } from "../../kinds/generated/types.ts";
import { createTestApi } from "../../testing/test-api.ts";

const pod = (name: string): PodObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", uid: `uid-${name}` }, spec: { containers: [] } });
const recorded = (api: ReturnType<typeof createTestApi>): string[] =>
  (api.request("GET", "/api/v1/namespaces/default/events").body as { items: EventObject[] }).items.map(({ reason, involvedObject, count }) => `${reason} ${involvedObject.name} ${count}`).toSorted();

test("events from before the server answers arrive once it does, in order, each once", () => {
  const api = createTestApi();
  api.server.setAvailable(false);
  const recorder = api.connection.recorder("kubelet", { host: "node-1" });
  recorder.event({ object: pod("a") }, "Normal", "Starting", "one");
  recorder.event({ object: pod("b") }, "Normal", "Starting", "two");
  api.runMs(3_000);
  recorder.event({ object: pod("a") }, "Normal", "Starting", "one");
  api.server.setAvailable(true);
  api.runMs(30_000);
  expect(recorded(api)).toEqual(["Starting a 2", "Starting b 1"]);
});

test("after twelve tries an event is given up, and the next ones go through", () => {
  const api = createTestApi();
  api.server.setAvailable(false);
  const recorder = api.connection.recorder("kubelet", { host: "node-1" });
  recorder.event({ object: pod("lost") }, "Normal", "Starting", "one");
  api.runMs(125_000);
  api.server.setAvailable(true);
  recorder.event({ object: pod("kept") }, "Normal", "Starting", "two");
  api.runMs(5_000);
  expect(recorded(api)).toEqual(["Starting kept 1"]);
});
