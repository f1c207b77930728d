import type { TraceRow, WalkFilm } from "../../../projection/film/film.ts";
import type { Point } from "../../../projection/layout/geometry.ts";
import type { StageMap } from "../stage-map.ts";

/** One packet where it is now. */
export interface PacketNow {
  readonly trace: number;
  readonly film: WalkFilm;
  readonly at: Point;
  /** Where it has just been, newest first, for the trail. */
  readonly trail: readonly Point[];
  readonly wrapped: boolean;
  /** The hop that it stands at or has just left. */
  readonly hop: number;
  /** 0…1 while it stands at a table of rules. */
  readonly reading: number | undefined;
}

/** Where a packet stopped for good. */
export interface Mark {
  readonly trace: number;
  readonly walk: number;
  readonly hop: number;
  readonly at: Point;
  readonly kind: "delivered" | "dropped";
  readonly reason: string;
  /** Real ms since it appeared. */
  ageMs: number;
}

/** Real ms per kind of leg at speed 1: what the eye needs, not what the kernel takes. */
const LEG_MS = { wire: 300, link: 270, inside: 150 } as const;
/** More for long wires: ms per world px. */
const WIRE_MS_PER_PX = 0.42;
const READ_MS = 340;
/** Handshakes and farewells hurry. */
const HURRY: Readonly<Partial<Record<WalkFilm["role"], number>>> = { syn: 0.6, "syn-ack": 0.6, ack: 0.5, fin: 0.45, rst: 0.6, "dns-query": 0.8, "dns-reply": 0.7 };
const DELIVERED_MS = 900;
const TRAIL_POINTS = 14;
/** Films that run at once; more are counted, not shown. */
const FILMS_MAX = 24;

interface Leg {
  readonly path: readonly Point[];
  readonly length: number;
  readonly ms: number;
  /** Time to stand still at its end. */
  readonly restMs: number;
  readonly wrapped: boolean;
  readonly hop: number;
}

interface Playing {
  readonly trace: number;
  readonly queue: WalkFilm[];
  shown: number;
  film: WalkFilm | undefined;
  legs: readonly Leg[];
  leg: number;
  legMs: number;
  trail: Point[];
}

/** Plays recorded packets along the drawn links, one packet of a trace after the other. Slowed for the eye; the facts keep their own times. */
export class FilmPlayer {
  private readonly playing = new Map<number, Playing>();
  private readonly finished = new Map<number, number>();
  private marks: Mark[] = [];
  /** Films left out because too many ran. */
  skipped = 0;
  private readonly map: StageMap;

  constructor(map: StageMap) {
    this.map = map;
  }

  /** Takes in what is new of a trace; films that were played are not played again. */
  feed(trace: TraceRow): void {
    const seen = this.playing.get(trace.id);
    const shown = seen?.shown ?? this.finished.get(trace.id) ?? 0;
    const fresh = trace.films.slice(shown).filter((film) => film.end !== "in-flight" && film.stops.length > 0);
    if (fresh.length === 0) return;
    if (seen === undefined && this.playing.size >= FILMS_MAX) {
      this.skipped += 1;
      return;
    }
    const playing = seen ?? { trace: trace.id, queue: [], shown, film: undefined, legs: [], leg: 0, legMs: 0, trail: [] };
    playing.queue.push(...fresh);
    playing.shown += fresh.length;
    this.playing.set(trace.id, playing);
  }

  /** From the beginning, whether it was seen or not. */
  replay(trace: TraceRow, fromWalk = 0): void {
    this.playing.delete(trace.id);
    this.finished.set(trace.id, fromWalk);
    this.marks = this.marks.filter((mark) => mark.trace !== trace.id);
    this.feed(trace);
  }

  clear(): void {
    this.playing.clear();
    this.finished.clear();
    this.marks = [];
    this.skipped = 0;
  }

  dismiss(mark: Mark): void {
    this.marks = this.marks.filter((each) => each !== mark);
  }

  get active(): boolean {
    return this.playing.size > 0 || this.marks.some((mark) => mark.kind === "delivered");
  }

  /** Lets real ms pass; `rate` is the pace of the pictures. Gives what is to be drawn. */
  advance(ms: number, rate: number): { readonly packets: readonly PacketNow[]; readonly marks: readonly Mark[] } {
    for (const mark of this.marks) mark.ageMs += ms * rate;
    this.marks = this.marks.filter((mark) => mark.kind === "dropped" || mark.ageMs < DELIVERED_MS);
    const packets: PacketNow[] = [];
    for (const playing of this.playing.values()) {
      const packet = this.move(playing, ms * rate);
      if (packet !== undefined) packets.push(packet);
    }
    return { packets, marks: this.marks };
  }

  private move(playing: Playing, ms: number): PacketNow | undefined {
    playing.legMs += ms;
    for (;;) {
      if (playing.film === undefined && !this.next(playing)) return undefined;
      const leg = playing.legs[playing.leg];
      if (leg === undefined) {
        this.arrive(playing);
        continue;
      }
      if (playing.legMs < leg.ms + leg.restMs) return this.now(playing, leg);
      playing.legMs -= leg.ms + leg.restMs;
      playing.leg += 1;
    }
  }

  private next(playing: Playing): boolean {
    const film = playing.queue.shift();
    if (film === undefined) {
      this.playing.delete(playing.trace);
      this.finished.set(playing.trace, playing.shown);
      return false;
    }
    playing.film = film;
    playing.legs = this.legsOf(film);
    playing.leg = 0;
    playing.legMs = 0;
    playing.trail = [];
    return true;
  }

  private arrive(playing: Playing): void {
    const { film } = playing;
    playing.film = undefined;
    if (film === undefined) return;
    const at = playing.legs.at(-1)?.path.at(-1) ?? this.standing(film);
    if (at === undefined) return;
    const bad = film.end === "dropped" || film.end === "refused";
    if (bad || film.role !== "ack") this.marks.push({ trace: playing.trace, walk: film.index, hop: film.hopCount - 1, at, kind: bad ? "dropped" : "delivered", reason: film.reason, ageMs: 0 });
  }

  private standing(film: WalkFilm): Point | undefined {
    const stop = film.stops.at(-1);
    return stop && this.map.point(stop.place);
  }

  private legsOf(film: WalkFilm): Leg[] {
    const hurry = HURRY[film.role] ?? 1;
    const legs: Leg[] = [];
    for (let i = 1; i < film.stops.length; i += 1) {
      const [from, to] = [film.stops[i - 1], film.stops[i]];
      if (from === undefined || to === undefined) continue;
      const path = this.map.path(from.place, to.place);
      if (path.length < 2) continue;
      const wire = from.place.part === "nic" && (to.place.part === "nic" || to.place.part === "outside");
      const link = from.place.part === "pod" || to.place.part === "pod" || from.place.part === "outside";
      const length = lengthOf(path);
      const ms = (wire || from.place.part === "outside" ? LEG_MS.wire + length * WIRE_MS_PER_PX : link ? LEG_MS.link : LEG_MS.inside) * hurry;
      const reads = to.place.part === "rules" && film.role !== "ack";
      legs.push({ path, length, ms, restMs: reads ? READ_MS * hurry : 0, wrapped: from.wrapped, hop: from.hop });
    }
    return legs;
  }

  private now(playing: Playing, leg: Leg): PacketNow {
    const t = leg.ms === 0 ? 1 : Math.min(1, playing.legMs / leg.ms);
    const at = pointAlong(leg.path, leg.length, ease(t));
    const last = playing.trail[0];
    if (last === undefined || Math.hypot(last.x - at.x, last.y - at.y) > 3) playing.trail = [at, ...playing.trail].slice(0, TRAIL_POINTS);
    const reading = playing.legMs > leg.ms && leg.restMs > 0 ? (playing.legMs - leg.ms) / leg.restMs : undefined;
    const film = playing.film;
    if (film === undefined) throw new Error("Kubarium bug: expected that a moving packet has a film");
    return { trace: playing.trace, film, at, trail: playing.trail, wrapped: leg.wrapped, hop: leg.hop, reading };
  }
}

const ease = (t: number): number => (t < 0.5 ? 2 * t * t : 1 - (-2 * t + 2) ** 2 / 2);

export function lengthOf(path: readonly Point[]): number {
  let length = 0;
  for (let i = 1; i < path.length; i += 1) length += distance(path[i - 1] as Point, path[i] as Point);
  return length;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The point at a share of a polyline's length. */
export function pointAlong(path: readonly Point[], length: number, share: number): Point {
  let left = length * share;
  for (let i = 1; i < path.length; i += 1) {
    const [a, b] = [path[i - 1] as Point, path[i] as Point];
    const d = distance(a, b);
    if (left <= d) return d === 0 ? b : { x: a.x + ((b.x - a.x) * left) / d, y: a.y + ((b.y - a.y) * left) / d };
    left -= d;
  }
  return path.at(-1) ?? { x: 0, y: 0 };
}
