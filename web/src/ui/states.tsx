//! What a screen shows when it has nothing to show: it loads, it is slow, it is empty, it failed.
//!
//! Promises: every one says what happened and what can be done. Never: a technical word without a
//! plain one beside it.

import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { isRefused } from "../api/problem";
import { wordsOf } from "../lib/problemWords";
import { useWords } from "../lib/useWords";
import { Button, LinkButton } from "./Button";
import { Icon, type IconName } from "./Icon";
import css from "./states.module.css";

const SLOW_MS = 4_000;

/** A grey shape where something will be. */
export function Skeleton({
  className = "",
  lines = 1,
}: {
  readonly className?: string;
  readonly lines?: number;
}) {
  const all = Array.from({ length: lines }, (_, line) => line);
  return (
    <span aria-hidden="true" className={css.skeletons}>
      {all.map(line => (
        <span key={line} className={`${css.skeleton} ${className}`} />
      ))}
    </span>
  );
}

/** Surrounds skeletons: says once that something loads, and after a while that it is slow. */
export function Loading({
  children,
  className = "",
}: {
  readonly children: ReactNode;
  readonly className?: string;
}) {
  const { t } = useWords();
  const slow = useSlow();
  return (
    <div aria-busy="true" className={className}>
      <span className="visually-hidden" role="status">
        {slow ? t("problem.slow") : t("app.loading")}
      </span>
      {slow && (
        <p aria-hidden="true" className={css.slow}>
          {t("problem.slow")}
        </p>
      )}
      {children}
    </div>
  );
}

/** True once something has taken longer than people expect. */
export function useSlow(after = SLOW_MS): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return slow;
}

export interface NoticeProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly tone?: "plain" | "bad" | "warn";
  readonly level?: "h1" | "h2";
}

/** The middle of a page that has something to say instead of something to show. */
export function Notice({ icon, title, children, actions, tone = "plain", level: Title = "h2" }: NoticeProps) {
  return (
    <section className={css.notice} data-tone={tone}>
      {icon && (
        <span className={css.mark}>
          <Icon name={icon} size={26} />
        </span>
      )}
      <Title>{title}</Title>
      {children && <div className={css.detail}>{children}</div>}
      {actions && <div className="row">{actions}</div>}
    </section>
  );
}

/** What went wrong, in words, with a way to try again where that can help. */
export function Trouble({
  error,
  onRetry,
  retrying = false,
  level = "h2",
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly retrying?: boolean;
  readonly level?: "h1" | "h2";
}) {
  const { t } = useWords();
  if (isRefused(error) && error.status === 404) return <NothingHere level={level} />;
  const words = wordsOf(error, t);
  const retry = onRetry && (
    <Button look="action" busy={retrying} onPress={onRetry}>
      {t("problem.retry")}
    </Button>
  );
  return (
    <div role="alert">
      <Notice icon="warn" tone="bad" title={words.title} actions={retry} level={level}>
        <p>{words.detail}</p>
        {isRefused(error) && error.requestId && (
          <p className="small">{t("problem.requestId", { id: error.requestId })}</p>
        )}
      </Notice>
    </div>
  );
}

export function NothingHere({ level = "h1" }: { readonly level?: "h1" | "h2" }) {
  const { t } = useWords();
  const all = (
    <LinkButton look="action" to="/">
      {t("problem.toEvents")}
    </LinkButton>
  );
  return (
    <Notice icon="search" title={t("problem.notFound")} actions={all} level={level}>
      <p>{t("problem.notFoundDetail")}</p>
    </Notice>
  );
}
