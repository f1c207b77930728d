import { describe, expect, test } from "vitest";
import { RowStore } from "../../../bridge/session/row-store.ts";
import type { KubeObject } from "../../../engine/apimachinery/object.ts";
import type { TraceRow } from "../../../projection/film/film.ts";
import { Projector } from "../../../projection/projector.ts";
import { createFakeCluster } from "../../../projection/testing/fake-cluster.ts";
import { StageMap } from "../stage-map.ts";
import { FilmPlayer } from "./film-player.ts";

function stage(): { map: StageMap; trace: TraceRow } {
  const cluster = createFakeCluster();
  const projector = new Projector({ epoch: cluster.options.epoch });
  cluster.observe(projector.observer);
  cluster.runFor(5_000);
  const post = (plural: string, body: unknown) => cluster.request({ method: "POST", path: `/api/v1/namespaces/default/${plural}`, body });
  for (const name of ["client", "web"]) post("pods", { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: name } }, spec: { containers: [{ name: "c", image: "busybox:1.36" }] } } as KubeObject);
  post("services", { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
  cluster.runFor(6_000);
  const sent = cluster.send({ from: { pod: "default/client" }, to: "http://web" });
  projector.observer.trace?.(sent);
  projector.follow(sent.id);
  cluster.runFor(100);
  const rows = new RowStore();
  rows.apply({ number: 1, nowUs: cluster.nowUs(), revision: 1, clock: { playing: true, speed: 1, actualSpeed: 1, goal: undefined, actions: 0, goalOutcome: undefined }, eventCount: 0, focus: undefined, ...projector.drain(10_000) });
  return { map: new StageMap(rows), trace: rows.traceRows()[0]! };
}

describe("a film", () => {
  test("plays every packet once, in order, moving in small steps, and then it is over", () => {
    const { map, trace } = stage();
    const player = new FilmPlayer(map);
    player.feed(trace);
    const order: number[] = [];
    let last: { walk: number; x: number; y: number } | undefined;
    for (let ms = 0; ms < 60_000 && player.active; ms += 16) {
      const { packets } = player.advance(16, 1);
      const packet = packets[0];
      if (packet === undefined) continue;
      if (order.at(-1) !== packet.film.index) order.push(packet.film.index);
      if (last !== undefined && last.walk === packet.film.index) expect(Math.hypot(packet.at.x - last.x, packet.at.y - last.y)).toBeLessThan(120);
      last = { walk: packet.film.index, ...packet.at };
    }
    expect(order).toEqual(trace.films.map((f) => f.index));
    expect(player.active).toBe(false);
    player.feed(trace);
    expect(player.active).toBe(false);
  });

  test("a paused film stands still; a replay begins again", () => {
    const { map, trace } = stage();
    const player = new FilmPlayer(map);
    player.feed(trace);
    player.advance(700, 1);
    const held = player.advance(0, 1).packets[0]?.at;
    expect(player.advance(0, 1).packets[0]?.at).toEqual(held);
    for (let i = 0; i < 4_000; i += 1) player.advance(16, 1);
    player.replay(trace);
    expect(player.advance(16, 1).packets[0]?.film.index).toBe(0);
  });

  test("is wrapped on the wire and nowhere inside a pod", () => {
    const { map, trace } = stage();
    const player = new FilmPlayer(map);
    player.feed(trace);
    const wrapped = new Set<boolean>();
    for (let ms = 0; ms < 60_000 && player.active; ms += 16) for (const p of player.advance(16, 1).packets) wrapped.add(p.wrapped);
    expect(trace.films.some((f) => f.stops.some((s) => s.wrapped))).toBe(true);
    expect(wrapped).toEqual(new Set([true, false]));
    for (const film of trace.films) for (const stop of film.stops) if (stop.place.part === "pod") expect(stop.wrapped).toBe(false);
  });

  test("a dropped packet leaves a mark with its reason until it is dismissed", () => {
    const { map, trace } = stage();
    const player = new FilmPlayer(map);
    player.feed({ ...trace, films: trace.films.slice(0, 1).map((f) => ({ ...f, end: "dropped" as const, reason: "NetworkPolicy default/deny" })) });
    for (let ms = 0; ms < 20_000; ms += 16) player.advance(16, 1);
    const [mark] = player.advance(0, 1).marks;
    expect(mark).toMatchObject({ kind: "dropped", reason: "NetworkPolicy default/deny", walk: 0 });
    player.dismiss(mark!);
    expect(player.advance(0, 1).marks).toEqual([]);
  });

  test("more films than an eye can follow are counted, not shown", () => {
    const { map, trace } = stage();
    const player = new FilmPlayer(map);
    for (let id = 1; id <= 60; id += 1) player.feed({ ...trace, id });
    expect(player.advance(16, 1).packets.length).toBe(24);
    expect(player.skipped).toBe(36);
  });
});
