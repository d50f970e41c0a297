//! Whether what stands beside it is live. Says so in words too.

import { clock } from "../lib/format";
import { useWords } from "../lib/useWords";
import css from "./LiveBadge.module.css";

export interface LiveBadgeProps {
  readonly state: "connecting" | "live" | "lost";
  readonly since?: number | undefined;
}

export function LiveBadge({ state, since }: LiveBadgeProps) {
  const { t, language } = useWords();
  const lost =
    since === undefined ? t("connection.lost") : t("connection.lostSince", { time: clock(since, language) });
  const words = { connecting: t("connection.connecting"), live: t("connection.live"), lost };
  return (
    <span className={css.badge} data-state={state} role="status">
      <span className={css.dot} aria-hidden="true" />
      {words[state]}
    </span>
  );
}
