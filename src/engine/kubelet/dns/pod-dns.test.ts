import { describe, expect, test } from "vitest";
import type { PodObject, PodSpec } from "../../kinds/generated/types.ts";
import { podDns, podHostname } from "./pod-dns.ts";

const pod = (spec: Partial<PodSpec>, name = "web"): PodObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", uid: "u" }, spec: { containers: [], ...spec } });
const settings = { host: { nameservers: ["10.0.0.2"], search: ["example.internal"], ndots: 1 }, clusterDNS: "10.96.0.10", clusterDomain: "cluster.local" };
const cluster = { nameservers: ["10.96.0.10"], search: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.internal"], ndots: 5 };

describe("TestGetPodDNS", () => {
  test.each([
    { name: "cluster first", spec: { dnsPolicy: "ClusterFirst" }, expected: cluster },
    { name: "left out means cluster first", spec: {}, expected: cluster },
    { name: "cluster first in the host's network is default", spec: { dnsPolicy: "ClusterFirst", hostNetwork: true }, expected: settings.host },
    { name: "cluster first with host net", spec: { dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true }, expected: cluster },
    { name: "default", spec: { dnsPolicy: "Default" }, expected: settings.host },
    { name: "none", spec: { dnsPolicy: "None", dnsConfig: { nameservers: ["8.8.8.8"], searches: ["a.b"], options: [{ name: "ndots", value: "3" }] } }, expected: { nameservers: ["8.8.8.8"], search: ["a.b"], ndots: 3 } },
    { name: "added to cluster first, without doubles", spec: { dnsConfig: { nameservers: ["8.8.8.8", "10.96.0.10"], searches: ["cluster.local", "a.b"], options: [{ name: "ndots", value: "2" }, { name: "edns0" }] } }, expected: { nameservers: ["10.96.0.10", "8.8.8.8"], search: [...cluster.search, "a.b"], ndots: 2, options: ["edns0"] } },
    { name: "the last of an option counts", spec: { dnsPolicy: "None", dnsConfig: { nameservers: ["8.8.8.8"], options: [{ name: "timeout", value: "1" }, { name: "rotate" }, { name: "timeout", value: "2" }] } }, expected: { nameservers: ["8.8.8.8"], search: [], ndots: 1, options: ["timeout:2", "rotate"] } },
  ])("$name", ({ spec, expected }) => expect(podDns(pod(spec), settings, () => {})).toEqual(expected));

  test("without cluster DNS it falls back and says so", () => {
    const warnings: unknown[] = [];
    expect(podDns(pod({}), { ...settings, clusterDNS: "" }, (warning) => warnings.push(warning))).toEqual(settings.host);
    expect(warnings).toEqual([{ reason: "MissingClusterDNS", message: 'pod: "web_shop(u)". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.' }]);
  });
});

test("TestFormDNSNameserversFitsLimits, TestFormDNSSearchFitsLimits", () => {
  const warnings: string[] = [];
  const searches = Array.from({ length: 40 }, (_, i) => `s${i}.example`);
  const conf = podDns(pod({ dnsPolicy: "None", dnsConfig: { nameservers: ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"], searches } }), settings, ({ reason, message }) => warnings.push(`${reason} ${message}`));
  expect(conf.nameservers).toEqual(["1.1.1.1", "2.2.2.2", "3.3.3.3"]);
  expect(conf.search).toHaveLength(32);
  expect(warnings[0]).toBe("DNSConfigForming Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3");
  expect(warnings[1]).toMatch(/^DNSConfigForming Search Line limits were exceeded, some search paths have been omitted, the applied search line is: s0\.example s1\.example /);
});

test.each([
  { name: "plain", subject: pod({}), expected: { hostname: "web", domain: "" } },
  { name: "hostname", subject: pod({ hostname: "db" }), expected: { hostname: "db", domain: "" } },
  { name: "subdomain", subject: pod({ hostname: "db-0", subdomain: "db" }), expected: { hostname: "db-0", domain: "db.shop.svc.cluster.local" } },
  { name: "as FQDN", subject: pod({ subdomain: "db", setHostnameAsFQDN: true }), expected: { hostname: "web.db.shop.svc.cluster.local", domain: "db.shop.svc.cluster.local" } },
  { name: "long names are cut", subject: pod({}, `${"a".repeat(62)}-bcd`), expected: { hostname: "a".repeat(62), domain: "" } },
])("TestGeneratePodHostNameAndDomain: $name", ({ subject, expected }) => expect(podHostname(subject, "cluster.local")).toEqual(expected));
