//! Seats that are held: until when, what they cost, and how to pay, change or give them back.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Booking, Event } from "#api";
import { cancelBooking } from "../api/calls";
import { bookingQuery } from "../api/queries";
import { minuteToSpeak, timeLeft } from "../lib/countdown";
import { clock } from "../lib/format";
import { wordsOf } from "../lib/problemWords";
import { isFree } from "../lib/statuses";
import { useNow } from "../lib/useNow";
import { useWords } from "../lib/useWords";
import { learn } from "../live/bookings";
import { Button, LinkButton } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { toast } from "../ui/toast";
import css from "./Checkout.module.css";
import { OwnSeatsMap } from "./OwnSeatsMap";
import { Partial } from "./Partial";
import { PayForm, useAsksBank } from "./PayForm";
import { Summary } from "./Summary";

export interface CheckoutProps {
  readonly booking: Booking;
  readonly event: Event;
}

export function Checkout({ booking, event }: CheckoutProps) {
  const { t } = useWords();
  const count = booking.seats.length;
  return (
    <div className={css.columns}>
      <h1 className={css.title}>
        {isFree(booking) ? t("booking.heldFree", { count }) : t("booking.heldTitle", { count })}
      </h1>
      <div className={css.main}>
        {booking.seats.length < booking.requested && <Partial booking={booking} event={event} />}
        <PayForm booking={booking} />
      </div>
      <aside className={css.side} aria-label={t("booking.summary")}>
        {booking.expires_at && <Countdown booking={booking} until={booking.expires_at} />}
        <Summary booking={booking} event={event} />
        <OwnSeatsMap booking={booking} event={event} />
        <Ways booking={booking} event={event} />
      </aside>
    </div>
  );
}

/**
 * Counts towards the server's deadline. When it has passed, the server is asked; nothing is claimed
 * before it answers.
 */
function Countdown({ booking, until }: { readonly booking: Booking; readonly until: string }) {
  const { t, language } = useWords();
  const client = useQueryClient();
  const left = timeLeft(until, useNow());
  const before = useRef(left.seconds);
  const spoken = useRef("");
  const minute = minuteToSpeak(before.current, left.seconds);
  before.current = left.seconds;
  if (minute !== undefined) spoken.current = t("booking.announce", { count: minute });
  if (left.over) spoken.current = t("booking.announceOver");
  useEffect(() => {
    if (!left.over) return;
    const ask = () => void client.invalidateQueries({ queryKey: bookingQuery(booking.id).queryKey });
    ask();
    const timer = setInterval(ask, 2_000);
    return () => clearInterval(timer);
  }, [left.over, client, booking.id]);
  return (
    <div className={css.countdown} data-urgent={left.seconds <= 120 || undefined}>
      <span className={css.left} id="time-left">
        {isFree(booking) ? t("booking.timeToConfirm") : t("booking.timeLeft")}
      </span>
      <span className={`${css.clock} numbers`} role="timer" aria-labelledby="time-left">
        {left.text}
      </span>
      <span className="small soft">{t("booking.heldUntil", { time: clock(until, language) })}</span>
      <span className="visually-hidden" role="status">
        {spoken.current}
      </span>
    </div>
  );
}

function Ways({ booking, event }: CheckoutProps) {
  const { t } = useWords();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const giving = useMutation({
    mutationFn: () => cancelBooking(booking.id),
    onSuccess: cancelled => learn(client, cancelled),
    onError: error => toast({ ...wordsOf(error, t), tone: "bad" }),
    onSettled: () => setAsking(false),
  });
  const asksBank = useAsksBank(booking);
  return (
    <div className={css.ways}>
      {asksBank ? (
        <Button wide isDisabled>
          {t("booking.change")}
        </Button>
      ) : (
        <LinkButton
          wide
          to="/events/$eventId/seats"
          params={{ eventId: event.id }}
          search={{ swap: booking.id, section: booking.section, quantity: booking.requested }}
        >
          {t("booking.change")}
        </LinkButton>
      )}
      <Button look="quiet" wide isDisabled={asksBank} onPress={() => setAsking(true)}>
        {t("booking.giveBack")}
      </Button>
      {asksBank && <p className="small soft">{t("booking.notWhileAsked")}</p>}
      <Confirm
        open={asking}
        title={t("booking.giveBackTitle")}
        yes={t("booking.giveBackConfirm")}
        no={t("booking.keep")}
        busy={giving.isPending}
        onAnswer={yes => (yes ? giving.mutate() : setAsking(false))}
      >
        <p>{t("booking.giveBackDetail")}</p>
      </Confirm>
    </div>
  );
}
