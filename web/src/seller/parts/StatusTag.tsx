//! The state of an event, in a word.

import type { About } from "#api";
import { serverNow } from "../../lib/countdown";
import { useSellerWords } from "../words";
import css from "./StatusTag.module.css";

export function StatusTag({ event }: { readonly event: Pick<About, "status" | "starts_at"> }) {
  const { t } = useSellerWords();
  const state = stateOf(event);
  return (
    <span className={css.tag} data-state={state}>
      {t(`status.${state}`)}
    </span>
  );
}

export function stateOf({
  status,
  starts_at,
}: Pick<About, "status" | "starts_at">): "draft" | "on_sale" | "over" {
  if (status === "draft") return "draft";
  return Date.parse(starts_at) < serverNow() ? "over" : "on_sale";
}
