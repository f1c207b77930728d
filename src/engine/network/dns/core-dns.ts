import type { ApiConnection, ComponentContext, InformerFactory } from "../../client/contracts.ts";
import type { Rng } from "../../kernel/rng.ts";
import { secondsToUs } from "../../kernel/time.ts";
import { EndpointSlice } from "../../kinds/endpoint-slice.ts";
import { Namespace } from "../../kinds/namespace.ts";
import { Service } from "../../kinds/service.ts";
import type { Listener, NetNamespace, SocketOwner } from "../contracts.ts";
import { serveHttp } from "../http/serve.ts";
import type { PacketTrace } from "../trace/packet-trace.ts";
import { AnswerCache } from "./answer-cache.ts";
import { answerReverse, answerZone, isInZone, prepareView, soaRecord, type ZoneAnswer, type ZoneView } from "./cluster-zone.ts";
import { decodeDns, type DnsMessage, encodeDns, type ResourceRecord } from "./message.ts";

const MAX_UDP_BYTES = 512; // without EDNS
const FORWARD_TIMEOUT_US = secondsToUs(2);
const FORWARD_TRIES = 2;

export interface CoreDnsInput {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  /** The pod's namespace; its resolv.conf names the upstreams. */
  readonly netns: NetNamespace;
  readonly owner: SocketOwner;
}

export interface CoreDns {
  start(): void;
  stop(): void;
  /** The caches have arrived: what the readiness probe asks. */
  readonly ready: boolean;
}

/**
 * CoreDNS with kubeadm's Corefile: health, ready, kubernetes, prometheus, forward, cache, loadbalance.
 * Source: coredns/coredns plugin.cfg and plugin/*. Differs: the Corefile's text is not read; lameduck, loop and reload do nothing.
 */
export function createCoreDns(input: CoreDnsInput): CoreDns {
  let run: CoreDnsRun | undefined;
  return {
    start: () => {
      run?.stop();
      run = new CoreDnsRun(input);
      run.start();
    },
    stop: () => {
      run?.stop();
      run = undefined;
    },
    get ready() {
      return run?.ready ?? false;
    },
  };
}

class CoreDnsRun {
  ready = false;
  private readonly factory: InformerFactory;
  private readonly view: ZoneView;
  private readonly cache = new AnswerCache();
  private readonly listeners: Listener[] = [];
  private readonly rng: Rng;
  private readonly counts = new Map<string, number>();
  private serial = 0;
  private stopped = false;

  constructor(private readonly input: CoreDnsInput) {
    const { connection, context, owner, netns } = input;
    this.rng = context.rng.fork(`coredns/${owner.pod}`);
    this.factory = connection.informers(`coredns/${owner.pod}`);
    this.view = { services: this.factory.informer(Service), slices: this.factory.informer(EndpointSlice), namespaces: this.factory.informer(Namespace), self: netns.ip ?? "" };
    prepareView(this.view);
    const touched = (): void => void (this.serial = Math.floor(context.time.epochSeconds + context.clock.now() / 1e6));
    this.view.services.onChange({ add: touched, update: touched, delete: touched });
    this.view.slices.onChange({ add: touched, update: touched, delete: touched });
  }

  start(): void {
    const { netns, owner } = this.input;
    const udp = netns.listenUdp(53, "0.0.0.0", owner, (datagram) => this.handle(datagram.payload, datagram.trace, (message) => datagram.reply(this.fitUdp(message))));
    if (udp.ok) this.listeners.push(udp.value);
    const tcp = netns.listenTcp(53, "0.0.0.0", owner, (connection) => {
      connection.onData((data) => this.handle(data.slice(2), connection.trace, (message) => connection.send(withLength(encodeDns(message)))));
      connection.onClose(() => connection.close());
    });
    if (tcp.ok) this.listeners.push(tcp.value);
    this.serve(8080, "/health", () => ({ status: 200, body: "OK" }));
    this.serve(8181, "/ready", () => (this.ready ? { status: 200, body: "OK" } : { status: 503, body: "kubernetes" }));
    this.serve(9153, "/metrics", () => ({ status: 200, body: this.metrics() }));
    this.factory.whenSynced(() => {
      this.ready = true;
    });
    this.factory.start();
  }

  stop(): void {
    this.stopped = true;
    this.ready = false;
    this.factory.stop();
    for (const listener of this.listeners.splice(0)) listener.close();
  }

  private serve(port: number, path: string, answer: () => { status: number; body: string }): void {
    const { netns, owner } = this.input;
    const listening = netns.listenTcp(port, "0.0.0.0", owner, (connection) => {
      serveHttp(connection, (request, respond) => respond(request.target === path ? { ...answer(), headers: { "Content-Type": "text/plain; charset=utf-8" } } : { status: 404, body: "404 page not found\n" }));
    });
    if (listening.ok) this.listeners.push(listening.value);
  }

  /** Plugins in the order of plugin.cfg: cache, kubernetes, forward; loadbalance on the way back. */
  private handle(payload: string, trace: PacketTrace | undefined, reply: (message: DnsMessage) => void): void {
    const query = decodeDns(payload);
    if (query === undefined || query.isResponse || this.stopped) return;
    const respond = (message: DnsMessage): void => {
      this.counts.set(message.rcode, (this.counts.get(message.rcode) ?? 0) + 1);
      reply({ ...message, id: query.id, answers: this.balance(message.answers) });
    };
    const { name, type } = query.question;
    if (isInZone(name)) {
      if (!this.ready) respond(this.response(query, { rcode: "SERVFAIL", answers: [], additional: [] }));
      else this.complete(query, answerZone(this.view, name, type), trace, respond);
      return;
    }
    const cached = this.cache.get(query.question, this.now);
    if (cached !== undefined) {
      respond(cached);
      return;
    }
    const remember = (message: DnsMessage): void => {
      this.cache.put(message, this.now);
      respond(message);
    };
    const reverse = this.ready ? answerReverse(this.view, name, type) : undefined;
    if (reverse !== undefined) remember(this.response(query, reverse));
    else this.forward(query, trace, remember);
  }

  private get now(): number {
    return this.input.context.clock.now();
  }

  /** An ExternalName that leads outside is followed there; a name that is not found there leaves the CNAME alone. */
  private complete(query: DnsMessage, answer: ZoneAnswer, trace: PacketTrace | undefined, respond: (message: DnsMessage) => void): void {
    if (answer.external === undefined) {
      respond(this.response(query, answer));
      return;
    }
    this.forward({ ...query, question: { ...query.question, name: answer.external } }, trace, (message) => respond(this.response(query, { ...answer, answers: [...answer.answers, ...message.answers] })));
  }

  private response(query: DnsMessage, answer: ZoneAnswer): DnsMessage {
    const isNegative = answer.answers.length === 0 && answer.rcode !== "SERVFAIL";
    return {
      id: query.id, isResponse: true, authoritative: answer.rcode !== "SERVFAIL", truncated: false, recursionDesired: query.recursionDesired, recursionAvailable: answer.rcode === "SERVFAIL",
      rcode: answer.rcode, question: query.question, answers: answer.answers, authority: isNegative ? [soaRecord(this.serial)] : [], additional: answer.additional,
    };
  }

  private forward(query: DnsMessage, trace: PacketTrace | undefined, done: (message: DnsMessage) => void, tries = FORWARD_TRIES): void {
    const upstreams = this.input.netns.resolvConf.nameservers;
    const failed = (): void => done(this.response(query, { rcode: "SERVFAIL", answers: [], additional: [] }));
    if (upstreams.length === 0 || tries === 0) {
      failed();
      return;
    }
    const wire = encodeDns({ ...query, id: this.rng.below(0x10000) });
    this.input.netns.sendUdp({ ip: this.rng.pick(upstreams), port: 53 }, wire, { timeoutUs: FORWARD_TIMEOUT_US, owner: this.input.owner, ...(trace === undefined ? {} : { trace }) }, (result) => {
      if (this.stopped) return;
      const message = result.ok ? decodeDns(result.value) : undefined;
      if (message === undefined) this.forward(query, trace, done, tries - 1);
      else done(message);
    });
  }

  /** Aliases first, then the addresses in random order. Source: plugin/loadbalance/loadbalance.go, roundRobin. */
  private balance(answers: readonly ResourceRecord[]): readonly ResourceRecord[] {
    const addresses = answers.filter((record) => record.type === "A" || record.type === "AAAA" || record.type === "MX");
    if (addresses.length < 2) return answers;
    for (let i = addresses.length - 1; i > 0; i--) {
      const j = this.rng.below(i + 1);
      const [a, b] = [addresses[i], addresses[j]];
      if (a !== undefined && b !== undefined) [addresses[i], addresses[j]] = [b, a];
    }
    return [...answers.filter((record) => record.type === "CNAME"), ...answers.filter((record) => !["CNAME", "A", "AAAA", "MX"].includes(record.type)), ...addresses];
  }

  /** Answers that do not fit a datagram are cut, and marked as cut: the client asks again over TCP. */
  private fitUdp(message: DnsMessage): string {
    const whole = encodeDns(message);
    if (whole.length <= MAX_UDP_BYTES) return whole;
    const bare = encodeDns({ ...message, additional: [] });
    if (bare.length <= MAX_UDP_BYTES) return bare;
    let count = message.answers.length;
    let cut = bare;
    while (count > 0 && cut.length > MAX_UDP_BYTES) {
      count -= 1;
      cut = encodeDns({ ...message, truncated: true, answers: message.answers.slice(0, count), additional: [] });
    }
    return cut;
  }

  private metrics(): string {
    const lines = [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rcode, count]) => `coredns_dns_responses_total{rcode="${rcode}",server="dns://:53",zone="."} ${count}`);
    return `# HELP coredns_dns_responses_total Counter of response status codes.\n# TYPE coredns_dns_responses_total counter\n${lines.join("\n")}\n`;
  }
}

/** Over TCP each message has its length in front. Source: RFC 1035 §4.2.2. */
export const withLength = (wire: string): string => String.fromCharCode((wire.length >>> 8) & 255, wire.length & 255) + wire;
