//! A quiet sign that something is under way. Screen readers hear it from what is busy, not from
//! here.

import css from "./Spinner.module.css";

export function Spinner({ className = "" }: { readonly className?: string }) {
  return <span aria-hidden="true" className={`${css.spinner} ${className}`} />;
}
