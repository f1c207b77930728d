import { useMemo } from "react";
import type { Layout } from "react-resizable-panels";

const KEY = "kubarium.layout.";

/** Keeps a group's sizes across reloads. */
export function useStoredLayout(id: string): { readonly id: string; readonly defaultLayout?: Layout; readonly onLayoutChanged: (layout: Layout, meta: { isUserInteraction: boolean }) => void } {
  return useMemo(() => {
    let stored: Layout | undefined;
    try {
      const parsed: unknown = JSON.parse(localStorage.getItem(KEY + id) ?? "null");
      if (typeof parsed === "object" && parsed !== null && Object.values(parsed).every((n) => typeof n === "number")) stored = parsed as Layout;
    } catch {
      // No storage, or nonsense in it: the built-in sizes.
    }
    return {
      id,
      ...(stored === undefined ? {} : { defaultLayout: stored }),
      onLayoutChanged: (layout: Layout, meta: { isUserInteraction: boolean }) => {
        if (!meta.isUserInteraction) return;
        try {
          localStorage.setItem(KEY + id, JSON.stringify(layout));
        } catch {
          // The sizes last as long as the page.
        }
      },
    };
  }, [id]);
}
