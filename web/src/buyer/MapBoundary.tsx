//! A map that could not be fetched or drawn leaves the rest of the page alone, and says so.

import { Component, type ReactNode } from "react";
import { useWords } from "../lib/useWords";

export class MapBoundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useWords();
  return (
    <p role="alert" className="soft">
      {t("pick.mapFailed")}
    </p>
  );
}
