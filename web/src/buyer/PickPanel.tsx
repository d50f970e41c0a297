//! What is chosen, what it costs, and the press that holds it.

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Booking, Event } from "#api";
import { isPassing } from "../api/problem";
import { useMe } from "../api/session";
import { money } from "../lib/format";
import { bookingState, isUnsure } from "../lib/statuses";
import { useWords } from "../lib/useWords";
import { useStoreVersion } from "../map/react/hooks";
import type { SeatStore } from "../map/store";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Stepper } from "../ui/Stepper";
import { toast } from "../ui/toast";
import { BookingError, SoldOut } from "./BookPanel";
import css from "./PickPanel.module.css";
import { seatName, seatWords } from "./seatNames";
import { handPicked, useBook } from "./useBook";
import type { Selection } from "./useSelection";
import { useSwap } from "./useSwap";

export interface PickPanelProps {
  readonly event: Event;
  readonly store: SeatStore;
  readonly selection: Selection;
  readonly held: Booking | undefined;
  /** Nothing is free or held, and nothing of this buyer's is to be exchanged or was just lost. */
  readonly soldOut: boolean;
  readonly onBooked: (booking: Booking) => Promise<void>;
}

export function PickPanel(props: PickPanelProps) {
  const { t } = useWords();
  const { event, selection, held, soldOut } = props;
  return (
    <aside className={css.panel} aria-labelledby="chosen">
      <h2 id="chosen" className={css.title}>
        {t(soldOut ? "event.tickets" : "pick.yours")}
        {!soldOut && (
          <span className="numbers soft">
            {t("common.of", {
              part: selection.chosen.size + selection.kept.size,
              whole: event.max_seats_per_booking,
            })}
          </span>
        )}
      </h2>
      {soldOut ? (
        <SoldOut />
      ) : (
        <>
          {selection.lost.length > 0 && <Lost selection={selection} />}
          {held && <Held held={held} selection={selection} />}
          <Chosen {...props} />
          <Suggest {...props} />
          <Hold {...props} />
        </>
      )}
    </aside>
  );
}

/** Losing a seat is ordinary in a rush: name it, keep the others, offer the nearest. */
function Lost({ selection }: { readonly selection: Selection }) {
  const { t } = useWords();
  const { lost, chosen } = selection;
  const seats = lost.join(t("common.separator"));
  return (
    <div className={css.lost}>
      <strong>
        {lost.length === 1 ? t("pick.lostTitle", { seats }) : t("pick.lostTitleMany", { seats })}
      </strong>
      <p>{chosen.size > 0 ? t("pick.lostKept", { count: chosen.size }) : t("pick.lostAlone")}</p>
      <Button size="sm" onPress={selection.replace}>
        {t("pick.replace")}
      </Button>
    </div>
  );
}

/** The seats that are to be exchanged; those that are ticked stay. */
function Held({ held, selection }: { readonly held: Booking; readonly selection: Selection }) {
  const { t } = useWords();
  return (
    <fieldset className={css.held}>
      <legend className="small soft">{t("pick.swapLead", { seats: held.seats.join(", ") })}</legend>
      {held.seats.map(id => (
        <label key={id}>
          <input
            type="checkbox"
            checked={selection.kept.has(id)}
            onChange={event => selection.keep(id, event.target.checked)}
          />
          <SeatText id={id} />
        </label>
      ))}
      {selection.kept.size > 0 && <p className="small soft">{t("pick.swapOverlap")}</p>}
    </fieldset>
  );
}

function SeatText({ id }: { readonly id: string }) {
  const { t } = useWords();
  const { seat, ...row } = seatName(id);
  const { where, which } = seatWords({ ...row, seats: [seat] }, t);
  return (
    <span className={css.seat}>
      <span className={css.place}>{where}</span>
      <span className="numbers">{which}</span>
    </span>
  );
}

function priceOf(store: SeatStore, id: string) {
  const index = store.directory.section(seatName(id).section)?.index;
  return index === undefined ? undefined : store.price(index);
}

function Chosen({ event, store, selection }: PickPanelProps) {
  const { t, language } = useWords();
  useStoreVersion(store);
  if (selection.chosen.size === 0) {
    return (
      <div className={css.none}>
        <strong>{t("pick.none")}</strong>
        <p className="small soft">{t("pick.noneHint", { count: event.max_seats_per_booking })}</p>
      </div>
    );
  }
  return (
    <ul className={css.chosen}>
      {[...selection.chosen].map(id => {
        const price = priceOf(store, id);
        return (
          <li key={id}>
            <SeatText id={id} />
            <span className="numbers">{price && money(price, language)}</span>
            <Button
              look="quiet"
              size="sm"
              aria-label={t("pick.remove", { seat: id })}
              onPress={() => selection.toggle({ id })}
            >
              <Icon name="close" size={16} />
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

function Suggest({ event, selection, held }: PickPanelProps) {
  const { t, language } = useWords();
  const navigate = useNavigate({ from: "/events/$eventId/seats" });
  const [section, setSection] = useState(() => firstSection(event, held));
  const [quantity, setQuantity] = useState(() =>
    Math.min(held?.seats.length ?? quantityOfAddress(), event.max_seats_per_booking),
  );
  const suggest = () => {
    if (selection.suggest(section, quantity) === 0) toast({ title: t("pick.noneToSuggest"), tone: "warn" });
  };
  return (
    <div className={css.suggest}>
      <label className={css.where}>
        <span className="small">{t("pick.suggestIn")}</span>
        <select
          value={section}
          disabled={held !== undefined}
          onChange={({ target }) => {
            setSection(target.value);
            void navigate({
              search: before => ({ ...before, section: target.value }),
              replace: true,
              resetScroll: false,
            });
          }}
        >
          {event.sections.map(one => (
            <option key={one.name} value={one.name}>
              {t("booking.section", { section: one.name })} · {money(one.price, language)}
            </option>
          ))}
        </select>
      </label>
      <Stepper
        label={t("pick.howMany")}
        value={quantity}
        least={1}
        most={event.max_seats_per_booking}
        onChange={setQuantity}
      />
      <Button wide onPress={suggest}>
        <Icon name="spark" size={18} />
        {selection.chosen.size > 0 ? t("pick.suggestAnother") : t("pick.suggest")}
      </Button>
    </div>
  );
}

function firstSection(event: Event, held: Booking | undefined): string {
  const named =
    held?.section ?? new URLSearchParams(location.search).get("section")?.replace(/^"(.*)"$/, "$1");
  return event.sections.find(section => section.name === named)?.name ?? event.sections[0]?.name ?? "";
}

function quantityOfAddress(): number {
  return Number(new URLSearchParams(location.search).get("quantity")) || 2;
}

function Hold({ event, store, selection, held, onBooked }: PickPanelProps) {
  const { t, language } = useWords();
  const { me, isSeller } = useMe();
  const leave = (booked: Booking) => {
    selection.done();
    return onBooked(booked);
  };
  const booking = useBook(leave);
  const swap = useSwap(store, async swapped => {
    selection.claim(false);
    if (bookingState(swapped).page === "checkout") {
      toast({ title: t("pick.swapped", { seats: swapped.seats.join(t("common.separator")) }), tone: "good" });
      await leave(swapped);
    } else if (selection.kept.size > 0) {
      await leave(swapped);
    } else {
      selection.lose([...selection.chosen]);
      toast({ title: t("pick.swapLost"), tone: "warn" });
    }
  });
  const seats = [...selection.kept, ...selection.chosen];
  const total = totalOf(store, seats);
  const hold = () => {
    if (seats.length === 0) return;
    selection.claim(true);
    // Without an answer they may be held: then nobody else has taken them.
    const stop = { onError: (error: Error) => selection.claim(isPassing(error)) };
    if (held) swap.mutate({ old: held, kept: [...selection.kept], chosen: [...selection.chosen] }, stop);
    else booking.mutate(handPicked(event.id, seats), stop);
  };
  const error = booking.error ?? swap.error;
  const asksBank = held !== undefined && isUnsure(held);
  return (
    <div className={css.hold}>
      {error && (
        <div role="alert" className={css.error}>
          <BookingError error={error} />
        </div>
      )}
      {isSeller && <p className="small soft">{t("event.sellerNote")}</p>}
      <p className={css.total} role="status">
        {total ? t("pick.summary", { count: seats.length, total: money(total, language) }) : t("pick.none")}
      </p>
      {me === null ? (
        <LinkButton
          look="accent"
          size="lg"
          wide
          to="/sign-in"
          search={{ back: location.pathname + location.search }}
        >
          {t("event.signInFirst")}
        </LinkButton>
      ) : (
        <Button
          look="accent"
          size="lg"
          wide
          busy={booking.isPending || swap.isPending}
          isDisabled={isSeller || asksBank || seats.length === 0 || (held && selection.chosen.size === 0)}
          onPress={hold}
        >
          {held
            ? t("pick.swap")
            : seats.length === 0
              ? t("pick.holdNone")
              : t("pick.hold", { count: seats.length })}
        </Button>
      )}
      {asksBank && <p className="small soft">{t("booking.notWhileAsked")}</p>}
      {held && (
        <LinkButton wide to="/bookings/$bookingId" params={{ bookingId: held.id }}>
          {t("pick.keepOld")}
        </LinkButton>
      )}
      <p className="small soft">{t("event.allIn")}</p>
    </div>
  );
}

function totalOf(store: SeatStore, seats: readonly string[]) {
  const prices = seats.flatMap(id => priceOf(store, id) ?? []);
  const first = prices[0];
  return first && { ...first, amount_minor: prices.reduce((sum, price) => sum + price.amount_minor, 0) };
}
