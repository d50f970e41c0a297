//! Prices by section, changed while the sale runs: a new price applies to later bookings.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createLazyRoute, Navigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Event, Section } from "#api";
import { FormError } from "../account/FormError";
import { count, money } from "../lib/format";
import { wordsOf } from "../lib/problemWords";
import { useWords } from "../lib/useWords";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { toast } from "../ui/toast";
import { changePrice, learnEvent } from "./calls";
import { EventFrame } from "./EventFrame";
import { priceMistake } from "./editor/mistakes";
import { parsePrice, typedPrice } from "./editor/money";
import { focusMistake, mistakeWords } from "./editor/words";
import css from "./PricesPage.module.css";
import { PriceField } from "./parts/PriceField";
import { useSellerWords } from "./words";

export const route = createLazyRoute("/seller/events/$eventId/prices")({ component: PricesPage });

function PricesPage() {
  const { t } = useSellerWords();
  return (
    <EventFrame title={t("frame.prices")}>
      {event =>
        event.status === "draft" ? (
          <Navigate to="/seller/events/$eventId/edit" params={{ eventId: event.id }} replace />
        ) : (
          <Prices key={event.id} event={event} />
        )
      }
    </EventFrame>
  );
}

/** A section whose typed price is another than its present one. */
interface Change {
  readonly section: Section;
  readonly minor: number;
}

function Prices({ event }: { readonly event: Event }) {
  const { t, language } = useSellerWords();
  const { t: base } = useWords();
  const client = useQueryClient();
  const { sections, currency } = event;
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  const [asking, setAsking] = useState(false);
  const textOf = ({ name, price }: Section) =>
    typed.get(name) ?? typedPrice(price.amount_minor, price.decimals);
  const mistakes = sections
    .map((section, index) => priceMistake(textOf(section), `/prices/${index}`, currency))
    .filter(mistake => mistake !== undefined);
  const changes = sections.flatMap((section): Change[] => {
    const minor = parsePrice(textOf(section), section.price.decimals);
    return minor === undefined || minor === section.price.amount_minor ? [] : [{ section, minor }];
  });
  const saving = useMutation({
    mutationFn: async (all: readonly Change[]) => {
      // One after another: what has been changed stays changed when a later one fails, and leaves
      // the list.
      for (const { section, minor } of all) {
        learnEvent(client, await changePrice(event.id, section.name, minor));
        setTyped(now => new Map([...now].filter(([name]) => name !== section.name)));
      }
    },
    onSuccess: (_, all) => toast({ title: t("prices.done", { count: all.length }), tone: "good" }),
  });
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    if (mistakes.length > 0) focusMistake(mistakes);
    else if (changes.length > 0 && !saving.isPending) setAsking(true);
  };
  return (
    <form className={css.prices} onSubmit={submit} noValidate>
      <p className="soft">{t("prices.lead")}</p>
      {saving.error && <FormError {...wordsOf(saving.error, base)} />}
      <ul className={css.list}>
        {sections.map((section, index) => {
          const changed = changes.some(change => change.section === section);
          return (
            <li key={section.name} className={css.section} data-changed={changed || undefined}>
              <div className={css.about}>
                <strong>{t("section.label", { name: section.name })}</strong>
                <span className="small soft">
                  {t("prices.now", {
                    price: money(section.price, language),
                    free: count(section.available, language),
                    taken: count(section.reserved + section.sold, language),
                  })}
                </span>
              </div>
              <div className={css.field} data-at={`/prices/${index}`}>
                <PriceField
                  currency={currency}
                  label={t("prices.new", { name: section.name, currency })}
                  value={textOf(section)}
                  onChange={text => setTyped(now => new Map(now).set(section.name, text))}
                  error={mistakeWords(
                    mistakes.find(({ pointer }) => pointer === `/prices/${index}`),
                    t,
                    language,
                    currency,
                  )}
                />
              </div>
            </li>
          );
        })}
      </ul>
      <div className={css.bar} data-changes={changes.length > 0 || undefined}>
        <p role="status" className="soft">
          {changes.length > 0 ? t("prices.changes", { count: changes.length }) : t("prices.noChanges")}
        </p>
        {changes.length > 0 && (
          <Button look="quiet" onPress={() => setTyped(new Map())}>
            {t("prices.undo")}
          </Button>
        )}
        <Button
          type="submit"
          look="action"
          busy={saving.isPending}
          isDisabled={changes.length === 0 && mistakes.length === 0}
        >
          {t("prices.save")}
        </Button>
      </div>
      <Confirm
        open={asking}
        look="action"
        title={t("prices.title", { count: changes.length })}
        yes={t("prices.yes")}
        no={base("common.cancel")}
        onAnswer={yes => {
          setAsking(false);
          if (yes) saving.mutate(changes);
        }}
      >
        <ul className={css.summary}>
          {changes.map(({ section, minor }) => (
            <li key={section.name}>
              <strong>{t("section.label", { name: section.name })}</strong>
              <span>
                {money(section.price, language)} →{" "}
                {money({ ...section.price, amount_minor: minor }, language)}
              </span>
            </li>
          ))}
        </ul>
        <p>{t("prices.later")}</p>
      </Confirm>
    </form>
  );
}
