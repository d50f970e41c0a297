//! Paying. The sandbox's methods are named as what they do.
//!
//! Promises: however often Pay is pressed, in whatever tab, one attempt is one payment; an outcome that is not known is never called a failure.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Booking } from "#api";
import { pay } from "../api/calls";
import { isPassing, isRefused } from "../api/problem";
import { bookingQuery } from "../api/queries";
import { money } from "../lib/format";
import { wordsOf } from "../lib/problemWords";
import { useWords } from "../lib/useWords";
import { learn } from "../live/bookings";
import { Button } from "../ui/Button";
import { ChoiceCards } from "../ui/ChoiceCards";
import { Icon } from "../ui/Icon";
import { attemptName, isUnderWay, settle } from "./attempt";
import css from "./Checkout.module.css";

const METHODS = [
  "sandbox_success",
  "sandbox_decline",
  "sandbox_late",
  "sandbox_unknown",
  "sandbox_twice",
] as const;
type Method = (typeof METHODS)[number];

/** Methods are part of the attempt: the same name with another method would be another request. */
function attemptOf(booking: Booking, method: Method): string {
  return `pay:${booking.id}:${method}`;
}

function usePay(booking: Booking) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (method: Method) => {
      const attempt = attemptOf(booking, method);
      try {
        const paid = await pay(booking.id, method, attemptName(attempt));
        settle(attempt);
        return paid;
      } catch (error) {
        if (!isPassing(error) && !isRefused(error, "idempotency-key-in-use")) settle(attempt);
        throw error;
      }
    },
    onSuccess: paid => learn(client, paid),
    // The booking may have ended meanwhile: the server knows.
    onError: () => client.invalidateQueries({ queryKey: bookingQuery(booking.id).queryKey }),
  });
}

export function PayForm({ booking }: { readonly booking: Booking }) {
  const { t, language } = useWords();
  const [interrupted] = useState(() => METHODS.find(method => isUnderWay(attemptOf(booking, method))));
  const [method, setMethod] = useState<Method>(interrupted ?? "sandbox_success");
  const paying = usePay(booking);
  const unsure = booking.payment?.status === "unknown" || booking.payment?.status === "pending";
  const choose = (value: string) => {
    paying.reset();
    setMethod(METHODS.find(known => known === value) ?? "sandbox_success");
  };
  return (
    <section className={css.pay} aria-labelledby="pay-title">
      <h2 id="pay-title">{t("booking.payTitle")}</h2>
      <p className={css.sandbox}>{t("booking.sandbox")}</p>
      <ChoiceCards
        hideLabel
        label={t("booking.payTitle")}
        value={method}
        onChange={choose}
        disabled={paying.isPending || unsure}
        choices={METHODS.map(one => ({
          value: one,
          title: t(`booking.methods.${one}`),
          detail: t(`booking.methodHints.${one}`),
        }))}
      />
      {unsure ? (
        <Told tone="warn" title={t("booking.payUnsure")} detail={t("booking.payUnsureDetail")} />
      ) : (
        <Outcome error={paying.error} interrupted={interrupted !== undefined && paying.isIdle} />
      )}
      <Button
        look="accent"
        size="lg"
        wide
        busy={paying.isPending}
        isDisabled={unsure || !booking.total}
        onPress={() => paying.mutate(method)}
      >
        {booking.total && t("booking.pay", { total: money(booking.total, language) })}
      </Button>
    </section>
  );
}

function Outcome({ error, interrupted }: { readonly error: unknown; readonly interrupted: boolean }) {
  const { t } = useWords();
  if (interrupted)
    return <Told tone="warn" title={t("booking.payInterrupted")} detail={t("booking.payFirst")} />;
  if (!error) return null;
  if (isRefused(error, "payment-declined"))
    return <Told tone="bad" title={t("booking.declined")} detail={t("booking.declinedDetail")} />;
  if (isRefused(error, "hold-expired")) return <Told tone="bad" title={t("booking.expiredTitle")} />;
  if (isRefused(error, "idempotency-key-in-use") || isRefused(error, "wrong-state"))
    return <Told tone="warn" title={t("booking.payUnsure")} detail={t("booking.payUnsureDetail")} />;
  if (isPassing(error))
    return (
      <Told tone="warn" title={t("booking.payInterrupted")} detail={t("booking.payInterruptedDetail")} />
    );
  return <Told tone="bad" {...wordsOf(error, t)} />;
}

interface ToldProps {
  readonly tone: "bad" | "warn";
  readonly title: string;
  readonly detail?: string;
}

function Told({ tone, title, detail }: ToldProps) {
  return (
    <div role="alert" className={css.told} data-tone={tone}>
      <Icon name="warn" />
      <div>
        <strong>{title}</strong>
        {detail && <p>{detail}</p>}
      </div>
    </div>
  );
}
