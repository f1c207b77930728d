import { create } from "zustand";
import type { SendSource } from "../../engine/network/contracts.ts";
import type { Selection } from "./selection.ts";
import { type ThemeChoice, applyTheme, readThemeChoice, saveThemeChoice } from "./theme-choice.ts";

/** A short message that leaves by itself. */
export interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad" | "plain";
  readonly text: string;
}

/** Layers of the canvas that can be switched. */
export interface Layers {
  /** Threads from Services to their endpoints. */
  readonly services: boolean;
  /** API calls and watch deliveries as pulses. */
  readonly api: boolean;
  /** veth lines and the bridge. */
  readonly links: boolean;
}

interface UiState {
  readonly theme: ThemeChoice;
  readonly selection: Selection | undefined;
  /** What was selected before, for the back button. */
  readonly history: readonly Selection[];
  readonly layers: Layers;
  readonly hiddenNamespaces: ReadonlySet<string>;
  readonly hovered: string | undefined;
  readonly palette: boolean;
  readonly help: boolean;
  /** Set while the send dialog is open; `from` and `to` are what it starts with. */
  readonly send: { readonly from?: SendSource; readonly to?: string } | undefined;
  readonly toasts: readonly Toast[];
  setTheme(theme: ThemeChoice): void;
  select(selection: Selection | undefined): void;
  back(): void;
  toggleLayer(layer: keyof Layers): void;
  toggleNamespace(namespace: string): void;
  hover(uid: string | undefined): void;
  setPalette(open: boolean): void;
  setHelp(open: boolean): void;
  openSend(send: UiState["send"]): void;
  toast(tone: Toast["tone"], text: string): void;
  dismissToast(id: number): void;
}

let lastToast = 0;
const HISTORY_MAX = 30;

/** State of the interface alone. The cluster's rows live in the session's row store. */
export const useUi = create<UiState>()((set, get) => ({
  theme: readThemeChoice(),
  selection: undefined,
  history: [],
  layers: { services: true, api: false, links: true },
  hiddenNamespaces: new Set(),
  hovered: undefined,
  palette: false,
  help: false,
  send: undefined,
  toasts: [],
  setTheme: (theme) => {
    saveThemeChoice(theme);
    applyTheme(theme);
    set({ theme });
  },
  select: (selection) => {
    const before = get().selection;
    // Walking along the hops of one packet is one place, not many.
    const sameTrace = before?.type === "trace" && selection?.type === "trace" && before.id === selection.id;
    set({ selection, history: before === undefined || sameTrace ? get().history : [...get().history, before].slice(-HISTORY_MAX) });
  },
  back: () => set((s) => ({ selection: s.history.at(-1), history: s.history.slice(0, -1) })),
  toggleLayer: (layer) => set((s) => ({ layers: { ...s.layers, [layer]: !s.layers[layer] } })),
  toggleNamespace: (namespace) => set((s) => {
    const hiddenNamespaces = new Set(s.hiddenNamespaces);
    if (!hiddenNamespaces.delete(namespace)) hiddenNamespaces.add(namespace);
    return { hiddenNamespaces };
  }),
  hover: (hovered) => set({ hovered }),
  setPalette: (palette) => set({ palette }),
  setHelp: (help) => set({ help }),
  openSend: (send) => set({ send }),
  toast: (tone, text) => {
    const toast = { id: ++lastToast, tone, text };
    set((s) => ({ toasts: [...s.toasts.slice(-3), toast] }));
  },
  dismissToast: (id) => set((s) => ({ toasts: s.toasts.filter((t) => t.id !== id) })),
}));
