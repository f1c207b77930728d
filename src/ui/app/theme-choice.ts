export type ThemeChoice = "system" | "dark" | "light";

const KEY = "kubarium.theme";

/** The stored choice; "system" when there is none or storage is off. */
export function readThemeChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "dark" || stored === "light" ? stored : "system";
  } catch {
    return "system";
  }
}

export function saveThemeChoice(choice: ThemeChoice): void {
  try {
    if (choice === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
}

const systemDark = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

export const isDark = (choice: ThemeChoice): boolean => (choice === "system" ? systemDark().matches : choice === "dark");

/** Sets the attribute that tokens.css reads. */
export function applyTheme(choice: ThemeChoice): void {
  document.documentElement.dataset["theme"] = isDark(choice) ? "dark" : "light";
}

/** Follows the system as long as the choice is "system". */
export function followSystemTheme(choice: () => ThemeChoice): void {
  systemDark().addEventListener("change", () => {
    if (choice() === "system") applyTheme("system");
  });
}
