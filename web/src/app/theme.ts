//! Light, dark, or as the system has it. `src/early.ts` applies the choice before anything is
//! painted.

import { useSyncExternalStore } from "react";
import { forget, keep, recall } from "../lib/storage";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORED_AS = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Theme {
  const stored = recall(STORED_AS);
  return THEMES.find(theme => theme === stored) ?? "system";
}

function isDark(): boolean {
  const theme = chosen();
  return theme === "dark" || (theme === "system" && dark.matches);
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") {
    forget(STORED_AS);
    delete document.documentElement.dataset.theme;
  } else {
    keep(STORED_AS, theme);
    document.documentElement.dataset.theme = theme;
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  dark.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    dark.removeEventListener("change", listener);
  };
}

export function useTheme(): { readonly theme: Theme; readonly isDark: boolean } {
  return { theme: useSyncExternalStore(subscribe, chosen), isDark: useSyncExternalStore(subscribe, isDark) };
}
