//! The seating editor with the event's details: for a new event, and for a draft that is kept
//! already.
//!
//! Promises: nothing typed is lost, whatever happens; what is wrong is shown at its field.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Event } from "#api";
import { FormError } from "../../account/FormError";
import { isRefused } from "../../api/problem";
import { serverNow } from "../../lib/countdown";
import { moment } from "../../lib/format";
import { wordsOf } from "../../lib/problemWords";
import { type BaseT, useWords } from "../../lib/useWords";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Dialog";
import { toast } from "../../ui/toast";
import { changeEvent, createEvent, learnEvent, publishEvent } from "../calls";
import { type SellerT, useSellerWords } from "../words";
import { DetailsFields } from "./DetailsFields";
import css from "./Editor.module.css";
import { type Mistake, mistakesOf, mistakesSaid } from "./mistakes";
import { changesOf, type Draft, requestOf } from "./model";
import { Preview } from "./Preview";
import { PublishQuestion } from "./PublishQuestion";
import { Seating } from "./Seating";
import { storageKey, store } from "./stored";
import { Totals } from "./Totals";
import { type DraftInForm, useDraft } from "./useDraft";
import { focusMistake, shownMistakes } from "./words";

export interface EditorProps {
  readonly seller: string;
  /** Absent: a new one. */
  readonly event?: Event;
  readonly initial: Draft;
}

export function Editor({ seller, event, initial }: EditorProps) {
  const { t } = useSellerWords();
  const form = useDraft(storageKey(seller, event?.id), initial);
  const { draft, change } = form;
  const [tried, setTried] = useState(false);
  const [asking, setAsking] = useState(false);
  const { saving, publishing, said, trouble } = useSaving(form, seller, event);
  const own = useMemo(() => mistakesOf(draft, serverNow()), [draft]);
  const mistakes = useMemo(() => [...own, ...said], [own, said]);
  const shown = shownMistakes(mistakes, tried);
  useEffect(() => focusMistake(said), [said]);

  const ready = () => {
    setTried(true);
    if (own.length > 0) setTimeout(() => focusMistake(own));
    return own.length === 0;
  };
  const busy = saving.isPending || publishing.isPending;
  return (
    <>
      <div className={css.editor}>
        <div className={css.form}>
          <Restored form={form} />
          <section className={css.card} aria-labelledby="details-title">
            <h2 id="details-title" className={css.title}>
              {t("details.title")}
            </h2>
            <DetailsFields draft={draft} mistakes={shown} onChange={change} />
          </section>
          <Seating draft={draft} mistakes={shown} onChange={change} />
        </div>
        <Preview draft={draft} />
      </div>
      <Totals draft={draft} mistakes={shown} trouble={trouble && <FormError {...trouble} />}>
        <Button
          busy={saving.isPending}
          isDisabled={busy || (event !== undefined && !form.dirty)}
          onPress={() => {
            publishing.reset();
            if (ready()) saving.mutate(draft);
          }}
        >
          {event && !form.dirty ? t("editor.saved") : t("editor.save")}
        </Button>
        <Button
          look="action"
          busy={publishing.isPending}
          isDisabled={busy}
          onPress={() => ready() && setAsking(true)}
        >
          {t("editor.publish")}
        </Button>
      </Totals>
      <PublishQuestion
        open={asking}
        draft={draft}
        busy={publishing.isPending}
        onAnswer={yes => {
          setAsking(false);
          saving.reset();
          if (yes) publishing.mutate(draft);
        }}
      />
    </>
  );
}

const NO_MISTAKES: readonly Mistake[] = [];

/**
 * Saving and publishing. Once the program has said that it made the event, what follows changes it.
 */
function useSaving(form: DraftInForm, seller: string, event: Event | undefined) {
  const { t } = useSellerWords();
  const { t: base } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const made = useRef(event?.id);
  const latest = useRef(form.draft);
  latest.current = form.draft;
  const [said, setSaid] = useState<{ of: Draft; mistakes: readonly Mistake[] } | null>(null);

  const save = useCallback(
    async (draft: Draft): Promise<Event> => {
      const saved = made.current
        ? await changeEvent(made.current, changesOf(requestOf, form.base, draft))
        : await createEvent({ ...requestOf(draft), status: "draft" });
      made.current = saved.id;
      form.saved(draft);
      // What was typed while the answer was on its way goes with the event.
      if (latest.current !== draft) store(storageKey(seller, saved.id), latest.current, Date.now());
      learnEvent(client, saved);
      return saved;
    },
    [client, form.base, form.saved, seller],
  );
  const onError = (problem: Error, draft: Draft) => {
    if (isRefused(problem, "invalid-request")) setSaid({ of: draft, mistakes: mistakesSaid(problem.rules) });
  };
  const goTo = (to: "/seller/events/$eventId" | "/seller/events/$eventId/edit", { id }: Event) =>
    navigate({ to, params: { eventId: id }, replace: true });
  const saving = useMutation({
    mutationFn: save,
    onError,
    onSuccess: async saved => {
      toast({ title: t("editor.isSaved"), detail: t("editor.isSavedDetail"), tone: "good" });
      if (!event) await goTo("/seller/events/$eventId/edit", saved);
    },
  });
  const publishing = useMutation({
    mutationFn: async (draft: Draft) => {
      const saved = event && !form.dirty ? event : await save(draft);
      return publishEvent(saved.id);
    },
    onError,
    onSuccess: async published => {
      learnEvent(client, published);
      toast({ title: t("editor.isPublished", { name: published.name }), tone: "good" });
      await goTo("/seller/events/$eventId", published);
    },
  });
  const places = said?.of === form.draft ? said.mistakes : NO_MISTAKES;
  return {
    saving,
    publishing,
    said: places,
    trouble: troubleWords(publishing.error ?? saving.error, places, t, base),
  };
}

/**
 * What went wrong, in words. Mistakes are shown at their fields; here only how many, until
 * something changes.
 */
function troubleWords(error: Error | null, places: readonly Mistake[], t: SellerT, base: BaseT) {
  if (!error) return undefined;
  if (!isRefused(error, "invalid-request")) return wordsOf(error, base);
  if (places.length === 0) return undefined;
  return { title: base("problem.title"), detail: t("totals.mistakes", { count: places.length }) };
}

/** Says that what was typed before is here again. */
function Restored({ form }: { readonly form: DraftInForm }) {
  const { t, language } = useSellerWords();
  const { t: base } = useWords();
  const [asking, setAsking] = useState(false);
  if (form.restoredFrom === undefined) return null;
  return (
    <div className={css.restored} role="status">
      <p>{t("editor.restored", { time: moment(form.restoredFrom, language) })}</p>
      <Button size="sm" look="quiet" onPress={() => setAsking(true)}>
        {t("editor.discard")}
      </Button>
      <Confirm
        open={asking}
        title={t("editor.discardTitle")}
        yes={t("editor.discard")}
        no={base("common.cancel")}
        onAnswer={yes => {
          setAsking(false);
          if (yes) form.discard();
        }}
      >
        {t("editor.discardDetail")}
      </Confirm>
    </div>
  );
}
