import { describe, expect, test } from "vitest";
import { createTestApi, type TestApi } from "../testing/test-api.ts";

const SERVICES = "/api/v1/namespaces/default/services";
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const serviceIp = (api: TestApi): string | undefined => (api.request("GET", `${SERVICES}/kubernetes`).body as { spec?: { clusterIP: string } }).spec?.clusterIP;
const addresses = (api: TestApi): string[] | undefined => (api.request("GET", `${SLICES}/kubernetes`).body as { endpoints?: { addresses: string[] }[] }).endpoints?.flatMap((endpoint) => endpoint.addresses);

describe("the Service kubernetes", () => {
  test("and its EndpointSlice come back within 10 s of their deletion", () => {
    const api = createTestApi();
    api.server.setEndpoint("10.0.0.10");
    api.request("DELETE", SERVICES);
    api.request("DELETE", SLICES);
    expect([serviceIp(api), addresses(api)]).toEqual([undefined, undefined]);
    api.runMs(10_000);
    expect([serviceIp(api), addresses(api)]).toEqual(["10.96.0.1", ["10.0.0.10"]]);
  });

  test("comes back once its address is free again", () => {
    const api = createTestApi();
    api.request("DELETE", `${SERVICES}/kubernetes`);
    expect(api.request("POST", SERVICES, { metadata: { name: "squatter" }, spec: { clusterIP: "10.96.0.1", ports: [{ port: 80 }] } }).status).toBe(201);
    api.runMs(60_000);
    expect(serviceIp(api)).toBeUndefined();
    api.request("DELETE", `${SERVICES}/squatter`);
    api.runMs(10_000);
    expect(serviceIp(api)).toBe("10.96.0.1");
  });

  test("is not looked after while the server is down", () => {
    const api = createTestApi();
    api.request("DELETE", `${SERVICES}/kubernetes`);
    api.server.setAvailable(false);
    const { revision } = api.server;
    api.runMs(30_000);
    expect(api.server.revision).toBe(revision);
    api.server.setAvailable(true);
    api.runMs(10_000);
    expect(serviceIp(api)).toBe("10.96.0.1");
  });
});

test("a changed EndpointSlice is put right", () => {
  const api = createTestApi();
  api.server.setEndpoint("10.0.0.10");
  api.request("PATCH", `${SLICES}/kubernetes`, { endpoints: [{ addresses: ["9.9.9.9"] }] }, { "content-type": "application/merge-patch+json" });
  expect(addresses(api)).toEqual(["9.9.9.9"]);
  api.runMs(10_000);
  expect(addresses(api)).toEqual(["10.0.0.10"]);
  const { revision } = api.server;
  api.runMs(60_000);
  expect(api.server.revision).toBe(revision);
});
