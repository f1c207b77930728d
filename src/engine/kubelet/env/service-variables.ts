import type { ServiceObject } from "../../kinds/generated/types.ts";

/**
 * Docker-link style variables of services, as a container finds them: `WEB_SERVICE_HOST`, `WEB_PORT_80_TCP_ADDR`, …
 * Headless services have none. Source: pkg/kubelet/envvars/envvars.go, FromServices.
 */
export function serviceVariables(services: Iterable<ServiceObject>): Map<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) {
    const { clusterIP, ports = [] } = service.spec;
    const first = ports[0];
    if (clusterIP === undefined || clusterIP === "" || clusterIP === "None" || first === undefined) continue;
    const name = service.metadata.name.replaceAll("-", "_").toUpperCase();
    variables.set(`${name}_SERVICE_HOST`, clusterIP);
    variables.set(`${name}_SERVICE_PORT`, String(first.port));
    for (const port of ports) {
      if (port.name !== undefined && port.name !== "") variables.set(`${name}_SERVICE_PORT_${port.name.replaceAll("-", "_").toUpperCase()}`, String(port.port));
    }
    for (const [index, port] of ports.entries()) {
      const protocol = port.protocol === undefined || port.protocol === "" ? "TCP" : port.protocol;
      const url = `${protocol.toLowerCase()}://${hostPort(clusterIP, port.port)}`;
      if (index === 0) variables.set(`${name}_PORT`, url);
      const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`;
      variables.set(prefix, url);
      variables.set(`${prefix}_PROTO`, protocol.toLowerCase());
      variables.set(`${prefix}_PORT`, String(port.port));
      variables.set(`${prefix}_ADDR`, clusterIP);
    }
  }
  return variables;
}

const hostPort = (ip: string, port: number): string => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

/**
 * The services that a pod of this namespace sees: `kubernetes` always, those of its namespace with enableServiceLinks.
 * Source: pkg/kubelet/kubelet_pods.go, getServiceEnvVarMap.
 */
export function visibleServices(own: readonly ServiceObject[], master: ServiceObject | undefined, hasLinks: boolean): readonly ServiceObject[] {
  const byName = new Map<string, ServiceObject>();
  if (master !== undefined) byName.set(master.metadata.name, master);
  if (hasLinks) for (const service of own) byName.set(service.metadata.name, service);
  return [...byName.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0));
}
