import type { Point } from "../../../projection/layout/geometry.ts";
import { type Glyph, packetRoles } from "../../theme/meanings.ts";
import type { Colors } from "../canvas-colors.ts";
import type { Mark, PacketNow } from "./film-player.ts";

const TAU = Math.PI * 2;

export function drawPacket(context: CanvasRenderingContext2D, colors: Colors, packet: PacketNow, zoom: number): void {
  const role = packetRoles[packet.film.role];
  const color = colors[role.meaning];
  trail(context, packet.trail, packet.wrapped ? colors.encapsulated : color);
  const { x, y } = packet.at;
  const r = 6.5 / Math.max(0.6, Math.min(1, zoom));
  if (colors.glow) halo(context, color, x, y, r * 3.4);
  if (packet.wrapped) wrap(context, colors, x, y, r * 2);
  glyph(context, role.glyph, color, colors.bg, x, y, r);
  if (packet.reading !== undefined) reading(context, color, x, y, r * 2.6, packet.reading);
  if (zoom > 0.42) label(context, colors, packet.wrapped ? `VXLAN ⟨${packet.film.summary}⟩` : packet.film.summary, x, y - r * 2.4);
}

export function drawMark(context: CanvasRenderingContext2D, colors: Colors, mark: Mark): void {
  const { x, y } = mark.at;
  if (mark.kind === "dropped") {
    disc(context, colors.bg, x, y, 11);
    ring(context, colors.dropped, x, y, 10.5);
    glyph(context, "cross", colors.dropped, colors.bg, x, y, 5.5);
    label(context, colors, mark.reason === "" ? "dropped" : mark.reason, x, y - 17, colors.dropped);
    return;
  }
  const t = Math.min(1, mark.ageMs / 900);
  context.globalAlpha = (1 - t) * 0.8;
  ring(context, colors.reply, x, y, 8 + t * 26);
  context.globalAlpha = 1;
}

function trail(context: CanvasRenderingContext2D, points: readonly Point[], color: string): void {
  context.strokeStyle = color;
  context.lineCap = "round";
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    context.globalAlpha = 0.5 * (1 - i / points.length);
    context.lineWidth = 4.5 * (1 - i / points.length) + 0.6;
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    context.stroke();
  }
  context.globalAlpha = 1;
}

function halo(context: CanvasRenderingContext2D, color: string, x: number, y: number, r: number): void {
  const gradient = context.createRadialGradient(x, y, 0, x, y, r);
  gradient.addColorStop(0, color);
  gradient.addColorStop(1, "transparent");
  context.globalAlpha = 0.3;
  disc(context, gradient, x, y, r);
  context.globalAlpha = 1;
}

/** The outer packet around the inner one. */
function wrap(context: CanvasRenderingContext2D, colors: Colors, x: number, y: number, r: number): void {
  context.beginPath();
  context.roundRect(x - r * 1.15, y - r, r * 2.3, r * 2, 5);
  context.fillStyle = colors.bg;
  context.globalAlpha = 0.85;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeStyle = colors.encapsulated;
  context.stroke();
}

function reading(context: CanvasRenderingContext2D, color: string, x: number, y: number, r: number, share: number): void {
  context.beginPath();
  context.arc(x, y, r, -TAU / 4, -TAU / 4 + TAU * share);
  context.lineWidth = 2.4;
  context.strokeStyle = color;
  context.stroke();
}

export function ring(context: CanvasRenderingContext2D, color: string, x: number, y: number, r: number): void {
  context.beginPath();
  context.arc(x, y, r, 0, TAU);
  context.lineWidth = 2.2;
  context.strokeStyle = color;
  context.stroke();
}

function disc(context: CanvasRenderingContext2D, fill: string | CanvasGradient, x: number, y: number, r: number): void {
  context.beginPath();
  context.arc(x, y, r, 0, TAU);
  context.fillStyle = fill;
  context.fill();
}

function glyph(context: CanvasRenderingContext2D, which: Glyph, color: string, back: string, x: number, y: number, r: number): void {
  context.lineWidth = Math.max(2, r * 0.36);
  context.strokeStyle = color;
  context.fillStyle = color;
  context.beginPath();
  switch (which) {
    case "disc": return disc(context, color, x, y, r);
    case "ring":
      disc(context, back, x, y, r);
      return ring(context, color, x, y, r * 0.9);
    case "diamond": case "diamond-hollow":
      context.moveTo(x, y - r * 1.2);
      context.lineTo(x + r * 1.2, y);
      context.lineTo(x, y + r * 1.2);
      context.lineTo(x - r * 1.2, y);
      context.closePath();
      context.fillStyle = which === "diamond" ? color : back;
      context.fill();
      context.stroke();
      return;
    case "tick": case "tick-hollow":
      context.roundRect(x - r * 0.75, y - r * 0.75, r * 1.5, r * 1.5, 2);
      context.fillStyle = which === "tick" ? color : back;
      context.fill();
      context.stroke();
      return;
    case "cross":
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
      context.stroke();
  }
}

/** A caption above a point, kept inside what is visible. */
export function label(context: CanvasRenderingContext2D, colors: Colors, text: string, atX: number, y: number, color = colors.ink): void {
  const shown = text.length > 46 ? `${text.slice(0, 45)}…` : text;
  context.font = "500 11.5px 'JetBrains Mono Variable', monospace";
  context.textAlign = "center";
  const width = context.measureText(shown).width + 12;
  const { a: scale, e: offset } = context.getTransform();
  const [left, right] = [(4 - offset) / scale + width / 2, (context.canvas.width - 4 - offset) / scale - width / 2];
  const x = Math.max(left, Math.min(right, atX));
  context.beginPath();
  context.roundRect(x - width / 2, y - 18, width, 18, 5);
  context.fillStyle = colors.panel;
  context.globalAlpha = 0.93;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = colors["line-strong"];
  context.stroke();
  context.fillStyle = color;
  context.fillText(shown, x, y - 5);
}
