/** What one redis server knows, and how it answers. Source: redis.io/commands. Differs: strings, counters, lists, hashes, sets and expiry; no scripts, streams, clusters. */
export type RedisReply = string | number | null | readonly RedisReply[] | { readonly error: string } | { readonly status: string };

type RedisValue = string | string[] | Map<string, string> | Set<string>;

const MAX_KEYS = 100_000;
const WRONG_TYPE = { error: "WRONGTYPE Operation against a key holding the wrong kind of value" } as const;
const NOT_INTEGER = { error: "ERR value is not an integer or out of range" } as const;
const OK = { status: "OK" } as const;

export interface RedisSession {
  authenticated: boolean;
}

export class RedisStore {
  readonly password: string;
  private readonly values = new Map<string, RedisValue>();
  private readonly deadlines = new Map<string, number>();
  private readonly config: Map<string, string>;
  private readonly nowUs: () => number;
  private readonly info: () => string;

  constructor(options: { readonly password: string; readonly config: ReadonlyMap<string, string>; readonly nowUs: () => number; readonly info: () => string }) {
    this.password = options.password;
    this.config = new Map(options.config);
    this.nowUs = options.nowUs;
    this.info = options.info;
  }

  get size(): number {
    for (const key of this.deadlines.keys()) this.get(key);
    return this.values.size;
  }

  run(words: readonly string[], session: RedisSession): RedisReply {
    const [name = "", ...args] = words;
    const command = name.toUpperCase();
    if (this.password !== "" && !session.authenticated && command !== "AUTH" && command !== "QUIT" && command !== "HELLO") return { error: "NOAUTH Authentication required." };
    const [key = "", ...rest] = args;
    const wrong = { error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` };
    switch (command) {
      case "PING": return args.length === 0 ? { status: "PONG" } : key;
      case "ECHO": return args.length === 1 ? key : wrong;
      case "AUTH":
        if (this.password === "") return { error: "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?" };
        if (args.at(-1) !== this.password) return { error: "WRONGPASS invalid username-password pair or user is disabled." };
        session.authenticated = true;
        return OK;
      case "SET": return args.length < 2 ? wrong : this.set(key, rest);
      case "GET": { if (args.length !== 1) return wrong; const value = this.get(key); return value === undefined ? null : typeof value === "string" ? value : WRONG_TYPE; }
      case "GETSET": { const value = this.get(key); this.put(key, rest[0] ?? ""); return typeof value === "string" ? value : null; }
      case "SETNX": if (this.get(key) !== undefined) return 0; this.put(key, rest[0] ?? ""); return 1;
      case "SETEX": this.put(key, rest[1] ?? ""); this.expire(key, Number(rest[0]) || 0); return OK;
      case "MSET": for (let i = 0; i + 1 < args.length; i += 2) this.put(args[i] ?? "", args[i + 1] ?? ""); return OK;
      case "MGET": return args.map((one) => { const value = this.get(one); return typeof value === "string" ? value : null; });
      case "APPEND": { const value = this.get(key); const text = `${typeof value === "string" ? value : ""}${rest[0] ?? ""}`; this.put(key, text); return text.length; }
      case "STRLEN": { const value = this.get(key); return typeof value === "string" ? value.length : 0; }
      case "INCR": return this.add(key, 1n);
      case "DECR": return this.add(key, -1n);
      case "INCRBY": return /^-?\d+$/.test(rest[0] ?? "") ? this.add(key, BigInt(rest[0] ?? "0")) : NOT_INTEGER;
      case "DECRBY": return /^-?\d+$/.test(rest[0] ?? "") ? this.add(key, -BigInt(rest[0] ?? "0")) : NOT_INTEGER;
      case "DEL":
      case "UNLINK": return args.length === 0 ? wrong : args.filter((one) => this.get(one) !== undefined && this.remove(one)).length;
      case "EXISTS": return args.filter((one) => this.get(one) !== undefined).length;
      case "KEYS": return [...this.values.keys()].filter((one) => this.get(one) !== undefined && matchesGlob(key || "*", one));
      case "TYPE": { const value = this.get(key); return { status: value === undefined ? "none" : typeof value === "string" ? "string" : Array.isArray(value) ? "list" : value instanceof Map ? "hash" : "set" }; }
      case "EXPIRE": return this.get(key) === undefined ? 0 : this.expire(key, Number(rest[0]) || 0);
      case "PERSIST": return this.deadlines.delete(key) ? 1 : 0;
      case "TTL": { if (this.get(key) === undefined) return -2; const at = this.deadlines.get(key); return at === undefined ? -1 : Math.ceil((at - this.nowUs()) / 1e6); }
      case "RENAME": { const value = this.get(key); if (value === undefined) return { error: "ERR no such key" }; this.remove(key); this.values.set(rest[0] ?? "", value); return OK; }
      case "LPUSH":
      case "RPUSH": return this.push(key, rest, command === "LPUSH");
      case "LPOP":
      case "RPOP": { const list = this.get(key); if (list === undefined) return null; if (!Array.isArray(list)) return WRONG_TYPE; const item = command === "LPOP" ? list.shift() : list.pop(); if (list.length === 0) this.remove(key); return item ?? null; }
      case "LLEN": { const list = this.get(key); return list === undefined ? 0 : Array.isArray(list) ? list.length : WRONG_TYPE; }
      case "LRANGE": { const list = this.get(key) ?? []; if (!Array.isArray(list)) return WRONG_TYPE; const [from = 0, to = -1] = rest.map(Number); return list.slice(from < 0 ? Math.max(0, list.length + from) : from, (to < 0 ? list.length + to : to) + 1); }
      case "SADD": { const set = this.get(key) ?? new Set<string>(); if (!(set instanceof Set)) return WRONG_TYPE; const before = set.size; for (const item of rest) set.add(item); this.values.set(key, set); return set.size - before; }
      case "SREM": { const set = this.get(key); return set instanceof Set ? rest.filter((item) => set.delete(item)).length : 0; }
      case "SMEMBERS": { const set = this.get(key) ?? new Set<string>(); return set instanceof Set ? [...set] : WRONG_TYPE; }
      case "SCARD": { const set = this.get(key); return set instanceof Set ? set.size : 0; }
      case "SISMEMBER": { const set = this.get(key); return set instanceof Set && set.has(rest[0] ?? "") ? 1 : 0; }
      case "HSET": { const hash = this.get(key) ?? new Map<string, string>(); if (!(hash instanceof Map)) return WRONG_TYPE; let added = 0; for (let i = 0; i + 1 < rest.length; i += 2) { if (!hash.has(rest[i] ?? "")) added += 1; hash.set(rest[i] ?? "", rest[i + 1] ?? ""); } this.values.set(key, hash); return added; }
      case "HGET": { const hash = this.get(key); return hash instanceof Map ? (hash.get(rest[0] ?? "") ?? null) : hash === undefined ? null : WRONG_TYPE; }
      case "HGETALL": { const hash = this.get(key); return hash instanceof Map ? [...hash].flat() : []; }
      case "HDEL": { const hash = this.get(key); return hash instanceof Map ? rest.filter((field) => hash.delete(field)).length : 0; }
      case "DBSIZE": return this.size;
      case "FLUSHALL":
      case "FLUSHDB": this.values.clear(); this.deadlines.clear(); return OK;
      case "SELECT": return /^\d+$/.test(key) && Number(key) < 16 ? OK : { error: "ERR DB index is out of range" };
      case "CONFIG": return this.configure(key.toUpperCase(), rest);
      case "INFO": return this.info();
      case "SAVE": return OK;
      case "BGSAVE": return { status: "Background saving started" };
      case "CLIENT":
      case "COMMAND": return command === "COMMAND" ? [] : OK;
      case "TIME": return [String(Math.floor(this.nowUs() / 1e6)), String(this.nowUs() % 1_000_000)];
      case "ROLE": return ["master", 0, []];
      case "HELLO": return ["server", "redis", "proto", 2];
      case "QUIT": return OK;
      default: return { error: `ERR unknown command '${name}', with args beginning with: ${args.slice(0, 3).map((arg) => `'${arg}' `).join("")}` };
    }
  }

  private get(key: string): RedisValue | undefined {
    const deadline = this.deadlines.get(key);
    if (deadline !== undefined && deadline <= this.nowUs()) this.remove(key);
    return this.values.get(key);
  }

  private put(key: string, value: RedisValue): void {
    if (this.values.size >= MAX_KEYS && !this.values.has(key)) return;
    this.values.set(key, value);
    this.deadlines.delete(key);
  }

  private remove(key: string): boolean {
    this.deadlines.delete(key);
    return this.values.delete(key);
  }

  private expire(key: string, seconds: number): number {
    this.deadlines.set(key, this.nowUs() + seconds * 1e6);
    return 1;
  }

  private set(key: string, [value = "", ...options]: readonly string[]): RedisReply {
    const flags = options.map((option) => option.toUpperCase());
    if (flags.includes("NX") && this.get(key) !== undefined) return null;
    if (flags.includes("XX") && this.get(key) === undefined) return null;
    this.put(key, value);
    for (const [flag, unit] of [["EX", 1], ["PX", 0.001]] as const) {
      const at = flags.indexOf(flag);
      if (at >= 0) this.expire(key, (Number(options[at + 1]) || 0) * unit);
    }
    return OK;
  }

  private add(key: string, step: bigint): RedisReply {
    const value = this.get(key) ?? "0";
    if (typeof value !== "string") return WRONG_TYPE;
    if (!/^-?\d{1,19}$/.test(value)) return NOT_INTEGER;
    const next = BigInt(value) + step;
    this.values.set(key, String(next));
    return Number(next);
  }

  private push(key: string, items: readonly string[], left: boolean): RedisReply {
    const list = this.get(key) ?? [];
    if (!Array.isArray(list)) return WRONG_TYPE;
    for (const item of items) {
      if (left) list.unshift(item);
      else list.push(item);
    }
    this.values.set(key, list);
    return list.length;
  }

  private configure(action: string, [name = "", value]: readonly string[]): RedisReply {
    if (action === "GET") return [...this.config].filter(([key]) => matchesGlob(name.toLowerCase(), key)).flat();
    if (action === "SET") {
      if (!this.config.has(name.toLowerCase())) return { error: `ERR Unknown option or number of arguments for CONFIG SET - '${name}'` };
      this.config.set(name.toLowerCase(), value ?? "");
    }
    return OK;
  }
}

function matchesGlob(pattern: string, text: string): boolean {
  if (pattern === "*") return true;
  const parts = pattern.split("*");
  const literal = (part: string): string => part.replaceAll("\\", "");
  if (parts.length === 1) return literal(pattern) === text;
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === 0 ? (text.startsWith(literal(part)) ? 0 : -1) : index === parts.length - 1 ? (text.endsWith(literal(part)) && text.length - literal(part).length >= at ? text.length - literal(part).length : -1) : text.indexOf(literal(part), at);
    if (found < 0) return false;
    at = found + literal(part).length;
  }
  return true;
}
