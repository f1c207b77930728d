import type { ClusterOptions } from "../../../engine/cluster/contracts.ts";
import type { Result } from "../../../engine/kernel/result.ts";
import { MAX_SPEED, type Speed } from "../pump.ts";

export interface CliOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly speed: Speed;
  /** Undefined: a file of our own under the system's directory for temporary files. */
  readonly kubeconfig: string | undefined;
  readonly verbose: boolean;
  readonly cluster: ClusterOptions;
}

export const MAX_NODES = 5_000;

export const USAGE = `Usage: npm run cluster -- [options]

A simulated Kubernetes v1.33 cluster that kubectl and every other client can talk to, on this machine only.

  --port N             port on 127.0.0.1 (default 8001); 0 takes any free one
  --nodes N            workers beside the control-plane node, 0 to ${MAX_NODES} (default 3)
  --cni NAME           flannel (default) or calico
  --proxy-mode NAME    iptables (default), ipvs or nftables
  --seed N             whole number; the same seed and the same inputs give the same run (default 1)
  --speed N|max        simulated seconds per second, 0.1 to ${MAX_SPEED} (default 1), or max: after every change as fast
                       as possible until the cluster is quiet, else real time
  --epoch TIME         what the cluster's calendar says at its start, RFC 3339 (default: some minutes ago)
  --kubeconfig FILE    where to write the kubeconfig (default: a file of its own, removed at the end)
  --verbose            a line on stderr for every request
  --help               this text

Ctrl-C ends it.`;

export type Parsed = { readonly help: true } | { readonly help: false; readonly options: CliOptions };

/** Reads the command line; the error is a sentence for the user. */
export function parseArguments(argv: readonly string[]): Result<Parsed, string> {
  const values = new Map<string, string>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--help" || word === "-h") return { ok: true, value: { help: true } };
    const [flag = word, inline] = splitOnce(word);
    if (!KNOWN_FLAGS.has(flag)) return fail(word.startsWith("-") ? `unknown option ${flag}` : `unexpected argument ${JSON.stringify(word)}`);
    if (values.has(flag)) return fail(`${flag} is given twice`);
    if (flag === "--verbose") {
      if (inline !== undefined) return fail("--verbose takes no value");
      values.set(flag, "");
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined || value === "" || (inline === undefined && value.startsWith("--"))) return fail(`${flag} needs a value`);
    values.set(flag, value);
  }
  return toOptions(values);
}

const KNOWN_FLAGS: ReadonlySet<string> = new Set(["--port", "--nodes", "--cni", "--proxy-mode", "--seed", "--speed", "--epoch", "--kubeconfig", "--verbose"]);

const fail = (message: string): { ok: false; error: string } => ({ ok: false, error: message });

function splitOnce(word: string): [string, string?] {
  const equals = word.indexOf("=");
  return word.startsWith("--") && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word];
}

function toOptions(values: ReadonlyMap<string, string>): Result<Parsed, string> {
  const port = wholeNumber(values.get("--port"), 8001, 0, 65_535);
  if (port === undefined) return fail(`--port is a number from 0 to 65535, not ${JSON.stringify(values.get("--port"))}`);
  const nodes = wholeNumber(values.get("--nodes"), 3, 0, MAX_NODES);
  if (nodes === undefined) return fail(`--nodes is a number from 0 to ${MAX_NODES}, not ${JSON.stringify(values.get("--nodes"))}`);
  const seed = wholeNumber(values.get("--seed"), 1, 0, Number.MAX_SAFE_INTEGER);
  if (seed === undefined) return fail(`--seed is a whole number, not ${JSON.stringify(values.get("--seed"))}`);
  const cni = oneOf(values.get("--cni"), ["flannel", "calico"] as const);
  if (cni === undefined) return fail(`--cni is flannel or calico, not ${JSON.stringify(values.get("--cni"))}`);
  const proxyMode = oneOf(values.get("--proxy-mode"), ["iptables", "ipvs", "nftables"] as const);
  if (proxyMode === undefined) return fail(`--proxy-mode is iptables, ipvs or nftables, not ${JSON.stringify(values.get("--proxy-mode"))}`);
  const speed = toSpeed(values.get("--speed"));
  if (speed === undefined) return fail(`--speed is a number from 0.1 to ${MAX_SPEED} or max, not ${JSON.stringify(values.get("--speed"))}`);
  const epoch = values.get("--epoch");
  if (epoch !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(epoch)) return fail(`--epoch is a time like 2026-01-01T00:00:00Z, not ${JSON.stringify(epoch)}`);
  if (epoch !== undefined && Number.isNaN(Date.parse(epoch))) return fail(`--epoch ${epoch} is on no calendar`);
  const cluster: ClusterOptions = { nodes, seed, cni, proxyMode, ...(epoch === undefined ? {} : { epoch }) };
  return { ok: true, value: { help: false, options: { port, speed, kubeconfig: values.get("--kubeconfig"), verbose: values.has("--verbose"), cluster } } };
}

function wholeNumber(text: string | undefined, absent: number, min: number, max: number): number | undefined {
  if (text === undefined) return absent;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}

function oneOf<T extends string>(text: string | undefined, choices: readonly [T, ...T[]]): T | undefined {
  return text === undefined ? choices[0] : choices.find((choice) => choice === text);
}

function toSpeed(text: string | undefined): Speed | undefined {
  if (text === undefined) return 1;
  if (text === "max") return "max";
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0.1 && value <= MAX_SPEED ? value : undefined;
}
