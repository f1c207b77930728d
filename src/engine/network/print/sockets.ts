import { formatIp } from "../addresses/ip.ts";
import type { NetStack } from "../links/net-stack.ts";
import type { BoundSocket } from "../socket/socket-table.ts";

/** `ss -lntup`. Source: iproute2 6.1, misc/ss.c; columns are padded to a fixed width instead of the terminal's. */
export function socketList(stack: NetStack): string {
  const bound = stack.sockets?.bound() ?? { tcp: [], udp: [] };
  const rows = [...bound.udp.map((socket) => row("udp", "UNCONN", 0, socket)), ...bound.tcp.map((socket) => row("tcp", "LISTEN", 4096, socket))];
  return [columns("Netid", "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "Process"), ...rows].map((line) => `${line.trimEnd()}\n`).join("");
}

function row(netid: string, state: string, backlog: number, socket: BoundSocket): string {
  const { owner } = socket;
  return columns(netid, state, "0", String(backlog), `${formatIp(socket.address)}:${socket.port}`, "0.0.0.0:*", `users:(("${owner.process}",pid=${owner.pid},fd=3))`);
}

const WIDTHS = [6, 7, 7, 7, 22, 18];
const columns = (...cells: readonly string[]): string => cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(" ");
