import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function tokens(theme: string): Map<string, string> {
  const block = new RegExp(`\\[data-theme="${theme}"\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return new Map([...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
}

/** Source: WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const SURFACES = ["bg", "panel", "card", "hover"];
const TEXTS = [
  "ink", "ink-2", "ink-3", "accent", "pending", "starting", "ready", "failing", "terminating", "done",
  "request", "reply", "dns", "encapsulated", "handshake", "dropped",
];

describe.each(["dark", "light"])("%s theme", (theme) => {
  const of = tokens(theme);
  test.each(TEXTS)("%s can be read on every surface (4.5:1)", (text) => {
    for (const surface of SURFACES) expect(contrast(of.get(text) ?? "", of.get(surface) ?? ""), `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
  });
  test("the focus ring stands out from every surface (3:1), and so do button texts (4.5:1)", () => {
    for (const surface of SURFACES) expect(contrast(of.get("focus") ?? "", of.get(surface) ?? "")).toBeGreaterThanOrEqual(3);
    expect(contrast(of.get("accent") ?? "", of.get("accent-ink") ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
