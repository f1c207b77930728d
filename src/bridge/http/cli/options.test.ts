import { describe, expect, test } from "vitest";
import { type CliOptions, parseArguments, USAGE } from "./options.ts";

const parsed = (line: string): unknown => {
  const result = parseArguments(line === "" ? [] : line.split(" "));
  if (!result.ok) return result.error;
  return result.value.help ? "help" : result.value.options;
};
const DEFAULTS: CliOptions = { port: 8001, speed: 1, kubeconfig: undefined, verbose: false, cluster: { nodes: 3, seed: 1, cni: "flannel", proxyMode: "iptables" } };

test.each<[string, unknown]>([
  ["", DEFAULTS],
  ["--port 8002", { ...DEFAULTS, port: 8002 }],
  ["--port=0 --verbose", { ...DEFAULTS, port: 0, verbose: true }],
  ["--speed max", { ...DEFAULTS, speed: "max" }],
  ["--speed 0.5", { ...DEFAULTS, speed: 0.5 }],
  ["--kubeconfig a=b", { ...DEFAULTS, kubeconfig: "a=b" }],
  ["--kubeconfig=a=b", { ...DEFAULTS, kubeconfig: "a=b" }],
  ["--nodes 10 --cni calico --proxy-mode ipvs --seed 42", { ...DEFAULTS, cluster: { nodes: 10, seed: 42, cni: "calico", proxyMode: "ipvs" } }],
  ["--epoch 2026-01-01T00:00:00Z", { ...DEFAULTS, cluster: { ...DEFAULTS.cluster, epoch: "2026-01-01T00:00:00Z" } }],
  ["--help", "help"],
  ["--port x --help", "help"],
  ["-h", "help"],
])("%s", (line, expected) => {
  expect(parsed(line)).toEqual(expected);
});

describe("refused", () => {
  test.each([
    ["--port", "--port needs a value"],
    ["--port --nodes 3", "--port needs a value"],
    ["--port=", "--port needs a value"],
    ["--port 65536", '--port is a number from 0 to 65535, not "65536"'],
    ["--port 80x", '--port is a number from 0 to 65535, not "80x"'],
    ["--port -1", '--port is a number from 0 to 65535, not "-1"'],
    ["--port 1e3", '--port is a number from 0 to 65535, not "1e3"'],
    ["--nodes 5001", '--nodes is a number from 0 to 5000, not "5001"'],
    ["--nodes 2.5", '--nodes is a number from 0 to 5000, not "2.5"'],
    ["--cni weave", '--cni is flannel or calico, not "weave"'],
    ["--proxy-mode ebpf", '--proxy-mode is iptables, ipvs or nftables, not "ebpf"'],
    ["--seed abc", '--seed is a whole number, not "abc"'],
    ["--speed 0", '--speed is a number from 0.1 to 1000 or max, not "0"'],
    ["--speed 1001", '--speed is a number from 0.1 to 1000 or max, not "1001"'],
    ["--speed fast", '--speed is a number from 0.1 to 1000 or max, not "fast"'],
    ["--epoch yesterday", '--epoch is a time like 2026-01-01T00:00:00Z, not "yesterday"'],
    ["--epoch 2026-13-01T00:00:00Z", "--epoch 2026-13-01T00:00:00Z is on no calendar"],
    ["--port 1 --port 2", "--port is given twice"],
    ["--verbose=yes", "--verbose takes no value"],
    ["--prot 1", "unknown option --prot"],
    ["8001", 'unexpected argument "8001"'],
  ])("%s", (line, sentence) => {
    expect(parsed(line)).toBe(sentence);
  });
});

test("the usage names every flag", () => {
  for (const flag of ["--port", "--nodes", "--cni", "--proxy-mode", "--seed", "--speed", "--epoch", "--kubeconfig", "--verbose", "--help"]) expect(USAGE).toContain(flag);
});
