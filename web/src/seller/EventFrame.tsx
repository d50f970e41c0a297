//! What surrounds every page of one own event: its name, how it stands, and the ways to its other
//! pages.
//!
//! Promises: a page inside has the event, and it is the seller's own.

import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useParams, useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Event } from "#api";
import { useMe } from "../api/session";
import { showTime } from "../lib/format";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { Icon } from "../ui/Icon";
import { Loading, NothingHere, Notice, Skeleton, Trouble } from "../ui/states";
import { ownEventQuery } from "./calls";
import css from "./EventFrame.module.css";
import { StatusTag } from "./parts/StatusTag";
import { useSellerWords } from "./words";

/**
 * Shows its children to sellers, and to buyers why it does not; a visitor whose session has ended
 * signs in first.
 */
export function SellersOnly({ children }: { readonly children: ReactNode }) {
  const { t } = useWords();
  const { me, isSeller } = useMe();
  const router = useRouter();
  if (isSeller) return children;
  if (me === undefined) return <FrameSkeleton />;
  if (me === null) return <SignInFirst back={router.state.location.href} />;
  return (
    <Notice icon="user" level="h1" title={t("account.sellersOnly")}>
      <p>{t("account.sellersOnlyDetail")}</p>
    </Notice>
  );
}

/** `back` is where one was when this was first shown, not where one is on the way to. */
function SignInFirst({ back }: { readonly back: string }) {
  const [from] = useState(back);
  return <Navigate to="/sign-in" search={{ back: from }} replace />;
}

interface EventFrameProps {
  /** What this page is called, for the window's title. */
  readonly title: string;
  readonly children: (event: Event) => ReactNode;
}

export function EventFrame(props: EventFrameProps) {
  return (
    <SellersOnly>
      <OwnEvent {...props} />
    </SellersOnly>
  );
}

function OwnEvent({ title, children }: EventFrameProps) {
  const { eventId = "" } = useParams({ strict: false });
  const { me } = useMe();
  const { data: event, error, isFetching, refetch } = useQuery(ownEventQuery(eventId));
  useTitle(event ? `${title} · ${event.name}` : title);
  if (!event) {
    if (!error) return <FrameSkeleton />;
    return <Trouble level="h1" error={error} retrying={isFetching} onRetry={() => void refetch()} />;
  }
  if (event.seller_id !== me?.id) return <NothingHere />;
  return (
    <div className={`page ${css.frame}`}>
      <Heading event={event} />
      {event.status === "on_sale" && <Ways event={event} />}
      {children(event)}
    </div>
  );
}

function Heading({ event }: { readonly event: Event }) {
  const { t } = useWords();
  const { t: st, language } = useSellerWords();
  const at = showTime(event.starts_at, event.time_zone, language);
  return (
    <header className={css.heading}>
      <Link to="/seller" className={css.back}>
        <Icon name="back" size={18} /> {t("nav.selling")}
      </Link>
      <div className={css.line}>
        <h1 className={css.name}>{event.name}</h1>
        <StatusTag event={event} />
      </div>
      <p className={css.facts}>
        <time dateTime={event.starts_at}>
          {at.date} · {at.time} {at.zone}
        </time>
        {event.venue_name && <span>{event.venue_name}</span>}
        {event.status === "on_sale" && (
          <Link to="/events/$eventId" params={{ eventId: event.id }}>
            {st("frame.asBuyer")}
          </Link>
        )}
      </p>
    </header>
  );
}

function Ways({ event }: { readonly event: Event }) {
  const { t } = useSellerWords();
  const params = { eventId: event.id };
  const exact = { exact: true, includeSearch: false };
  const look = { params, className: css.way, activeOptions: exact };
  return (
    <nav className={css.ways} aria-label={t("frame.ways")}>
      <Link to="/seller/events/$eventId" {...look}>
        {t("frame.sales")}
      </Link>
      <Link to="/seller/events/$eventId/seats" {...look}>
        {t("frame.seats")}
      </Link>
      <Link to="/seller/events/$eventId/prices" {...look}>
        {t("frame.prices")}
      </Link>
      <Link to="/seller/events/$eventId/edit" {...look}>
        {t("frame.details")}
      </Link>
    </nav>
  );
}

export function FrameSkeleton() {
  return (
    <Loading className={`page ${css.frame}`}>
      <div className={css.skeleton}>
        <Skeleton className={css.bar ?? ""} lines={3} />
      </div>
      <Skeleton className={css.block ?? ""} />
    </Loading>
  );
}
