//! The house as buyers will see it, every seat free.

import { useEffect, useState } from "react";
import { count } from "../../lib/format";
import { type EventOutline, type Seat, SeatMap, useSeatStore } from "../../map";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import type { Draft } from "./model";
import { outlineOf } from "./preview";

/** The map is drawn again when typing pauses for this long. */
const QUIET_MS = 350;

export function Preview({ draft }: { readonly draft: Draft }) {
  const { t } = useSellerWords();
  const outline = useQuietOutline(draft);
  return (
    <section className={css.preview} aria-label={t("preview.title")}>
      <div>
        <h2 className={css.title}>{t("preview.title")}</h2>
        <p className="small soft">{t("preview.lead")}</p>
      </div>
      {outline ? (
        <House outline={outline} most={draft.maxSeats} name={draft.name.trim() || t("preview.title")} />
      ) : (
        <p className={css.nothing}>{t("preview.nothing")}</p>
      )}
    </section>
  );
}

/** The draft's plan when typing last paused; changes of other fields do not draw the map again. */
function useQuietOutline(draft: Draft): EventOutline | undefined {
  const { sections, currency } = draft;
  const [outline, setOutline] = useState(() => outlineOf(draft));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the outline counts
  useEffect(() => {
    const timer = setTimeout(() => setOutline(outlineOf(draft)), QUIET_MS);
    return () => clearTimeout(timer);
  }, [sections, currency]);
  return outline;
}

interface HouseProps {
  readonly outline: EventOutline;
  readonly most: number;
  readonly name: string;
}

function House({ outline, most, name }: HouseProps) {
  const { t, language } = useSellerWords();
  const store = useSeatStore(outline, { live: false });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setChosen(new Set()), []);
  const toggle = ({ id }: Seat) =>
    setChosen(now => (now.has(id) ? new Set([...now].filter(other => other !== id)) : new Set([...now, id])));
  return (
    <>
      <SeatMap
        className={css.map}
        label={name}
        store={store}
        selection={chosen}
        onToggleSeat={toggle}
        maxSelectable={most}
      />
      <p className="small soft" role="status">
        {chosen.size > 0 && t("preview.chosen", { count: chosen.size, seats: count(chosen.size, language) })}
      </p>
    </>
  );
}
