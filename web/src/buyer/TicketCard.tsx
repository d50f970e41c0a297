//! A ticket as it is shown at the gate: the code dark on white whatever the theme, large, with the
//! seat beside it.

import type { Event, Ticket } from "#api";
import { money, showTime } from "../lib/format";
import { ticketState, ticketStateWords } from "../lib/statuses";
import { useWords } from "../lib/useWords";
import { LargeCode } from "./LargeCode";
import { QrCode } from "./QrCode";
import { useTicketPlace } from "./seatNames";
import css from "./TicketCard.module.css";

export interface TicketCardProps {
  readonly ticket: Ticket;
  readonly event: Event;
  readonly holder: string;
  readonly number: number;
  readonly all: number;
}

export function TicketCard({ ticket, event, holder, number, all }: TicketCardProps) {
  const { t, language } = useWords();
  const at = showTime(event.starts_at, event.time_zone, language);
  const place = useTicketPlace(ticket);
  return (
    <article className={css.ticket} aria-label={t("ticket.of", { n: number, all })}>
      <div className={css.body}>
        <p className={css.kind}>
          {t("ticket.admit")} <span className="numbers">{t("ticket.of", { n: number, all })}</span>
        </p>
        <h2 className={css.event}>{event.name}</h2>
        <p className={css.when}>
          <time dateTime={event.starts_at}>
            {at.date} · {at.time}
          </time>{" "}
          {at.zone}
          <br />
          {event.venue_name}
        </p>
        <dl className={css.seat}>
          {place.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{value}</dd>
            </div>
          ))}
        </dl>
        <p className={css.holder}>
          {holder} · {money(ticket.price, language)}
        </p>
      </div>
      <div className={css.stub}>
        {ticketState(ticket.status).admits ? (
          <>
            <QrCode text={ticket.code} label={t("ticket.qr", { seat: ticket.seat })} />
            <LargeCode ticket={ticket} />
          </>
        ) : (
          <strong>{ticketStateWords(ticket.status, t)}</strong>
        )}
        <p className={`${css.id} numbers`}>{ticket.seat}</p>
      </div>
    </article>
  );
}
