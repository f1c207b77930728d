import type { Status } from "../apimachinery/api.ts";
import { keyOf, keyText, type KubeObject, type ObjectKey } from "../apimachinery/object.ts";
import { serviceUnavailable } from "../apimachinery/status.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import { type Answered, type Caller, callerNamed } from "../apiserver/internal-api.ts";
import { err, type Result } from "../kernel/result.ts";
import type { Rng } from "../kernel/rng.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { Answer, ApiClient, ComponentContext, DeleteOptionsInput, PatchRequest } from "./contracts.ts";
import { drawLatency, LATENCY_US } from "./latency.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Client-side rate limit: requests a second, and how many may go at once. */
export interface RateLimit {
  readonly qps: number;
  readonly burst: number;
}

export function createApiClient(context: ComponentContext, server: ApiServer, name: string, limit?: RateLimit): ApiClient {
  return new SimApiClient(name, context, server, limit);
}

interface Call {
  readonly verb: string;
  readonly kind: KindDefinition;
  readonly name: string;
  readonly isWrite: boolean;
  readonly work: () => Answered;
}

/** One component's connection. Requests keep their order on the way there, as on one HTTP/2 connection. */
class SimApiClient implements ApiClient {
  private readonly rng: Rng;
  private readonly caller: Caller;
  private lastArrivalUs = 0;
  private readonly bucket: TokenBucket | undefined;

  constructor(
    readonly name: string,
    private readonly context: ComponentContext,
    private readonly server: ApiServer,
    limit: RateLimit | undefined,
  ) {
    this.bucket = limit === undefined ? undefined : new TokenBucket(context.clock, limit.qps, limit.burst);
    this.rng = context.rng.fork(`client/${name}`);
    this.caller = callerNamed(name);
  }

  get<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, done: Answer<T>): void {
    const definition = plain(kind);
    this.submit({ verb: "get", kind: definition, name: keyText(key), isWrite: false, work: () => this.server.internal.get(definition, key) }, done);
  }

  create<T extends KubeObject>(kind: KindDefinition<T>, object: T, done?: Answer<T>): void {
    const definition = plain(kind);
    this.submit({ verb: "create", kind: definition, name: keyText(keyOf(object)), isWrite: true, work: () => this.server.internal.create(this.caller, definition, object) }, done);
  }

  update<T extends KubeObject>(kind: KindDefinition<T>, object: T, done?: Answer<T>): void {
    this.updateSubresource(kind, object, "", done);
  }

  updateStatus<T extends KubeObject>(kind: KindDefinition<T>, object: T, done?: Answer<T>): void {
    this.updateSubresource(kind, object, "status", done);
  }

  updateSubresource<T extends KubeObject>(kind: KindDefinition<T>, object: T, subresource: string, done?: Answer<T>): void {
    const definition = plain(kind);
    this.submit({ verb: "update", kind: definition, name: keyText(keyOf(object)), isWrite: true, work: () => this.server.internal.update(this.caller, definition, object, subresource) }, done);
  }

  patch<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, patch: PatchRequest, done?: Answer<T>): void {
    const definition = plain(kind);
    this.submit({ verb: "patch", kind: definition, name: keyText(key), isWrite: true, work: () => this.server.internal.patch(this.caller, definition, key, patch) }, done);
  }

  delete<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, options: DeleteOptionsInput, done?: Answer<T>): void {
    const definition = plain(kind);
    this.submit({ verb: "delete", kind: definition, name: keyText(key), isWrite: true, work: () => this.server.internal.delete(this.caller, definition, key, options) }, done);
  }

  createSubresource<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, subresource: string, body: KubeObject, done?: Answer<KubeObject>): void {
    const definition = plain(kind);
    this.submit({ verb: "create", kind: definition, name: keyText(key), isWrite: true, work: () => this.server.internal.createSubresource(this.caller, definition, key, subresource, body) }, done);
  }

  private submit<T extends KubeObject>(call: Call, done: Answer<T> | undefined): void {
    const { clock, journal } = this.context;
    const now = clock.now();
    const arrivalUs = Math.max(this.lastArrivalUs, now + (this.bucket?.reserve() ?? 0) + drawLatency(this.rng, LATENCY_US.there));
    this.lastArrivalUs = arrivalUs;
    const subject = `${call.kind.kind.toLowerCase()}/${call.name}`;
    if (journal.enabled) journal.write({ component: this.name, step: "api-request", phase: "begin", subject, detail: { verb: call.verb, resource: call.kind.plural } });
    clock.after(arrivalUs - now, `${this.name}: ${call.verb} ${subject}`, () => {
      const isUp = this.server.available;
      const result: Answered = isUp ? call.work() : err(refused());
      const backUs = drawLatency(this.rng, isUp ? LATENCY_US.back : LATENCY_US.refused) + (isUp && call.isWrite ? drawLatency(this.rng, LATENCY_US.work) : 0);
      if (done === undefined && !journal.enabled) return;
      clock.after(backUs, `${this.name}: answer to ${call.verb} ${subject}`, () => {
        if (journal.enabled) journal.write({ component: this.name, step: "api-request", phase: "end", subject, detail: { verb: call.verb, resource: call.kind.plural, code: result.ok ? 200 : (result.error.code ?? 500) } });
        done?.(result as Result<T, Status>);
      });
    });
  }
}

/** Definitions are read here by every kind alike. */
const plain = <T extends KubeObject>(kind: KindDefinition<T>): KindDefinition => kind as unknown as KindDefinition;

/** What a client sees while nobody listens. Source: Go, net.OpError; client-go wraps it as it is. */
export const refused = (): Status => serviceUnavailable('Get "https://10.0.0.10:6443/api": dial tcp 10.0.0.10:6443: connect: connection refused');
