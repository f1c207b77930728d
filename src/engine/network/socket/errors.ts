import type { SocketError, SocketErrorCode } from "../contracts.ts";

/** As Go programs print them. Source: syscall and net packages of Go. */
const MESSAGES: Readonly<Record<SocketErrorCode, string>> = {
  EADDRINUSE: "bind: address already in use",
  EADDRNOTAVAIL: "bind: cannot assign requested address",
  ECONNREFUSED: "connection refused",
  ETIMEDOUT: "i/o timeout",
  ENETUNREACH: "network is unreachable",
  EHOSTUNREACH: "no route to host",
  ECONNRESET: "connection reset by peer",
  EPIPE: "broken pipe",
  ENXDOMAIN: "no such host",
  EAI_AGAIN: "temporary failure in name resolution",
};

export const socketError = (code: SocketErrorCode): SocketError => ({ code, message: MESSAGES[code] });
