import { monaco } from "./monaco.ts";

/** Token → CSS variable of theme/tokens.css. */
const RULES: readonly [token: string, variable: string, style?: string][] = [
  ["type", "--accent"],
  ["string", "--ready"],
  ["string.yaml", "--ink"],
  ["number", "--starting"],
  ["keyword", "--terminating"],
  ["comment", "--ink-3", "italic"],
  ["operators", "--ink-3"],
  ["delimiter", "--ink-3"],
];

/** Makes Monaco's theme from the page's colours as they are now, and switches to it. */
export function applyEditorTheme(): void {
  const style = getComputedStyle(document.documentElement);
  const color = (variable: string): string => style.getPropertyValue(variable).trim();
  const isDark = document.documentElement.dataset["theme"] === "dark";
  monaco.editor.defineTheme("kubarium", {
    base: isDark ? "vs-dark" : "vs",
    inherit: true,
    rules: [{ token: "", foreground: color("--ink").slice(1) }, ...RULES.map(([token, variable, fontStyle]) => ({ token, foreground: color(variable).slice(1), ...(fontStyle === undefined ? {} : { fontStyle }) }))],
    colors: {
      "editor.background": color("--panel"),
      "editor.foreground": color("--ink"),
      "editorLineNumber.foreground": color("--ink-3"),
      "editorLineNumber.activeForeground": color("--ink"),
      "editor.lineHighlightBackground": `${color("--hover")}88`,
      "editor.lineHighlightBorder": "#00000000",
      "editor.selectionBackground": `${color("--accent")}44`,
      "editorCursor.foreground": color("--accent"),
      "editorIndentGuide.background1": `${color("--line")}aa`,
      "editorIndentGuide.activeBackground1": color("--line-strong"),
      "editorError.foreground": color("--failing"),
      "editorWarning.foreground": color("--pending"),
      "editorWidget.background": color("--card"),
      "editorWidget.border": color("--line"),
      "editorSuggestWidget.selectedBackground": color("--hover"),
      "editorHoverWidget.background": color("--card"),
      "input.background": color("--bg"),
      "focusBorder": color("--focus"),
      "scrollbarSlider.background": `${color("--line-strong")}66`,
    },
  });
  monaco.editor.setTheme("kubarium");
}
