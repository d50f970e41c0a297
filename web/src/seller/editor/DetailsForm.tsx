//! What can still be said otherwise about an event that is on sale.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import type { Event } from "#api";
import { FormError } from "../../account/FormError";
import { isRefused } from "../../api/problem";
import { serverNow } from "../../lib/countdown";
import { wordsOf } from "../../lib/problemWords";
import { useWords } from "../../lib/useWords";
import { Button } from "../../ui/Button";
import { toast } from "../../ui/toast";
import { changeEvent, learnEvent } from "../calls";
import { useSellerWords } from "../words";
import { DetailsFields } from "./DetailsFields";
import css from "./Editor.module.css";
import { detailMistakes, mistakesSaid } from "./mistakes";
import { changesOf, type Draft, detailsOf } from "./model";
import { storageKey } from "./stored";
import { useDraft } from "./useDraft";
import { focusMistake, shownMistakes } from "./words";

export function DetailsForm({ event, initial }: { readonly event: Event; readonly initial: Draft }) {
  const { t } = useSellerWords();
  const { t: base } = useWords();
  const client = useQueryClient();
  const form = useDraft(storageKey(event.seller_id, event.id), initial);
  const { draft } = form;
  const [tried, setTried] = useState(false);
  const saving = useMutation({
    mutationFn: (sent: Draft) => changeEvent(event.id, changesOf(detailsOf, form.base, sent)),
    onSuccess: (changed, sent) => {
      form.saved(sent);
      learnEvent(client, changed);
      toast({ title: t("details.saved"), tone: "good" });
    },
  });
  const own = useMemo(() => {
    // An event that has begun keeps its time; only a new time must lie ahead.
    const sameTime = changesOf(detailsOf, initial, draft).starts_at === undefined;
    return detailMistakes(draft, serverNow()).filter(({ code }) => !(sameTime && code === "past"));
  }, [draft, initial]);
  const refused =
    saving.variables === draft && isRefused(saving.error, "invalid-request") ? saving.error : null;
  const mistakes = shownMistakes([...own, ...mistakesSaid(refused?.rules ?? [])], tried);
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    setTried(true);
    if (own.length > 0) focusMistake(own);
    else if (!saving.isPending) saving.mutate(draft);
  };
  return (
    <form className={css["details-form"]} onSubmit={submit} noValidate>
      <p className="soft">{t("details.onSale")}</p>
      {saving.error && <FormError {...wordsOf(saving.error, base)} />}
      <DetailsFields draft={draft} mistakes={mistakes} onChange={form.change} onSale />
      <div className="row">
        <Button type="submit" look="action" busy={saving.isPending} isDisabled={!form.dirty}>
          {t("details.save")}
        </Button>
        {form.dirty && (
          <Button look="quiet" onPress={form.discard}>
            {t("details.undo")}
          </Button>
        )}
      </div>
    </form>
  );
}
