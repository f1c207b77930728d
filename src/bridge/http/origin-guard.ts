import type { IncomingHttpHeaders } from "node:http";

const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Why a request must not be served, or undefined. Any web page can make a browser talk to 127.0.0.1, and a name that its owner points there
 * ("DNS rebinding") passes for the same origin. So the Host has to be a local name, and a browser's Origin, when there is one, a local page.
 */
export function refusal(headers: IncomingHttpHeaders): string | undefined {
  const host = headers.host;
  if (host === undefined || !LOCAL_NAMES.has(hostnameOf(`http://${host}`))) {
    return `this cluster serves localhost only, not the host ${JSON.stringify(host ?? "")}`;
  }
  const origin = headers.origin;
  if (origin !== undefined && !isLocalOrigin(origin)) return `this cluster serves pages from localhost only, not from ${JSON.stringify(origin)}`;
  // An image or script tag of a foreign page sends no Origin; browsers say this in its place.
  if (headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate") return "this cluster serves pages from localhost only";
  return undefined;
}

/** True for http(s)://localhost, 127.0.0.1 and [::1], whatever the port. */
export function isLocalOrigin(origin: string): boolean {
  return /^https?:\/\//.test(origin) && LOCAL_NAMES.has(hostnameOf(origin));
}

function hostnameOf(url: string): string {
  try {
    const { hostname, username } = new URL(url);
    return username === "" ? hostname : "";
  } catch {
    return "";
  }
}
