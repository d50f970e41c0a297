//! The first page: what is on sale, and a search through it.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { EventEntry } from "#api";
import { eventsQuery } from "../api/queries";
import { serverNow } from "../lib/countdown";
import { count, showTime } from "../lib/format";
import { useTitle } from "../lib/useTitle";
import { type BaseT, useWords } from "../lib/useWords";
import { availability } from "../map/availability";
import { EntryBoundary } from "../ui/Boundary";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Poster } from "../ui/Poster";
import { Loading, Notice, Skeleton, Trouble } from "../ui/states";
import css from "./EventsPage.module.css";

/** While someone types, the search waits this long for the next letter. */
const TYPING_MS = 250;

export function EventsPage() {
  const { t } = useWords();
  const { q = "" } = useSearch({ from: "/" });
  useTitle();
  return (
    <div className={`page ${css.events}`}>
      <div className={css.hero}>
        <h1 className={css.title}>{t("events.title")}</h1>
        <p className={css.lead}>{t("events.lead")}</p>
        <Search q={q} />
      </div>
      <Results q={q} />
    </div>
  );
}

function Search({ q }: { readonly q: string }) {
  const { t } = useWords();
  const router = useRouter();
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = setTimeout(() => {
      // A reader who has pressed a result is on the way there, while this page is still shown.
      if (router.latestLocation.pathname !== "/") return;
      const search = text.trim() ? { q: text.trim() } : {};
      void router.navigate({ to: "/", search, replace: true, resetScroll: false });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, q, router]);
  return (
    <search className={css.search}>
      <Icon name="search" />
      <input
        type="search"
        value={text}
        maxLength={200}
        aria-label={t("events.search")}
        placeholder={t("events.search")}
        onChange={event => setText(event.target.value)}
      />
      {text !== "" && (
        <Button look="quiet" size="sm" aria-label={t("events.clear")} onPress={() => setText("")}>
          <Icon name="close" size={18} />
        </Button>
      )}
    </search>
  );
}

function Results({ q }: { readonly q: string }) {
  const { t } = useWords();
  const query = useInfiniteQuery(eventsQuery(q));
  if (query.isPending) return <Skeletons />;
  if (!query.data)
    return <Trouble error={query.error} retrying={query.isFetching} onRetry={() => void query.refetch()} />;
  const events = query.data.pages.flatMap(page => page.data);
  if (events.length === 0) return <Nothing q={q} />;
  return (
    <section aria-label={t("events.onSale")} aria-busy={query.isPlaceholderData}>
      <p className={css.count} role="status">
        {q ? resultWords(q, events.length, query.hasNextPage, t) : t("events.onSale")}
      </p>
      <ul className={css.grid}>
        {events.map(event => (
          <li key={event.id}>
            <EntryBoundary>
              <Card event={event} />
            </EntryBoundary>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <div className={css.more}>
          <Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            {t("events.more")}
          </Button>
        </div>
      )}
    </section>
  );
}

function resultWords(q: string, found: number, more: boolean, t: BaseT): string {
  return more ? t("events.resultsMore", { count: found, q }) : t("events.results", { count: found, q });
}

function Card({ event }: { readonly event: EventEntry }) {
  const { language } = useWords();
  const at = showTime(event.starts_at, event.time_zone, language);
  return (
    <article className={css.card}>
      <div className={css.picture}>
        <Poster id={event.id} />
        <p className={css.date} aria-hidden="true">
          <span>{at.month}</span>
          <strong className="numbers">{at.day}</strong>
        </p>
      </div>
      <div className={css.about}>
        <h2 className={css.name}>
          <Link to="/events/$eventId" params={{ eventId: event.id }}>
            {event.name}
          </Link>
        </h2>
        <p className={css.where}>{event.venue_name}</p>
        <p className={css.when}>
          <time dateTime={event.starts_at}>
            {at.date} · {at.time}
          </time>
        </p>
        <Left event={event} />
      </div>
    </article>
  );
}

function Left({ event }: { readonly event: EventEntry }) {
  const { t, language } = useWords();
  const over = Date.parse(event.starts_at) < serverNow();
  const state = availability(event);
  const free = count(event.available, language);
  const words = {
    free: t("events.free", { free }),
    few: t("events.few", { free }),
    held: t("events.allHeld"),
    "sold-out": t("events.soldOut"),
  };
  return (
    <p className={css.left} data-state={over ? "over" : state}>
      {over ? t("events.past") : words[state]}
    </p>
  );
}

function Nothing({ q }: { readonly q: string }) {
  const { t } = useWords();
  const navigate = useNavigate({ from: "/" });
  if (q === "") {
    return (
      <Notice icon="ticket" title={t("events.empty")}>
        <p>{t("events.emptyDetail")}</p>
      </Notice>
    );
  }
  const all = (
    <Button look="action" onPress={() => void navigate({ search: {} })}>
      {t("events.showAll")}
    </Button>
  );
  return (
    <div role="status">
      <Notice icon="search" title={t("events.noMatch", { q })} actions={all}>
        <p>{t("events.noMatchDetail")}</p>
      </Notice>
    </div>
  );
}

function Skeletons() {
  return (
    <Loading>
      <div className={css.grid}>
        {[1, 2, 3, 4, 5, 6].map(card => (
          <div key={card} className={css.card}>
            <Skeleton className={css.picture ?? ""} />
            <div className={css.about}>
              <Skeleton className={css.line ?? ""} lines={3} />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}
