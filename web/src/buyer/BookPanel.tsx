//! How many, where, how much: and the best seats are held at once, or chosen by hand on the map.

import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Event, Section } from "#api";
import { isRefused } from "../api/problem";
import { useMe } from "../api/session";
import type { EventSearch } from "../app/router";
import { serverNow } from "../lib/countdown";
import { count, money } from "../lib/format";
import { wordsOf } from "../lib/problemWords";
import { useWords } from "../lib/useWords";
import { availability } from "../map/availability";
import { useCounts, useSectionCounts } from "../map/react/hooks";
import type { SeatStore } from "../map/store";
import { Button, LinkButton } from "../ui/Button";
import { ChoiceCards } from "../ui/ChoiceCards";
import { Icon } from "../ui/Icon";
import { Stepper } from "../ui/Stepper";
import css from "./BookPanel.module.css";
import { useBook } from "./useBook";

export interface BookPanelProps {
  readonly event: Event;
  readonly store: SeatStore;
  readonly search: EventSearch;
  /** A section was chosen; the map points it out. */
  readonly onSection: (section: string | null) => void;
}

export function BookPanel(props: BookPanelProps) {
  const { t } = useWords();
  const { event, store } = props;
  const counts = useCounts(store);
  const over = Date.parse(event.starts_at) < serverNow();
  return (
    <aside className={css.panel} aria-labelledby="tickets">
      <h2 id="tickets" className={css.title}>
        {t("event.tickets")}
      </h2>
      {event.status === "draft" && <Note>{t("event.draft")}</Note>}
      {event.status === "on_sale" && over && <Note>{t("event.over")}</Note>}
      {event.status === "on_sale" && !over && availability(counts) === "sold-out" && <SoldOut />}
      {event.status === "on_sale" && !over && availability(counts) !== "sold-out" && <Form {...props} />}
    </aside>
  );
}

function Note({ children }: { readonly children: string }) {
  return <p className={css.note}>{children}</p>;
}

export function SoldOut() {
  const { t } = useWords();
  return (
    <div className={css.note} role="status">
      <strong>{t("event.soldOutTitle")}</strong>
      <p className="soft">{t("event.soldOutDetail")}</p>
    </div>
  );
}

function Form({ event, store, search, onSection }: BookPanelProps) {
  const { t, language } = useWords();
  const navigate = useNavigate({ from: "/events/$eventId" });
  const quantity = Math.min(search.quantity ?? 2, event.max_seats_per_booking);
  const section = useChosenSection(event, store, search.section);
  useEffect(
    () => onSection(search.section === undefined ? null : section.name),
    [search.section, section.name, onSection],
  );
  const choices = useRef<HTMLDivElement>(null);
  // The section of the address may stand further down.
  useEffect(() => {
    const list = choices.current;
    const chosen = list?.querySelector<HTMLElement>("[data-selected]");
    if (list && chosen)
      list.scrollTop = chosen.offsetTop - list.offsetTop - (list.clientHeight - chosen.offsetHeight) / 2;
  }, []);
  const choose = (more: EventSearch) =>
    void navigate({ search: before => ({ ...before, ...more }), replace: true, resetScroll: false });
  const total = { ...section.price, amount_minor: section.price.amount_minor * quantity };
  return (
    <>
      <div className={css.line}>
        <span className={css.label}>{t("event.howMany")}</span>
        <Stepper
          label={t("event.howMany")}
          value={quantity}
          least={1}
          most={event.max_seats_per_booking}
          onChange={value => choose({ quantity: value })}
        />
      </div>
      <div ref={choices} className={css.choices}>
        <ChoiceCards
          compact
          label={t("event.where")}
          value={section.name}
          onChange={value => choose({ section: value })}
          choices={event.sections.map(one => ({
            value: one.name,
            title: t("booking.section", { section: one.name }),
            detail: <FreeIn section={one} store={store} />,
            end: <span className="numbers">{money(one.price, language)}</span>,
          }))}
        />
      </div>
      <dl className={css.total}>
        <dt>
          {t("event.total")}
          <span className="small soft"> · {t("booking.seats", { count: quantity })}</span>
        </dt>
        <dd className="numbers">{money(total, language)}</dd>
      </dl>
      <p className="small soft">{t("event.allIn")}</p>
      <Actions event={event} store={store} section={section} quantity={quantity} />
    </>
  );
}

/** The section of the address, else the first where something is free. */
function useChosenSection(event: Event, store: SeatStore, name: string | undefined): Section {
  useCounts(store);
  const named = event.sections.find(section => section.name === name);
  const free = event.sections.find(
    section =>
      (store.directory.section(section.name)?.index ?? -1) >= 0 && freeSeats(store, section.name) > 0,
  );
  const first = named ?? free ?? event.sections[0];
  if (!first) throw new Error("an event has sections");
  return first;
}

function freeSeats(store: SeatStore, section: string): number {
  const index = store.directory.section(section)?.index;
  return index === undefined ? 0 : store.countsOfSection(index).available;
}

function FreeIn({ section, store }: { readonly section: Section; readonly store: SeatStore }) {
  const { t, language } = useWords();
  const counts = useSectionCounts(store, section.name) ?? section;
  const state = availability(counts);
  if (state === "sold-out") return t("event.soldOut");
  return state === "held"
    ? t("event.held")
    : t("event.freeCount", { free: count(counts.available, language) });
}

interface ActionsProps {
  readonly event: Event;
  readonly store: SeatStore;
  readonly section: Section;
  readonly quantity: number;
}

function Actions({ event, store, section, quantity }: ActionsProps) {
  const { t } = useWords();
  const { me, isSeller } = useMe();
  const navigate = useNavigate();
  const counts = useSectionCounts(store, section.name) ?? section;
  const booking = useBook(({ id }) => navigate({ to: "/bookings/$bookingId", params: { bookingId: id } }));
  const state = availability(counts);
  const gone = state === "held" || state === "sold-out";
  const best = () =>
    booking.mutate({ event_id: event.id, section: section.name, mode: "best_available", quantity });
  return (
    <div className={css.actions}>
      {booking.error && (
        <div role="alert" className={css.error}>
          <Icon name="warn" />
          <BookingError error={booking.error} />
        </div>
      )}
      {state === "held" && <p className="small soft">{t("event.heldHint")}</p>}
      {!gone && counts.available < quantity && (
        <p className={css.warn}>{t("event.only", { count: counts.available })}</p>
      )}
      {me === null && <SignInFirst />}
      {isSeller && <p className={css.warn}>{t("event.sellerNote")}</p>}
      {me !== null && (
        <Button
          look="accent"
          size="lg"
          wide
          busy={booking.isPending}
          isDisabled={isSeller || gone}
          onPress={best}
        >
          <Icon name="spark" />
          {t("event.best")}
        </Button>
      )}
      <p className="small soft">{t("event.bestHint")}</p>
      <LinkButton
        wide
        to="/events/$eventId/seats"
        params={{ eventId: event.id }}
        search={{ section: section.name, quantity }}
      >
        <Icon name="map" />
        {t("event.choose")}
      </LinkButton>
      <p className="small soft">{t("event.paymentWindow")}</p>
    </div>
  );
}

function SignInFirst() {
  const { t } = useWords();
  const back = location.pathname + location.search;
  return (
    <LinkButton look="accent" size="lg" wide to="/sign-in" search={{ back }}>
      {t("event.signInFirst")}
    </LinkButton>
  );
}

export function BookingError({ error }: { readonly error: unknown }) {
  const { t } = useWords();
  if (isRefused(error, "event-not-on-sale")) return <span>{t("event.notOnSale")}</span>;
  if (isRefused(error, "not-signed-in")) {
    return (
      <span>
        {t("account.ended")}{" "}
        <Link to="/sign-in" search={{ back: location.pathname + location.search }}>
          {t("nav.signIn")}
        </Link>
      </span>
    );
  }
  const { title, detail } = wordsOf(error, t);
  return (
    <span>
      <strong>{title}</strong>
      <br />
      {detail}
    </span>
  );
}
