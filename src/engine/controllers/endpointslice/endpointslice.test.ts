import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndpointSliceObject, NodeObject, PodObject, ServiceObject, ServiceSpec } from "../../kinds/generated/types.ts";
import { EndpointSlice } from "../../kinds/endpoint-slice.ts";
import { Pod } from "../../kinds/pod.ts";
import { Service } from "../../kinds/service.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { makeNode, makePod, type PodInput } from "../../testing/make-objects.ts";
import { sliceChanges } from "./slices.ts";

const service = (spec: Partial<ServiceSpec> = {}, labels: Record<string, string> = {}): ServiceObject => ({
  apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "default", uid: "svc", labels },
  spec: { selector: { app: "web" }, clusterIP: "10.96.0.10", ipFamilies: ["IPv4"], ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }], ...spec },
});
const NODES: Readonly<Record<string, NodeObject>> = { n1: makeNode("n1", { labels: { "topology.kubernetes.io/zone": "z1" } }), n2: makeNode("n2") };
const nodeOf = (name: string): NodeObject | undefined => NODES[name];
const READY = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:10Z" };
const endpointPod = (name: string, ip: string, input: PodInput & { notReady?: boolean } = {}): PodObject => {
  const { notReady, meta, ...rest } = input;
  return makePod(name, { meta: { uid: `uid-of-${name}`, ...meta }, labels: { app: "web" }, nodeName: "n1", status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: notReady ? [] : [READY] }, ...rest });
};
const pods = (count: number, from = 0): PodObject[] => Array.from({ length: count }, (_, i) => endpointPod(`p${from + i}`, `10.42.${Math.floor((from + i) / 250)}.${((from + i) % 250) + 1}`));

/** Slices as the server would keep them. */
let names = 0;
const kept = (slices: readonly EndpointSliceObject[]): EndpointSliceObject[] => slices.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: slice.metadata.name ?? `web-${++names}` } }));
const make = (svc: ServiceObject, all: readonly PodObject[]): EndpointSliceObject[] => kept(sliceChanges(svc, all, [], nodeOf).create);
const sizes = (slices: readonly EndpointSliceObject[]): number[] => slices.map(({ endpoints }) => endpoints.length);

describe("one endpoint", () => {
  const only = (pod: PodObject, spec: Partial<ServiceSpec> = {}) => make(service(spec), [pod])[0]?.endpoints[0];

  test("a ready pod in full", () => {
    const pod = endpointPod("p", "10.42.1.5", { hostname: "db-0", subdomain: "web" });
    expect(only(pod)).toEqual({
      addresses: ["10.42.1.5"], conditions: { ready: true, serving: true, terminating: false }, hostname: "db-0", targetRef: { kind: "Pod", namespace: "default", name: "p", uid: pod.metadata.uid }, nodeName: "n1", zone: "z1",
    });
  });

  const deleting = { meta: { deletionTimestamp: "2026-01-01T00:01:00Z" } };
  test.each<{ name: string; input: PodInput & { notReady?: boolean }; spec?: Partial<ServiceSpec>; conditions: [boolean, boolean, boolean] | undefined }>([
    { name: "not ready", input: { notReady: true }, conditions: [false, false, false] },
    { name: "terminating, still serving", input: deleting, conditions: [false, true, true] },
    { name: "terminating, no longer serving", input: { ...deleting, notReady: true }, conditions: [false, false, true] },
    { name: "not ready, published anyway", input: { notReady: true }, spec: { publishNotReadyAddresses: true }, conditions: [true, false, false] },
    { name: "terminating, published anyway", input: deleting, spec: { publishNotReadyAddresses: true }, conditions: [true, true, true] },
    { name: "over", input: { status: { phase: "Succeeded", podIP: "10.42.1.5" } }, conditions: undefined },
    { name: "without an address yet", input: { status: { phase: "Pending" } }, conditions: undefined },
    { name: "on a node that is not known", input: { nodeName: "gone" }, conditions: undefined },
  ])("$name", ({ input, spec, conditions }) => {
    const endpoint = only(endpointPod("p", "10.42.1.5", input), spec);
    expect(endpoint?.conditions).toEqual(conditions && { ready: conditions[0], serving: conditions[1], terminating: conditions[2] });
  });

  test("a node that is not known is a problem to come back to", () => {
    expect(sliceChanges(service(), [endpointPod("p", "10.42.1.5", { nodeName: "gone" })], [], nodeOf).problems).toEqual(["skipping Pod p for Service default/web: Node gone Not Found"]);
  });

  test("traffic distribution leaves hints on ready endpoints with a zone", () => {
    expect(only(endpointPod("p", "10.42.1.5"), { trafficDistribution: "PreferClose" })?.hints).toEqual({ forZones: [{ name: "z1" }] });
    expect(only(endpointPod("p", "10.42.1.5", { nodeName: "n2" }), { trafficDistribution: "PreferClose" })?.hints).toBeUndefined();
  });
});

describe("slices", () => {
  test("labels, owner, name and ports of a new slice", () => {
    expect(make(service({}, { team: "a", "kubernetes.io/service-name": "mine" }), pods(1))[0]).toMatchObject({
      addressType: "IPv4", ports: [{ name: "http", protocol: "TCP", port: 8080 }],
      metadata: {
        generateName: "web-", namespace: "default",
        labels: { team: "a", "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
        ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "web", uid: "svc", controller: true, blockOwnerDeletion: true }],
      },
    });
    expect(make(service({ clusterIP: "None" }), pods(1))[0]?.metadata.labels).toHaveProperty(["service.kubernetes.io/headless"], "");
  });

  test("named target ports are looked up in each pod; pods without it stand apart", () => {
    const named = (name: string, ip: string, port: number | undefined) => endpointPod(name, ip, { containers: [{ name: "c", image: "i", ...(port === undefined ? {} : { ports: [{ name: "web", containerPort: port }] }) }] });
    const slices = make(service({ ports: [{ name: "http", port: 80, targetPort: "web" }] }), [named("a", "10.42.0.1", 8080), named("b", "10.42.0.2", 9090), named("c", "10.42.0.3", 8080), named("d", "10.42.0.4", undefined)]);
    expect(slices.map(({ ports, endpoints }) => [ports.map(({ port }) => port), endpoints.map(({ targetRef }) => targetRef?.name)])).toEqual([[[8080], ["a", "c"]], [[9090], ["b"]], [[], ["d"]]]);
  });

  test.each([
    { name: "no pods: one empty placeholder", have: 0, want: 0, create: [0], update: [] },
    { name: "101 pods take two slices", have: 0, want: 101, create: [100, 1], update: [] },
    { name: "one more fits into the slice that has room", have: 50, want: 51, create: [], update: [51] },
    { name: "a full slice needs a second one", have: 100, want: 101, create: [1], update: [] },
    { name: "nothing changed", have: 7, want: 7, create: [], update: [] },
  ])("$name", ({ have, want, create, update }) => {
    const svc = service();
    const existing = have === 0 ? [] : make(svc, pods(have));
    const changes = sliceChanges(svc, pods(want), existing, nodeOf);
    expect([sizes(changes.create), sizes(changes.update), sizes(changes.delete)]).toEqual([create, update, []]);
  });

  test("slices are not packed together: 101 → 100 leaves two", () => {
    const svc = service();
    const all = pods(101);
    const existing = make(svc, all);
    expect(sliceChanges(svc, all.slice(1), existing, nodeOf)).toMatchObject({ create: [], delete: [], update: [{ endpoints: { length: 99 } }] });
  });

  test("the last pod gone: its slice becomes the placeholder; that one stays as it is", () => {
    const svc = service();
    const changes = sliceChanges(svc, [], make(svc, pods(1)), nodeOf);
    expect([sizes(changes.create), sizes(changes.update), sizes(changes.delete)]).toEqual([[], [0], []]);
    expect(sliceChanges(svc, [], kept(changes.update), nodeOf)).toEqual({ create: [], update: [], delete: [], problems: [] });
  });

  test("slices of a former service of the same name go", () => {
    const old = make({ ...service(), metadata: { ...service().metadata, uid: "old" } }, pods(2));
    expect(sliceChanges(service(), pods(2), old, nodeOf)).toMatchObject({ create: [{ endpoints: { length: 2 } }], delete: [{ metadata: { name: old[0]?.metadata.name } }] });
  });

  test("whatever comes and goes, the slices say exactly what the pods are, and write no more than they have to", () => {
    const svc = service();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 260 }), fc.integer({ min: 0, max: 60 })), { minLength: 1, maxLength: 12 }), (steps) => {
        let slices: EndpointSliceObject[] = [];
        for (const [count, from] of steps) {
          const wanted = pods(count, from);
          const changes = sliceChanges(svc, wanted, slices, nodeOf);
          const touched = new Set([...changes.update, ...changes.delete].map(({ metadata }) => metadata.name));
          slices = [...slices.filter(({ metadata }) => !touched.has(metadata.name)), ...changes.update, ...kept(changes.create)];
          const addresses = slices.flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.addresses[0]));
          expect(addresses.toSorted()).toEqual(wanted.map(({ status }) => status?.podIP).toSorted());
          expect(Math.max(...sizes(slices))).toBeLessThanOrEqual(100);
          expect(sliceChanges(svc, wanted, slices, nodeOf)).toEqual({ create: [], update: [], delete: [], problems: [] });
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("in a cluster: endpoints follow the pods, and go with the service", () => {
  const plane = startControlPlane();
  plane.api.runMs(1500);
  const own = () => plane.list(EndpointSlice, "default").filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === "web");
  const states = () => own().flatMap(({ endpoints }) => endpoints.map(({ targetRef, conditions }) => `${targetRef?.name} ${conditions?.ready ? "ready" : ""}${conditions?.terminating ? "terminating" : ""}`)).sort();
  plane.api.create({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "default" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } } as unknown as ServiceObject);
  plane.api.runMs(500);
  expect(own()).toMatchObject([{ endpoints: [], metadata: { annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:01Z" } } }]);
  for (const name of ["a", "b"]) plane.api.create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } as unknown as PodObject);
  plane.api.runMs(3000);
  expect([states(), own()[0]?.ports]).toEqual([["a ready", "b ready"], [{ name: "", port: 80, protocol: "TCP" }]]);
  plane.remove(Pod, "default/a");
  plane.api.runMs(100);
  expect(states()).toEqual(["a terminating", "b ready"]);
  plane.api.runMs(3000);
  expect(states()).toEqual(["b ready"]);
  plane.patch(Pod, "default/b", { metadata: { labels: { app: "other" } } });
  plane.api.runMs(100);
  expect(states()).toEqual([]);
  plane.patch(Service, "default/web", { spec: { selector: { app: "other" } } });
  plane.api.runMs(100);
  expect(states()).toEqual(["b ready"]);
  const [slice] = own();
  plane.remove(EndpointSlice, `default/${slice?.metadata.name}`);
  plane.api.runMs(3000);
  expect([states(), own()[0]?.metadata.name === slice?.metadata.name]).toEqual([["b ready"], false]);
  plane.remove(Service, "default/web");
  plane.api.runMs(3000);
  expect(own()).toEqual([]);
});
