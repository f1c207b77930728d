const NAMES = [
  "bg", "panel", "card", "line", "line-strong", "ink", "ink-2", "ink-3", "accent", "focus", "pending", "starting", "ready", "failing", "terminating", "done", "request", "reply", "dns", "handshake",
  "encapsulated", "dropped", "wire",
] as const;

export type ColorName = (typeof NAMES)[number];
export type Colors = Readonly<Record<ColorName, string>> & { readonly glow: boolean };

let cached: Colors | undefined;
let watching = false;
const listeners = new Set<() => void>();

/** The theme's colours for 2D canvases, read once per theme. */
export function canvasColors(): Colors {
  if (!watching) {
    watching = true;
    new MutationObserver(() => {
      cached = undefined;
      for (const listener of listeners) listener();
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }
  if (cached === undefined) {
    const style = getComputedStyle(document.documentElement);
    cached = Object.freeze({ ...Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])), glow: style.getPropertyValue("--glow").trim() === "1" }) as Colors;
  }
  return cached;
}

/** Tells when the theme changed. */
export function onColorsChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
