//! The title of the page, in the window and for screen readers.

import { useEffect } from "react";
import { useWords } from "./useWords";

export function useTitle(title?: string): void {
  const { t } = useWords();
  const app = t("app.name");
  useEffect(() => {
    document.title = title ? `${title} · ${app}` : app;
  }, [title, app]);
}
