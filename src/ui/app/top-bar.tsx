import { CircleHelp, Monitor, Moon, Search, Send, Sun } from "lucide-react";
import { memo } from "react";
import { POD_MEANINGS, podMeanings } from "../theme/meanings.ts";
import { Logo } from "./logo.tsx";
import { NamespaceFilter } from "./namespace-filter.tsx";
import { useTopic } from "./session-hooks.ts";
import type { ThemeChoice } from "./theme-choice.ts";
import { useUi } from "./ui-store.ts";

const NEXT_THEME: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: "dark", dark: "light", light: "system" };
const THEME_ICON = { system: Monitor, dark: Moon, light: Sun } as const;

export const TopBar = memo(function TopBar() {
  const theme = useUi((s) => s.theme);
  const setTheme = useUi((s) => s.setTheme);
  const openSend = useUi((s) => s.openSend);
  const setPalette = useUi((s) => s.setPalette);
  const setHelp = useUi((s) => s.setHelp);
  const ThemeIcon = THEME_ICON[theme];
  return (
    <header className="top-bar">
      <div className="brand"><Logo size={26} /><h1>Kubarium</h1></div>
      <PodSummary />
      <div className="top-actions">
        <NamespaceFilter />
        <button type="button" className="button search-button" onClick={() => setPalette(true)}><Search size={14} aria-hidden />Find or do…<kbd>⌘K</kbd></button>
        <button type="button" className="button" data-primary onClick={() => openSend({})}><Send size={14} aria-hidden />Send packet</button>
        <button type="button" className="button" data-icon data-quiet onClick={() => setTheme(NEXT_THEME[theme])} aria-label={`Theme: ${theme}. Switch to ${NEXT_THEME[theme]}`} title={`Theme: ${theme}`}><ThemeIcon size={16} aria-hidden /></button>
        <button type="button" className="button" data-icon data-quiet onClick={() => setHelp(true)} aria-label="Help and keyboard shortcuts"><CircleHelp size={16} aria-hidden /></button>
      </div>
    </header>
  );
});

/** Counts change with nearly every batch; the text changes rarely, and only a changed text renders. */
function PodSummary() {
  const text = useTopic("batch", (rows) => POD_MEANINGS.map((m) => rows.meanings[m]).join(" "));
  const counts = text.split(" ").map(Number);
  return (
    <ul className="pod-summary" aria-label="Pods by state">
      {POD_MEANINGS.map((meaning, index) => {
        const { icon: Icon, label } = podMeanings[meaning];
        const count = counts[index] ?? 0;
        return count === 0 && meaning !== "ready" ? null : (
          <li key={meaning} data-meaning={meaning}><Icon size={14} aria-hidden /><b>{count}</b> {label.toLowerCase()}</li>
        );
      })}
    </ul>
  );
}
