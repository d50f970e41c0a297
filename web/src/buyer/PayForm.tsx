//! Paying, by one of the methods that the server offers. A sandbox's methods are named as what they
//! do.
//!
//! Promises: however often Pay is pressed, in whatever tab, one attempt is one payment; an outcome
//! that is not known is never called a failure. Where nothing is to be paid, nobody is asked how.

import { useIsMutating, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Booking, PaymentMethod } from "#api";
import { pay } from "../api/calls";
import { isPassing, isRefused } from "../api/problem";
import { bookingQuery, paymentMethodsQuery } from "../api/queries";
import { money } from "../lib/format";
import { methodWords, wordsOf } from "../lib/problemWords";
import { isFree, isUnsure } from "../lib/statuses";
import { useWords } from "../lib/useWords";
import { learn } from "../live/bookings";
import { Button } from "../ui/Button";
import { ChoiceCards } from "../ui/ChoiceCards";
import { Icon } from "../ui/Icon";
import { Loading, Skeleton, Trouble } from "../ui/states";
import { attemptName, isUnderWay, settle } from "./attempt";
import css from "./Checkout.module.css";

/** Methods are part of the attempt: the same name with another method would be another request. */
function attemptOf(booking: Booking, token: string): string {
  return `pay:${booking.id}:${token}`;
}

const payingKey = ({ id }: Booking) => ["pay", id];

/** A payment is on its way, or the provider is being asked how one ended. */
export function useAsksBank(booking: Booking): boolean {
  const underWay = useIsMutating({ mutationKey: payingKey(booking) }) > 0;
  return underWay || isUnsure(booking);
}

function usePay(booking: Booking) {
  const client = useQueryClient();
  return useMutation({
    mutationKey: payingKey(booking),
    mutationFn: async (token: string) => {
      const attempt = attemptOf(booking, token);
      try {
        const paid = await pay(booking.id, token, attemptName(attempt));
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
  const { t } = useWords();
  const { data: methods, error, isFetching, refetch } = useQuery(paymentMethodsQuery);
  return (
    <section className={css.pay} aria-labelledby="pay-title">
      <h2 id="pay-title">{isFree(booking) ? t("booking.freeTitle") : t("booking.payTitle")}</h2>
      {methods && <Methods booking={booking} methods={methods} />}
      {!methods && error && <Trouble error={error} retrying={isFetching} onRetry={() => void refetch()} />}
      {!methods && !error && (
        <Loading>
          <Skeleton lines={4} />
        </Loading>
      )}
    </section>
  );
}

interface MethodsProps {
  readonly booking: Booking;
  readonly methods: readonly PaymentMethod[];
}

function Methods({ booking, methods }: MethodsProps) {
  const { t, language } = useWords();
  const free = isFree(booking);
  const [interrupted] = useState(
    () => methods.find(({ token }) => isUnderWay(attemptOf(booking, token)))?.token,
  );
  // The server wants a method also where nothing is to be paid.
  const [method, setMethod] = useState(interrupted ?? methods[0]?.token);
  const paying = usePay(booking);
  const unsure = isUnsure(booking);
  const choose = (token: string) => {
    paying.reset();
    setMethod(token);
  };
  return (
    <>
      {free && <p>{t("booking.freeDetail")}</p>}
      {!free && methods.some(({ code }) => code.startsWith("sandbox-")) && (
        <p className={css.sandbox}>{t("booking.sandbox")}</p>
      )}
      {!free && (
        <ChoiceCards
          hideLabel
          label={t("booking.payTitle")}
          value={method ?? ""}
          onChange={choose}
          disabled={paying.isPending || unsure}
          choices={methods.map(({ token, code }) => ({ value: token, ...methodWords(code, t) }))}
        />
      )}
      {unsure ? (
        <Message tone="warn" title={t("booking.payUnsure")} detail={t("booking.payUnsureDetail")} />
      ) : (
        <Outcome error={paying.error} interrupted={interrupted !== undefined && paying.isIdle} />
      )}
      <Button
        look="accent"
        size="lg"
        wide
        busy={paying.isPending}
        isDisabled={unsure || !booking.total || method === undefined}
        onPress={() => method !== undefined && paying.mutate(method)}
      >
        {free && t("booking.confirm")}
        {!free && booking.total && t("booking.pay", { total: money(booking.total, language) })}
      </Button>
    </>
  );
}

function Outcome({ error, interrupted }: { readonly error: unknown; readonly interrupted: boolean }) {
  const { t } = useWords();
  if (interrupted)
    return <Message tone="warn" title={t("booking.payInterrupted")} detail={t("booking.payFirst")} />;
  if (!error) return null;
  if (isRefused(error, "payment-declined"))
    return <Message tone="bad" title={t("booking.declined")} detail={t("booking.declinedDetail")} />;
  if (isRefused(error, "hold-expired"))
    return <Message tone="bad" title={t("booking.states.expired.title")} />;
  if (isRefused(error, "idempotency-key-in-use") || isRefused(error, "wrong-state"))
    return <Message tone="warn" title={t("booking.payUnsure")} detail={t("booking.payUnsureDetail")} />;
  // Nothing was asked of the bank.
  if (isRefused(error, "too-many-requests")) return <Message tone="warn" {...wordsOf(error, t)} />;
  if (isPassing(error))
    return (
      <Message tone="warn" title={t("booking.payInterrupted")} detail={t("booking.payInterruptedDetail")} />
    );
  return <Message tone="bad" {...wordsOf(error, t)} />;
}

interface MessageProps {
  readonly tone: "bad" | "warn";
  readonly title: string;
  readonly detail?: string;
}

function Message({ tone, title, detail }: MessageProps) {
  return (
    <div role="alert" className={css.message} data-tone={tone}>
      <Icon name="warn" />
      <div>
        <strong>{title}</strong>
        {detail && <p>{detail}</p>}
      </div>
    </div>
  );
}
