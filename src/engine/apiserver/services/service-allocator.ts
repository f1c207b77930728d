import type { Status } from "../../apimachinery/api.ts";
import { type FieldError, invalid } from "../../apimachinery/field-error.ts";
import { keyOf, keyText, type KubeObject } from "../../apimachinery/object.ts";
import { internalError, invalidObject } from "../../apimachinery/status.ts";
import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Rng } from "../../kernel/rng.ts";
import type { ServiceObject, ServicePort, ServiceSpec } from "../../kinds/generated/types.ts";
import { goStrings, invalidGo } from "../../kinds/shared/go-syntax.ts";
import { withFields } from "../../kinds/shared/ordered.ts";
import type { StoreChange } from "../../store/store-change.ts";
import { formatIpv4, type Ipv4Network, networkHas, parseIpv4, parseNetwork } from "./ipv4.ts";
import { carryAllocated, dropTypeDependent, initFamilies, needsClusterIp, needsHealthCheckPort, needsNodePort, normalizeClusterIps } from "./service-fields.ts";

export interface PortRange {
  readonly low: number;
  /** Included. */
  readonly high: number;
}

/** Gives Services their addresses and node ports. What is in use follows the store; nothing is held beside it. */
export interface ServiceAllocator {
  onCreate(object: KubeObject): Result<KubeObject, Status>;
  onUpdate(object: KubeObject, stored: KubeObject): Result<KubeObject, Status>;
  /** Called for every committed change of a Service. */
  observe(change: StoreChange): void;
}

/** Which service holds a thing. */
type Holders = Map<string, string>;

/**
 * Source: pkg/registry/core/service/storage/{storage,alloc}.go; pkg/registry/core/service/ipallocator/cidrallocator.go; portallocator/allocator.go.
 * Differs: one IPv4 range; ServiceCIDR and IPAddress objects are not made.
 */
export function createServiceAllocator(serviceCIDR: string, range: PortRange, rng: Rng): ServiceAllocator {
  const network = parseNetwork(serviceCIDR);
  assert(network !== undefined && network.size >= 8, `the service CIDR is an IPv4 network of at least 8 addresses, not ${serviceCIDR}`);
  const addresses: Holders = new Map();
  const ports: Holders = new Map();
  const addressPool = new AddressPool(network, addresses, rng.fork("clusterIP"));
  const portPool = new PortPool(range, ports, rng.fork("nodePort"));

  const allocate = (service: ServiceObject, before: ServiceObject | undefined): Result<KubeObject, Status> => {
    const owner = keyText(keyOf(service));
    const refused = (error: FieldError): Status => invalidObject({ group: "", kind: "Service" }, service.metadata.name, [error]);
    const family = initFamilies(service.spec, before?.spec);
    if (!family.ok) return err(refused(family.error));
    let spec: ServiceSpec = family.value;
    if (needsClusterIp(spec)) {
      const given = addressPool.allocate(spec, owner, service.metadata.name);
      if (!given.ok) return err("kind" in given.error ? given.error : refused(given.error));
      spec = withFields<ServiceSpec>("core/v1.ServiceSpec", spec, { clusterIP: given.value, clusterIPs: [given.value] });
    }
    const numbered = portPool.allocate(spec, before?.spec, owner);
    if (!numbered.ok) return err("kind" in numbered.error ? numbered.error : refused(numbered.error));
    return ok({ ...service, spec: numbered.value });
  };

  return {
    onCreate: (object) => {
      const service = object as ServiceObject;
      return allocate({ ...service, spec: normalizeClusterIps(service.spec, undefined) }, undefined);
    },
    onUpdate: (object, stored) => {
      const after = object as ServiceObject;
      const before = stored as ServiceObject;
      const carried = normalizeClusterIps(carryAllocated(after.spec, before.spec), before.spec);
      return allocate({ ...after, spec: dropTypeDependent(carried, before.spec) }, before);
    },
    observe: (change) => {
      const owner = change.key;
      if (change.before !== undefined) release(change.before as ServiceObject, owner, addresses, ports);
      if (change.type !== "DELETED") hold(change.object as ServiceObject, owner, addresses, ports);
    },
  };
}

const heldPorts = (spec: ServiceSpec): string[] => [
  ...(spec.ports ?? []).filter((p) => (p.nodePort ?? 0) !== 0).map((p) => portKey(p.nodePort ?? 0, p.protocol)),
  ...((spec.healthCheckNodePort ?? 0) === 0 ? [] : [portKey(spec.healthCheckNodePort ?? 0, "TCP")]),
];

const portKey = (port: number, protocol: string | undefined): string => `${port}/${protocol ?? "TCP"}`;

function hold({ spec }: ServiceObject, owner: string, addresses: Holders, ports: Holders): void {
  for (const ip of spec.clusterIPs ?? []) if (ip !== "None") addresses.set(ip, owner);
  for (const port of heldPorts(spec)) ports.set(port, owner);
}

function release({ spec }: ServiceObject, owner: string, addresses: Holders, ports: Holders): void {
  for (const ip of spec.clusterIPs ?? []) if (addresses.get(ip) === owner) addresses.delete(ip);
  for (const port of heldPorts(spec)) if (ports.get(port) === owner) ports.delete(port);
}

/** Source: ipallocator: static band min(max(16, size/16), 256) at the low end; random picks begin above it and wrap around. */
class AddressPool {
  private readonly first: number;
  private readonly last: number;
  private readonly bandEnd: number;

  constructor(private readonly network: Ipv4Network, private readonly holders: Holders, private readonly rng: Rng) {
    this.first = network.base + 1;
    this.last = network.base + network.size - 2;
    const band = network.size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(network.size / 16)), 256);
    this.bandEnd = Math.min(this.first + band, this.last);
  }

  allocate(spec: ServiceSpec, owner: string, name: string): Result<string, FieldError | Status> {
    const wanted = spec.clusterIPs?.[0] ?? spec.clusterIP ?? "";
    if (wanted === "") {
      const found = this.pick(this.bandEnd, this.last) ?? this.pick(this.first, this.bandEnd - 1);
      return found === undefined ? err(internalError(`failed to allocate a serviceIP for Service "${name}": range is full`)) : ok(found);
    }
    if (this.holders.get(wanted) === owner) return ok(wanted);
    const refuse = (why: string): Result<string, FieldError> => err(invalidGo("spec.clusterIPs", goStrings(spec.clusterIPs ?? [wanted]), `failed to allocate IP ${wanted}: ${why}`));
    const address = parseIpv4(wanted);
    if (address === undefined || !networkHas(this.network, address)) return refuse("the provided network does not match the current range");
    if (address < this.first || address > this.last) return refuse(`the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${this.network.text}`);
    return this.holders.has(wanted) ? refuse("provided IP is already allocated") : ok(wanted);
  }

  private pick(low: number, high: number): string | undefined {
    const count = high - low + 1;
    if (count <= 0) return undefined;
    const start = this.rng.below(count);
    for (let i = 0; i < count; i++) {
      const text = formatIpv4(low + ((start + i) % count));
      if (!this.holders.has(text)) return text;
    }
    return undefined;
  }
}

/** Source: portallocator: static band min(max(16, size/32), 128) at the low end. A number is free when no protocol of another port holds it. */
class PortPool {
  private readonly bandEnd: number;

  constructor(private readonly range: PortRange, private readonly holders: Holders, private readonly rng: Rng) {
    const size = range.high - range.low + 1;
    this.bandEnd = range.low + (size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128));
  }

  allocate(spec: ServiceSpec, before: ServiceSpec | undefined, owner: string): Result<ServiceSpec, FieldError | Status> {
    if (!needsNodePort(spec)) return ok(spec);
    const taken = new Map<number, Set<string>>(); // node port → protocols, within this service
    const ports: ServicePort[] = [];
    const had = new Set(before === undefined ? [] : heldPorts(before));
    for (const [index, port] of (spec.ports ?? []).entries()) {
      const chosen = this.choose(port, index, ports, taken, had, owner);
      if (!chosen.ok) return chosen;
      taken.set(chosen.value, (taken.get(chosen.value) ?? new Set()).add(port.protocol ?? "TCP"));
      ports.push(withFields<ServicePort>("core/v1.ServicePort", port, { nodePort: chosen.value }));
    }
    let next: ServiceSpec = { ...spec, ports };
    if (needsHealthCheckPort(spec) && (spec.healthCheckNodePort ?? 0) === 0) {
      const found = this.pick(taken);
      if (found === undefined) return err(internalError("failed to allocate a HealthCheck NodePort: range is full"));
      next = { ...next, healthCheckNodePort: found };
    }
    return ok(next);
  }

  private choose(port: ServicePort, index: number, done: readonly ServicePort[], taken: ReadonlyMap<number, ReadonlySet<string>>, had: ReadonlySet<string>, owner: string): Result<number, FieldError | Status> {
    const wanted = port.nodePort ?? 0;
    const protocol = port.protocol ?? "TCP";
    if (wanted !== 0) {
      const key = portKey(wanted, protocol);
      if (had.has(key) || this.holders.get(key) === owner) return ok(wanted);
      if (wanted < this.range.low || wanted > this.range.high) {
        return err(invalid(`spec.ports[${index}].nodePort`, wanted, `provided port is not in the valid range. The range of valid ports is ${this.range.low}-${this.range.high}`));
      }
      return this.heldByOther(wanted, protocol, owner) || taken.get(wanted)?.has(protocol) === true ? err(invalid(`spec.ports[${index}].nodePort`, wanted, "provided port is already allocated")) : ok(wanted);
    }
    // The same service port under another protocol may share the number.
    const sibling = done.find((p) => p.port === port.port && p.nodePort !== undefined && taken.get(p.nodePort)?.has(protocol) !== true);
    if (sibling?.nodePort !== undefined) return ok(sibling.nodePort);
    const found = this.pick(taken);
    return found === undefined ? err(internalError("failed to allocate a nodePort: range is full")) : ok(found);
  }

  private heldByOther(port: number, protocol: string, owner: string): boolean {
    const holder = this.holders.get(portKey(port, protocol));
    return holder !== undefined && holder !== owner;
  }

  private pick(taken: ReadonlyMap<number, unknown>): number | undefined {
    return this.scan(this.bandEnd, this.range.high, taken) ?? this.scan(this.range.low, this.bandEnd - 1, taken);
  }

  private scan(low: number, high: number, taken: ReadonlyMap<number, unknown>): number | undefined {
    const count = high - low + 1;
    if (count <= 0) return undefined;
    const start = this.rng.below(count);
    for (let i = 0; i < count; i++) {
      const port = low + ((start + i) % count);
      if (!taken.has(port) && !["TCP", "UDP", "SCTP"].some((protocol) => this.holders.has(portKey(port, protocol)))) return port;
    }
    return undefined;
  }
}
