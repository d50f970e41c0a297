//! Reminds of what waits for payment, on every page and in every tab.

import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import type { Booking } from "#api";
import { waitingQuery } from "../api/queries";
import { useMe } from "../api/session";
import { timeLeft } from "../lib/countdown";
import { useNow } from "../lib/useNow";
import { useWords } from "../lib/useWords";
import { Icon } from "../ui/Icon";
import css from "./Layout.module.css";

export function WaitingBar() {
  const { isBuyer } = useMe();
  const { data } = useQuery({ ...waitingQuery, enabled: isBuyer });
  const path = useRouterState({ select: state => state.location.pathname });
  const others = (data ?? []).filter(({ id }) => path !== `/bookings/${id}`);
  const first = others.reduce<Booking | undefined>(sooner, undefined);
  return first?.expires_at ? <Bar first={first} until={first.expires_at} count={others.length} /> : null;
}

function sooner(a: Booking | undefined, b: Booking): Booking {
  return a && (a.expires_at ?? "") < (b.expires_at ?? "") ? a : b;
}

function Bar({
  first,
  until,
  count,
}: {
  readonly first: Booking;
  readonly until: string;
  readonly count: number;
}) {
  const { t } = useWords();
  const left = timeLeft(until, useNow());
  if (left.over) return null;
  return (
    <aside className={`${css.waiting} no-print`} aria-label={t("bookings.waiting")}>
      <Link to="/bookings/$bookingId" params={{ bookingId: first.id }} className="page">
        <Icon name="clock" size={18} />
        {t("nav.held", { count })}
        <span className={`${css.time} numbers`}>{t("nav.heldFor", { time: left.text })}</span>
        <Icon name="arrow" size={18} />
      </Link>
    </aside>
  );
}
