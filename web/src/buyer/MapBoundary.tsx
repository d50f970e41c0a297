//! A map that could not be fetched or drawn leaves the rest of the page alone, and says so.

import type { ReactNode } from "react";
import { useWords } from "../lib/useWords";
import { Boundary } from "../ui/Boundary";

export function MapBoundary({ children }: { readonly children: ReactNode }) {
  return <Boundary fallback={<Failed />}>{children}</Boundary>;
}

function Failed() {
  const { t } = useWords();
  return (
    <p role="alert" className="soft">
      {t("pick.mapFailed")}
    </p>
  );
}
