export interface HttpUrl {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** Path and query: "/healthz?verbose". */
  readonly target: string;
  /** For the Host header: the port is left out when it is the scheme's own. */
  readonly authority: string;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** Undefined when the text is no http(s) URL with a name or IPv4 address and a port of 1 to 65535. */
export function parseUrl(text: string): HttpUrl | undefined {
  const m = /^(?:(https?):\/\/)?([A-Za-z0-9._-]+)(?::(\d{1,5}))?([/?][^\s#]*)?(?:#\S*)?$/i.exec(text);
  if (m === null) return undefined;
  const scheme = (m[1] ?? "http").toLowerCase() as "http" | "https";
  const port = m[3] === undefined ? DEFAULT_PORTS[scheme] : Number(m[3]);
  if (port < 1 || port > 65_535) return undefined;
  const host = m[2] ?? "";
  const rest = m[4] ?? "/";
  return { scheme, host, port, target: rest.startsWith("?") ? `/${rest}` : rest, authority: port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}` };
}
