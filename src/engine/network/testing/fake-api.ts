import { InformerCache } from "../../client/informer-cache.ts";
import type { Answer, ApiClient, ApiConnection, Informer, InformerFactory, InformerHandler, PatchRequest } from "../../client/contracts.ts";
import { keyOf, keyText, type KubeObject, type ObjectKey } from "../../apimachinery/object.ts";
import type { Clock } from "../../kernel/clock.ts";
import { ok } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";

const DELIVERY_US = 2_000;

type Listener = { kind: string; handler: InformerHandler<KubeObject>; stopped: () => boolean };

/** A store with watches for tests of this room: no validation, no defaults; deliveries take 2 ms and keep their order. */
export class FakeApi implements ApiConnection {
  private readonly objects = new Map<string, Map<string, KubeObject>>();
  private readonly listeners: Listener[] = [];
  private revision = 0;

  constructor(private readonly clock: Clock) {}

  /** Creates or replaces; everybody who watches hears of it. */
  put<T extends KubeObject>(object: T): T {
    const kind = object.kind;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.revision) } };
    const all = this.objects.get(kind) ?? new Map<string, KubeObject>();
    this.objects.set(kind, all);
    const before = all.get(keyText(keyOf(object)));
    all.set(keyText(keyOf(object)), stored);
    this.deliver(kind, (handler) => (before === undefined ? handler.add?.(stored) : handler.update?.(stored, before)));
    return stored;
  }

  remove(kind: string, key: ObjectKey): void {
    const all = this.objects.get(kind);
    const before = all?.get(keyText(key));
    if (all === undefined || before === undefined) return;
    all.delete(keyText(key));
    const gone = { ...before, metadata: { ...before.metadata, resourceVersion: String(++this.revision) } };
    this.deliver(kind, (handler) => handler.delete?.(gone));
  }

  get<T extends KubeObject>(kind: string, key: ObjectKey): T | undefined {
    return this.objects.get(kind)?.get(keyText(key)) as T | undefined;
  }

  client(name: string): ApiClient {
    const unused = (): never => {
      throw new Error("not used by this room");
    };
    return {
      name,
      get: unused, create: unused, updateStatus: unused, delete: unused, createSubresource: unused, updateSubresource: unused,
      update: (_kind: KindDefinition, object: KubeObject) => void this.put(object),
      patch: <T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, patch: PatchRequest, done?: Answer<T>) => {
        this.clock.after(DELIVERY_US, "patch", () => {
          const stored = this.get<T>(kind.kind, key);
          if (stored === undefined) return;
          const patched = this.put(merge(stored, patch.body) as T);
          done?.(ok(patched));
        });
      },
    } as unknown as ApiClient;
  }

  informers(): InformerFactory {
    let stopped = false;
    const made = new Map<string, Informer<KubeObject>>();
    return {
      informer: <T extends KubeObject>(kind: KindDefinition<T>) => {
        const known = made.get(kind.kind) ?? this.informer(kind.kind, () => stopped);
        made.set(kind.kind, known);
        return known as unknown as Informer<T>;
      },
      whenSynced: (run) => void this.clock.after(DELIVERY_US, "synced", () => !stopped && run()),
      start: () => {},
      stop: () => {
        stopped = true;
      },
    };
  }

  recorder(): ReturnType<ApiConnection["recorder"]> {
    return { event: () => {} };
  }

  queue(): ReturnType<ApiConnection["queue"]> {
    throw new Error("not used by this room");
  }

  private informer(kind: string, stopped: () => boolean): Informer<KubeObject> {
    const cache = new InformerCache<KubeObject>();
    const handlers: InformerHandler<KubeObject>[] = [];
    const store: InformerHandler<KubeObject> = {
      add: (object) => {
        cache.set(object);
        for (const handler of handlers) handler.add?.(object);
      },
      update: (object, before) => {
        cache.set(object);
        for (const handler of handlers) handler.update?.(object, before);
      },
      delete: (object) => {
        cache.delete(keyText(keyOf(object)));
        for (const handler of handlers) handler.delete?.(object);
      },
    };
    for (const object of this.objects.get(kind)?.values() ?? []) this.clock.after(DELIVERY_US - 1, "list", () => !stopped() && store.add?.(object));
    this.listeners.push({ kind, handler: store, stopped });
    return {
      synced: true,
      get: (key) => cache.get(key),
      list: (namespace) => cache.list(namespace),
      byIndex: (index, value) => cache.byIndex(index, value),
      onChange: (handler) => {
        handlers.push(handler);
        for (const object of cache.list()) handler.add?.(object);
        return () => void handlers.splice(handlers.indexOf(handler), 1);
      },
      addIndex: (name, values) => cache.addIndex(name, values),
    };
  }

  private deliver(kind: string, run: (handler: InformerHandler<KubeObject>) => void): void {
    this.clock.after(DELIVERY_US, `watch ${kind}`, () => {
      for (const listener of this.listeners) if (listener.kind === kind && !listener.stopped()) run(listener.handler);
    });
  }
}

/** JSON merge patch, RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = target !== null && typeof target === "object" ? { ...(target as Record<string, unknown>) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
