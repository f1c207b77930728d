import { describe, expect, test } from "vitest";
import type { ServiceObject, ServiceSpec } from "../../kinds/generated/types.ts";
import { createTestApi, type TestApi } from "../../testing/test-api.ts";
import { parseIpv4 } from "./ipv4.ts";

const SERVICES = "/api/v1/namespaces/default/services";
const MERGE = { "content-type": "application/merge-patch+json" };

function post(api: TestApi, name: string, spec: object): { status: number; spec: ServiceSpec; message: string } {
  const { status, body } = api.request("POST", SERVICES, { metadata: { name }, spec: { selector: { a: "b" }, ports: [{ port: 80 }], ...spec } });
  return { status, spec: (body as ServiceObject).spec, message: (body as { message?: string }).message ?? "" };
}
const patch = (api: TestApi, name: string, spec: object): { status: number; spec: ServiceSpec; message: string } => {
  const { status, body } = api.request("PATCH", `${SERVICES}/${name}`, { spec }, MERGE);
  return { status, spec: (body as ServiceObject).spec, message: (body as { message?: string }).message ?? "" };
};
const number = (ip: string | undefined): number => parseIpv4(ip ?? "") ?? 0;

describe("cluster IPs", () => {
  test("the first address is the API server's own", () => {
    expect(createTestApi().request("GET", `${SERVICES}/kubernetes`).body).toMatchObject({ spec: { clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1"], ports: [{ name: "https", port: 443, targetPort: 6443, protocol: "TCP" }] } });
  });

  test("dynamic ones come from the upper band, all different, and come back when a service goes", () => {
    const api = createTestApi({ serviceCIDR: "10.96.0.0/26" }); // 62 addresses, of which 16 are the static band
    const given = Array.from({ length: 45 }, (_, i) => post(api, `s${i}`, {}).spec.clusterIP ?? "");
    expect(new Set(given).size).toBe(45);
    expect(given.every((ip) => number(ip) > number("10.96.0.16"))).toBe(true);
    const lower = Array.from({ length: 16 }, (_, i) => post(api, `t${i}`, {}).spec.clusterIP ?? "");
    expect(new Set([...given, ...lower, "10.96.0.1"]).size).toBe(62);
    expect(post(api, "late", {}).message).toBe('Internal error occurred: failed to allocate a serviceIP for Service "late": range is full');
    api.request("DELETE", `${SERVICES}/s7`);
    expect(post(api, "late", {}).spec.clusterIP).toBe(given[7]);
  });

  test.each([
    ["10.96.0.1", 'Service "x" is invalid: spec.clusterIPs: Invalid value: []string{"10.96.0.1"}: failed to allocate IP 10.96.0.1: provided IP is already allocated'],
    ["1.2.3.4", 'Service "x" is invalid: spec.clusterIPs: Invalid value: []string{"1.2.3.4"}: failed to allocate IP 1.2.3.4: the provided network does not match the current range'],
    ["10.96.0.0", 'Service "x" is invalid: spec.clusterIPs: Invalid value: []string{"10.96.0.0"}: failed to allocate IP 10.96.0.0: the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/12'],
  ])("%s is refused", (clusterIP, message) => {
    expect(post(createTestApi(), "x", { clusterIP })).toMatchObject({ status: 422, message });
  });

  test("asked for, and headless", () => {
    const api = createTestApi();
    expect(post(api, "dns", { clusterIP: "10.96.0.10" }).spec).toMatchObject({ clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
    expect(post(api, "headless", { clusterIP: "None" }).spec).toMatchObject({ clusterIP: "None", clusterIPs: ["None"], ipFamilyPolicy: "SingleStack" });
    expect(post(api, "bare", { clusterIP: "None", selector: null }).spec).toMatchObject({ ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "RequireDualStack" });
    expect(post(api, "outside", { type: "ExternalName", externalName: "example.com" }).spec.clusterIP).toBeUndefined();
  });

  test("a refused service holds nothing", () => {
    const api = createTestApi();
    expect(post(api, "bad", { clusterIP: "10.96.0.20", ports: [] }).status).toBe(422);
    expect(post(api, "good", { clusterIP: "10.96.0.20" }).status).toBe(201);
  });
});

describe("node ports", () => {
  test("dynamic ones come from above the static band", () => {
    const api = createTestApi();
    for (let i = 0; i < 20; i++) expect(post(api, `s${i}`, { type: "NodePort" }).spec.ports?.[0]?.nodePort).toSatisfy((p: number) => p >= 30_086 && p <= 32_767);
  });

  test("TCP and UDP of one service port share a number", () => {
    const { spec } = post(createTestApi(), "dns", { type: "NodePort", ports: [{ name: "udp", port: 53, protocol: "UDP" }, { name: "tcp", port: 53, protocol: "TCP" }] });
    expect(spec.ports?.[0]?.nodePort).toBe(spec.ports?.[1]?.nodePort);
  });

  test.each([
    [30_080, 'Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated'],
    [80, 'Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767'],
  ])("%d is refused", (nodePort, message) => {
    const api = createTestApi();
    post(api, "first", { type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] });
    expect(post(api, "x", { type: "NodePort", ports: [{ port: 80, nodePort }] })).toMatchObject({ status: 422, message });
  });
});

describe("updates", () => {
  test("what was allocated stays when the client leaves it out", () => {
    const api = createTestApi();
    const before = post(api, "s", { type: "NodePort" }).spec;
    const { body } = api.request("PUT", `${SERVICES}/s`, { metadata: { name: "s" }, spec: { type: "NodePort", selector: { a: "c" }, ports: [{ port: 80 }] } });
    expect((body as ServiceObject).spec).toMatchObject({ clusterIP: before.clusterIP, ports: [{ nodePort: before.ports?.[0]?.nodePort }], selector: { a: "c" } });
  });

  test("types come and go with their fields", () => {
    const api = createTestApi();
    const { clusterIP } = post(api, "s", {}).spec;
    const nodePort = patch(api, "s", { type: "NodePort" }).spec.ports?.[0]?.nodePort ?? 0;
    expect(nodePort).toBeGreaterThan(30_000);
    expect(patch(api, "s", { type: "ClusterIP" }).spec.ports).toEqual([{ protocol: "TCP", port: 80, targetPort: 80 }]);
    expect(post(api, "other", { type: "NodePort", ports: [{ port: 80, nodePort }] }).status).toBe(201); // free again
    expect(patch(api, "s", { type: "ExternalName", externalName: "a.b" }).spec).not.toHaveProperty("clusterIP");
    expect(post(api, "third", { clusterIP }).status).toBe(201);
  });

  test("a cluster IP does not change", () => {
    const api = createTestApi();
    post(api, "s", {});
    expect(patch(api, "s", { clusterIP: "10.96.0.77" })).toMatchObject({ status: 422, message: expect.stringContaining("may not change once set") as string });
  });
});
