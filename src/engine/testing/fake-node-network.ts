import type { Cancel, Clock } from "../kernel/clock.ts";
import { msToUs } from "../kernel/time.ts";
import type { CniRuntime, HttpRequest, HttpResponse, NetNamespace, NodeNetwork, SocketErrorCode } from "../network/contracts.ts";
import type { PacketTrace } from "../network/trace/packet-trace.ts";

/** What answers at an address: a status, a whole answer, an error, or silence ("drop"). */
export type FakeAnswer = number | Partial<HttpResponse> | { readonly error: SocketErrorCode } | "drop";

/** A node's network whose host namespace answers as the test says. */
export class FakeNodeNetwork {
  readonly requests: string[] = [];
  isCniReady = true;
  answer: (request: HttpRequest) => FakeAnswer = () => 200;
  answerTcp: (to: { readonly ip: string; readonly port: number }) => "open" | SocketErrorCode = () => "open";
  readonly network: NodeNetwork;

  constructor(private readonly clock: Clock, nodeName: string, nodeIp: string) {
    const isReady = (): boolean => this.isCniReady;
    const host: Partial<NetNamespace> = {
      name: "host", ip: nodeIp, resolvConf: { nameservers: ["10.0.0.2"], search: ["example.internal"], ndots: 1 }, hosts: [],
      http: (request, options, done) => this.http(request, options.timeoutUs, done),
      connectTcp: (to, options, done) => this.connect(to, options.timeoutUs, done),
    };
    const cni: Partial<CniRuntime> = { get initialized() { return isReady(); } };
    this.network = { nodeName, nodeIp, host, cni } as unknown as NodeNetwork;
  }

  private http(request: HttpRequest, timeoutUs: number, done: Parameters<NetNamespace["http"]>[2]): PacketTrace {
    this.requests.push(`${Math.round(this.clock.now() / 1_000)} ${request.method} ${request.url}`);
    const answer = this.answer(request);
    if (answer === "drop") this.after(timeoutUs, () => done({ ok: false, error: { code: "ETIMEDOUT", message: "i/o timeout" } }));
    else if (typeof answer === "object" && "error" in answer) this.after(msToUs(1), () => done({ ok: false, error: { code: answer.error, message: answer.error } }));
    else {
      const given = typeof answer === "number" ? { status: answer } : answer;
      this.after(msToUs(2), () => done({ ok: true, value: { status: 200, headers: {}, body: "", ...given } }));
    }
    return TRACE;
  }

  private connect(to: { ip: string; port: number }, timeoutUs: number, done: Parameters<NetNamespace["connectTcp"]>[2]): PacketTrace {
    const answer = this.answerTcp(to);
    if (answer === "open") {
      const connection = { local: to, remote: to, send: () => {}, onData: () => {}, onClose: () => {}, close: () => {} };
      this.after(msToUs(1), () => done({ ok: true, value: connection }));
    } else this.after(answer === "ETIMEDOUT" ? timeoutUs : msToUs(1), () => done({ ok: false, error: { code: answer, message: answer } }));
    return TRACE;
  }

  private after(delayUs: number, run: () => void): Cancel {
    return this.clock.after(delayUs, "fake network", run);
  }
}

const TRACE = { id: 0, walks: [] } as unknown as PacketTrace;
