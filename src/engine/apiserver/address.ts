/** Where the API server of the simulated cluster listens. */
export const CONTROL_PLANE_URL = "https://10.0.0.10:6443";

/** What a client gets that finds nobody listening. Source: Go, net.OpError; client-go wraps it as it is. */
export function refusedText(method: string, path: string): string {
  const verb = `${method.slice(0, 1).toUpperCase()}${method.slice(1).toLowerCase()}`;
  return `${verb} "${CONTROL_PLANE_URL}${path}": dial tcp ${CONTROL_PLANE_URL.slice("https://".length)}: connect: connection refused`;
}
