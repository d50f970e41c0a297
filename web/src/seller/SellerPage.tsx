//! The seller's first page: the own events, drafts first, and the way to a new one.

import { useInfiniteQuery } from "@tanstack/react-query";
import { createLazyRoute, Link } from "@tanstack/react-router";
import type { EventEntry } from "#api";
import { count, percent, showTime } from "../lib/format";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { EntryBoundary } from "../ui/Boundary";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Poster } from "../ui/Poster";
import { Loading, Notice, Skeleton, Trouble } from "../ui/states";
import { ownEventsQuery } from "./calls";
import { SellersOnly } from "./EventFrame";
import { HouseBar } from "./parts/HouseBar";
import { StatusTag, stateOf } from "./parts/StatusTag";
import css from "./SellerPage.module.css";
import { useSellerWords } from "./words";

export const route = createLazyRoute("/seller")({ component: SellerPage });

function SellerPage() {
  const { t } = useSellerWords();
  useTitle(t("own.title"));
  return (
    <SellersOnly>
      <div className={`page ${css.own}`}>
        <header className={css.heading}>
          <div>
            <h1>{t("own.title")}</h1>
            <p className="soft">{t("own.lead")}</p>
          </div>
          <LinkButton to="/seller/new" look="action">
            <Icon name="plus" /> {t("own.create")}
          </LinkButton>
        </header>
        <OwnEvents />
      </div>
    </SellersOnly>
  );
}

function OwnEvents() {
  const { t } = useSellerWords();
  const query = useInfiniteQuery(ownEventsQuery);
  if (query.isPending) return <Skeletons />;
  if (!query.data) {
    return <Trouble error={query.error} retrying={query.isFetching} onRetry={() => void query.refetch()} />;
  }
  const events = query.data.pages.flatMap(page => page.data);
  if (events.length === 0) return <Nothing />;
  const groups = [
    { state: "draft", title: t("own.drafts") },
    { state: "on_sale", title: t("own.onSale") },
    { state: "over", title: t("own.over") },
  ] as const;
  return (
    <>
      {groups.map(({ state, title }) => (
        <Group key={state} title={title} events={events.filter(event => stateOf(event) === state)} />
      ))}
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
          {t("own.more")}
        </Button>
      )}
    </>
  );
}

function Group({ title, events }: { readonly title: string; readonly events: readonly EventEntry[] }) {
  if (events.length === 0) return null;
  return (
    <section className={css.group}>
      <h2 className={css.title}>
        {title} <span className={css.number}>{events.length}</span>
      </h2>
      <ul className={css.list}>
        {events.map(event => (
          <li key={event.id}>
            <EntryBoundary>
              <Card event={event} />
            </EntryBoundary>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ event }: { readonly event: EventEntry }) {
  const { t, language } = useSellerWords();
  const at = showTime(event.starts_at, event.time_zone, language);
  const draft = event.status === "draft";
  const params = { eventId: event.id };
  return (
    <article className={css.card}>
      <div className={css.picture}>
        <Poster id={event.id} />
      </div>
      <div className={css.about}>
        <h3 className={css.name}>
          <Link to={draft ? "/seller/events/$eventId/edit" : "/seller/events/$eventId"} params={params}>
            {event.name}
          </Link>
        </h3>
        <p className={css.facts}>
          <time dateTime={event.starts_at}>
            {at.date} · {at.time} {at.zone}
          </time>
          {event.venue_name && <span>{event.venue_name}</span>}
        </p>
      </div>
      <div className={css.stand}>
        <StatusTag event={event} />
        {draft ? (
          <p className={css.counts}>
            {t("own.seats", { count: event.available, seats: count(event.available, language) })}
          </p>
        ) : (
          <Sold event={event} />
        )}
      </div>
    </article>
  );
}

function Sold({ event }: { readonly event: EventEntry }) {
  const { t, language } = useSellerWords();
  const all = event.available + event.reserved + event.sold;
  const words = {
    sold: count(event.sold, language),
    all: count(all, language),
    share: percent(all ? event.sold / all : 0, language),
  };
  return (
    <div className={css.sold}>
      <HouseBar counts={event} thin />
      <p className={css.counts}>{t("own.sold", words)}</p>
    </div>
  );
}

function Nothing() {
  const { t } = useSellerWords();
  const create = (
    <LinkButton to="/seller/new" look="action" size="lg">
      {t("own.createFirst")}
    </LinkButton>
  );
  return (
    <Notice icon="seat" title={t("own.empty")} actions={create}>
      <p>{t("own.emptyDetail")}</p>
    </Notice>
  );
}

function Skeletons() {
  const { t } = useWords();
  return (
    <Loading>
      <ul className={css.list} aria-label={t("app.loading")}>
        {[1, 2, 3].map(card => (
          <li key={card} className={css.card}>
            <Skeleton className={css.picture ?? ""} />
            <div className={css.about}>
              <Skeleton className={css.line ?? ""} lines={2} />
            </div>
          </li>
        ))}
      </ul>
    </Loading>
  );
}
