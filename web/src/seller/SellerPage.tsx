//! The seller's first page.

import { createLazyRoute } from "@tanstack/react-router";
import { useWords } from "../lib/useWords";

export const route = createLazyRoute("/seller")({ component: SellerPage });

function SellerPage() {
  const { t } = useWords();
  return <h1 className="page">{t("nav.selling")}</h1>;
}
