//! The list twin of the map: section, subsection, rows of seats, with the same store and the same
//! selection.
//!
//! Promises: everything that can be done on the map can be done here with keys alone and with a
//! screen reader; only the seats of the subsection that is open are in the page, and of a large one
//! only some rows at a time.

import { useId, useState } from "react";
import { formatMoney } from "../money";
import { at, type Block, type PlanSection } from "../plan";
import type { SeatListProps } from "../types";
import type { Answer } from "./choice";
import { availabilityWords } from "./describe";
import { useStoreVersion } from "./hooks";
import { Refused } from "./Notice";
import { SeatGrid } from "./SeatGrid";
import styles from "./SeatList.module.css";
import { useMapLocale, useMapTexts } from "./texts";

export function SeatList({ className, ...choice }: SeatListProps) {
  const texts = useMapTexts();
  const [answer, setAnswer] = useState<Answer>({ said: "", refused: false });
  const [open, setOpen] = useState<number | null>(choice.store.plan.sections.length === 1 ? 0 : null);
  return (
    <section className={[styles.root, className].filter(Boolean).join(" ")} aria-label={texts.list.title}>
      <div className={styles.refused}>
        {answer.refused && (
          <Refused text={answer.said} onSeen={() => setAnswer({ ...answer, refused: false })} />
        )}
      </div>
      <ul className={styles.sections}>
        {choice.store.plan.sections.map(section => (
          <li key={section.index}>
            <SectionItem
              choice={choice}
              section={section}
              open={open === section.index}
              onOpen={isOpen => setOpen(isOpen ? section.index : null)}
              onAnswer={setAnswer}
            />
          </li>
        ))}
      </ul>
      <output className={styles.hidden} aria-live="polite">
        {answer.said}
      </output>
    </section>
  );
}

interface SectionItemProps {
  readonly choice: SeatListProps;
  readonly section: PlanSection;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onAnswer: (answer: Answer) => void;
}

function SectionItem({ choice, section, open, onOpen, onAnswer }: SectionItemProps) {
  const { store } = choice;
  useStoreVersion(store);
  const texts = useMapTexts();
  const locale = useMapLocale();
  const body = useId();
  return (
    <>
      <button
        type="button"
        className={styles.section}
        aria-expanded={open}
        aria-controls={body}
        onClick={() => onOpen(!open)}
      >
        <strong>{texts.section(section.name)}</strong>
        <span>{formatMoney(store.price(section.index), locale)}</span>
        <span className={styles.free}>
          {availabilityWords(texts, locale, store.countsOfSection(section.index))}
        </span>
      </button>
      <div id={body} className={styles.body} hidden={!open}>
        {open && <Subsections choice={choice} section={section} onAnswer={onAnswer} />}
      </div>
    </>
  );
}

function Subsections({
  choice,
  section,
  onAnswer,
}: Pick<SectionItemProps, "choice" | "section" | "onAnswer">) {
  const { store } = choice;
  const texts = useMapTexts();
  const locale = useMapLocale();
  const [index, setIndex] = useState<number | null>(section.blocks.length === 1 ? 0 : null);
  const block: Block | null = index === null ? null : at(section.blocks, index);
  return (
    <>
      {section.blocks.length > 1 && (
        <ul className={styles.subsections} aria-label={texts.list.subsections(section.name)}>
          {section.blocks.map((each, place) => (
            <li key={each.index}>
              <button
                type="button"
                className={styles.subsection}
                aria-pressed={place === index}
                onClick={() => setIndex(place === index ? null : place)}
              >
                {texts.subsectionName(each.number)}
                <span className={styles.free}>
                  {availabilityWords(texts, locale, store.countsOfBlock(each.index))}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {block && <SeatGrid key={block.index} choice={choice} block={block} onAnswer={onAnswer} />}
    </>
  );
}
