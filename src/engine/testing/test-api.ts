import { createApiServer, type ApiServer, type ApiServerOptions } from "../apiserver/api-server.ts";
import { createTimeText } from "../apimachinery/time-text.ts";
import type { ApiRequest, ApiResponse } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import { createApiConnection } from "../client/connection.ts";
import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import { SimClock } from "../kernel/clock.ts";
import type { JournalEntry } from "../kernel/journal.ts";
import { createRng } from "../kernel/rng.ts";
import { msToUs, usOf } from "../kernel/time.ts";
import { KINDS } from "../kinds/registry.ts";

export interface TestApi {
  readonly clock: SimClock;
  readonly context: ComponentContext;
  readonly server: ApiServer;
  readonly connection: ApiConnection;
  /** What has been written to the journal; only kept when asked for. */
  readonly journal: readonly JournalEntry[];
  runMs(ms: number): void;
  /** A request from outside; JSON bodies as values. */
  request(method: ApiRequest["method"], path: string, body?: unknown, headers?: Readonly<Record<string, string>>): ApiResponse;
  /** Creates an object as an administrator; throws when it is refused. */
  create<T extends KubeObject>(object: T): T;
}

export interface TestApiOptions extends Partial<Omit<ApiServerOptions, "context">> {
  readonly seed?: number;
  readonly journal?: boolean;
}

/** A clock, an API server with all registered kinds, and a connection to it; nothing else runs. */
export function createTestApi(options: TestApiOptions = {}): TestApi {
  const clock = new SimClock();
  const rng = createRng(options.seed ?? 1);
  const entries: JournalEntry[] = [];
  const enabled = options.journal === true;
  const journal = { enabled, write: (entry: Omit<JournalEntry, "atUs" | "causeId">) => { entries.push({ ...entry, atUs: clock.now(), causeId: clock.causeId() }); } };
  const context: ComponentContext = { clock, rng, time: createTimeText("2026-01-01T00:00:00Z"), journal };
  const server = createApiServer({ kinds: KINDS, serviceCIDR: "10.96.0.0/12", ...options, context: { ...context, rng: rng.fork("apiserver") } });
  const connection = createApiConnection({ context, server });
  const request: TestApi["request"] = (method, path, body, headers = {}) => {
    const [plain = "", query = ""] = path.split("?");
    const parameters = Object.fromEntries(query.split("&").filter((p) => p !== "").map((p) => /^([^=]*)=?(.*)$/s.exec(p)?.slice(1).map(decodeURIComponent) as [string, string]));
    return clock.within(`${method} ${plain}`, () => server.handle({ method, path: plain, query: parameters, headers, body }));
  };
  return {
    clock, context, server, connection, journal: entries, request,
    runMs: (ms) => clock.runTo(usOf(clock.now() + msToUs(ms))),
    create: (object) => {
      const kind = KINDS.find((k) => k.kind === object.kind);
      if (kind === undefined) throw new Error(`${object.kind} is not registered`);
      const made = clock.within("test", () => server.internal.create({ user: { name: "kubernetes-admin", groups: ["system:masters"] }, manager: "test" }, kind, object));
      if (!made.ok) throw new Error(made.error.message);
      return made.value as typeof object;
    },
  };
}
