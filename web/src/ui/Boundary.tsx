//! A part of a page that cannot be shown leaves the rest of the page alone.

import { Component, type ReactNode } from "react";
import { useWords } from "../lib/useWords";

interface BoundaryProps {
  /** Stands where the part would be. */
  readonly fallback: ReactNode;
  readonly children: ReactNode;
}

export class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

/** An entry of a list. */
export function EntryBoundary({ children }: { readonly children: ReactNode }) {
  return <Boundary fallback={<Broken />}>{children}</Boundary>;
}

function Broken() {
  const { t } = useWords();
  return <p className="soft">{t("common.broken")}</p>;
}
