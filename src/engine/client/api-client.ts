import type { Status } from "../apimachinery/api.ts";
import { keyOf, keyText, type KubeObject, type ObjectKey } from "../apimachinery/object.ts";
import { serviceUnavailable } from "../apimachinery/status.ts";
import { refusedText } from "../apiserver/address.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import { callerNamed } from "../apiserver/internal-api.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { groupVersion, type KindDefinition } from "../kinds/kind-definition.ts";
import type { Answer, ApiClient, ComponentContext } from "./contracts.ts";
import { drawLatency, LATENCY_US } from "./latency.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Path of an object or, without a name, of its collection. */
export function pathOf(kind: KindDefinition, { namespace, name }: ObjectKey, subresource = ""): string {
  const prefix = kind.group === "" ? `/api/${kind.version}` : `/apis/${groupVersion(kind)}`;
  const parts = [kind.scope === "Namespaced" && namespace !== "" ? `namespaces/${namespace}` : "", kind.plural, name, subresource];
  return `${prefix}/${parts.filter((p) => p !== "").join("/")}`;
}

/** Client-side rate limit: requests a second, and how many may go at once. */
export interface RateLimit {
  readonly qps: number;
  readonly burst: number;
}

type Verb = "get" | "list" | "create" | "update" | "patch" | "delete";
const METHODS: Readonly<Record<Verb, string>> = { get: "Get", list: "Get", create: "Post", update: "Put", patch: "Patch", delete: "Delete" };

interface Call {
  readonly verb: Verb;
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  readonly subresource?: string;
  readonly work: () => Result<unknown, Status>;
}

/**
 * One component's requests. They leave in the order in which they were made, arrive and are answered in that order, and take their time:
 * the client's rate limit, the way there, the server's work, the way back.
 */
export function createApiClient(context: ComponentContext, server: ApiServer, name: string, limit?: RateLimit): ApiClient {
  const { clock, journal } = context;
  const rng = context.rng.fork(`client ${name}`);
  const caller = callerNamed(name);
  const bucket = limit === undefined ? undefined : new TokenBucket(clock, limit.qps, limit.burst);
  const api = server.internal;
  let lastArrivalUs = 0;
  let lastAnswerUs = 0;

  const write = (call: Call, phase: "begin" | "end", subject: string, detail: Readonly<Record<string, string | number>>): void =>
    journal.write({ component: name, step: "api-request", phase, subject, detail: { verb: call.verb, resource: call.kind.plural, ...(call.subresource ? { subresource: call.subresource } : {}), ...detail } });
  const send = (call: Call, done: Answer<KubeObject> | undefined): void => {
    const { verb, kind, key, subresource = "" } = call;
    const now = clock.now();
    const wayUs = (bucket?.reserve() ?? 0) + drawLatency(rng, LATENCY_US.there) + drawLatency(rng, LATENCY_US.work);
    lastArrivalUs = Math.max(now + wayUs, lastArrivalUs);
    const backUs = drawLatency(rng, LATENCY_US.back);
    const subject = `${kind.singular}/${keyText(key)}`;
    const label = `${verb} ${subresource === "" ? subject : `${subject}/${subresource}`}`;
    if (journal.enabled) write(call, "begin", subject, {});
    clock.after(lastArrivalUs - now, `kube-apiserver: ${label} by ${name}`, () => {
      const result = server.available ? call.work() : err(serviceUnavailable(refusedText(METHODS[verb], pathOf(kind, verb === "create" && subresource === "" ? { ...key, name: "" } : key, subresource))));
      if (done === undefined && !journal.enabled) return;
      lastAnswerUs = Math.max(clock.now() + backUs, lastAnswerUs);
      clock.after(lastAnswerUs - clock.now(), `${name}: answer to ${label}`, () => {
        if (journal.enabled) write(call, "end", subject, { code: result.ok ? (verb === "create" ? 201 : 200) : (result.error.code ?? 500) });
        // The server answers with an object of the kind that was asked for.
        done?.(result as Parameters<Answer<KubeObject>>[0]);
      });
    });
  };
  const update = (kind: KindDefinition, object: KubeObject, subresource: string, done: unknown): void =>
    send({ verb: "update", kind, key: keyOf(object), subresource, work: () => api.update(caller, kind, object, subresource) }, callback(done));

  return {
    name,
    get: (kind, key, done) => send({ verb: "get", kind: plain(kind), key, work: () => api.get(plain(kind), key) }, callback(done)),
    list: (kind, namespace, done) => {
      const key = { namespace, name: "" };
      send({ verb: "list", kind: plain(kind), key, work: () => ok(api.list(plain(kind), { namespace }).items) }, callback(done));
    },
    create: (kind, object, done) => {
      const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name || (object.metadata.generateName ?? "") };
      send({ verb: "create", kind: plain(kind), key, work: () => api.create(caller, plain(kind), object) }, callback(done));
    },
    update: (kind, object, done) => update(plain(kind), object, "", done),
    updateStatus: (kind, object, done) => update(plain(kind), object, "status", done),
    updateSubresource: (kind, object, subresource, done) => update(plain(kind), object, subresource, done),
    patch: (kind, key, patch, done) =>
      send({ verb: "patch", kind: plain(kind), key, subresource: patch.subresource ?? "", work: () => api.patch(caller, plain(kind), key, patch) }, callback(done)),
    delete: (kind, key, options, done) => send({ verb: "delete", kind: plain(kind), key, work: () => api.delete(caller, plain(kind), key, options) }, callback(done)),
    createSubresource: (kind, key, subresource, body, done) =>
      send({ verb: "create", kind: plain(kind), key, subresource, work: () => api.createSubresource(caller, plain(kind), key, subresource, body) }, done),
  };
}

/** Kinds and callbacks of every object type are handled alike here. */
const plain = (kind: unknown): KindDefinition => kind as KindDefinition;
const callback = (done: unknown): Answer<KubeObject> | undefined => done as Answer<KubeObject> | undefined;
