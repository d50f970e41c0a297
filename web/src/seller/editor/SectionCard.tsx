//! One section of the plan: its name, its price, how many subsections, rows and seats; subsections
//! that differ can be set one by one.

import { memo, useState } from "react";
import { count } from "../../lib/format";
import { Field } from "../../ui/Field";
import { IconButton } from "../parts/IconButton";
import { PriceField } from "../parts/PriceField";
import { useSellerWords } from "../words";
import { Blocks } from "./Blocks";
import css from "./Editor.module.css";
import { SECTION_NAME_CHARS, SUBSECTIONS_PER_SECTION } from "./limits";
import { type Mistake, mistakeAt, mistakesWithin } from "./mistakes";
import { isOverridden, type Section, seatsOfSection, setBlockCount, whole } from "./model";
import { mistakeWords } from "./words";

export interface SectionCardProps {
  readonly section: Section;
  readonly index: number;
  readonly all: number;
  readonly currency: string;
  /** Those of this section only, so that a change elsewhere leaves this one alone. */
  readonly mistakes: readonly Mistake[];
  readonly onChange: (key: string, change: (section: Section) => Section) => void;
  readonly onMove: (key: string, by: number) => void;
  readonly onDuplicate: (key: string) => void;
  readonly onRemove: (key: string) => void;
}

export const SectionCard = memo(function SectionCard(props: SectionCardProps) {
  const { section, index, all, currency, mistakes, onChange, onMove, onDuplicate, onRemove } = props;
  const { t, language } = useSellerWords();
  const [opened, setOpened] = useState(false);
  const at = `/seating/sections/${index}`;
  const differing = section.blocks.filter(isOverridden).length;
  const open =
    opened ||
    section.blocks.some(
      (block, n) => isOverridden(block) && mistakesWithin(mistakes, `${at}/subsections/${n}`) > 0,
    );
  const error = (mistake: Mistake | undefined) => mistakeWords(mistake, t, language, currency);
  const set = (change: Partial<Section>) => onChange(section.key, now => ({ ...now, ...change }));
  const name = section.name.trim() || t("section.unnamed");
  const seats = seatsOfSection(section);
  return (
    <li className={css.section} data-section={section.key} aria-label={t("section.label", { name })}>
      <div className={css.cells}>
        <div data-at={`${at}/name`}>
          <Field
            label={t("section.name")}
            value={section.name}
            onChange={value => set({ name: value })}
            error={error(mistakeAt(mistakes, `${at}/name`))}
            input={{ maxLength: SECTION_NAME_CHARS, autoComplete: "off" }}
          />
        </div>
        <CountField
          section={section}
          at={at}
          error={error(mistakeAt(mistakes, `${at}/subsections`))}
          onChange={onChange}
        />
        <SharedNumber section={section} at={at} field="rows" mistakes={mistakes} error={error} set={set} />
        <SharedNumber
          section={section}
          at={at}
          field="seatsPerRow"
          mistakes={mistakes}
          error={error}
          set={set}
        />
        <div data-at={`${at}/price_minor`}>
          <PriceField
            label={t("section.price", { currency })}
            currency={currency}
            value={section.price}
            onChange={price => set({ price })}
            error={error(mistakeAt(mistakes, `${at}/price_minor`))}
          />
        </div>
        <p className={css.seats}>
          <strong className="numbers">{count(seats, language)}</strong> {t("section.seats", { count: seats })}
        </p>
        <div className={css.tools}>
          <IconButton
            icon="rows"
            label={t("section.single", { name })}
            expanded={open}
            onPress={() => setOpened(!open)}
          >
            {differing > 0 && <span className={css.differing}>{differing}</span>}
          </IconButton>
          <IconButton
            icon="up"
            label={t("section.up", { name })}
            disabled={index === 0}
            onPress={() => onMove(section.key, -1)}
          />
          <IconButton
            icon="down"
            label={t("section.down", { name })}
            disabled={index === all - 1}
            onPress={() => onMove(section.key, 1)}
          />
          <IconButton
            icon="copy"
            label={t("section.copy", { name })}
            onPress={() => onDuplicate(section.key)}
          />
          <IconButton
            icon="bin"
            label={t("section.remove", { name })}
            onPress={() => onRemove(section.key)}
          />
        </div>
      </div>
      {open && <Blocks section={section} at={at} mistakes={mistakes} onChange={onChange} />}
    </li>
  );
});

function CountField({
  section,
  at,
  error,
  onChange,
}: Pick<SectionCardProps, "section" | "onChange"> & {
  readonly at: string;
  readonly error: string | undefined;
}) {
  const { t } = useSellerWords();
  const [typed, setTyped] = useState<string | null>(null);
  const type = (text: string) => {
    setTyped(text);
    const number = whole(text);
    // A slip of the finger must not make a million subsections; the limit is shown beside the
    // field.
    if (number !== undefined) onChange(section.key, now => setBlockCount(now, Math.min(number, MOST_MADE)));
  };
  return (
    <div data-at={`${at}/subsections`}>
      <Field
        label={t("section.subsections")}
        value={typed ?? String(section.blocks.length)}
        onChange={type}
        onBlur={() => setTyped(null)}
        error={error}
        input={{ inputMode: "numeric", autoComplete: "off" }}
      />
    </div>
  );
}

/** One more than the limit, so that the mistake shows. */
const MOST_MADE = SUBSECTIONS_PER_SECTION + 1;

interface SharedNumberProps {
  readonly section: Section;
  readonly at: string;
  readonly field: "rows" | "seatsPerRow";
  readonly mistakes: readonly Mistake[];
  readonly error: (mistake: Mistake | undefined) => string | undefined;
  readonly set: (change: Partial<Section>) => void;
}

/**
 * The rows or seats of all subsections that have none of their own. Their mistakes are this
 * field's.
 */
function SharedNumber({ section, at, field, mistakes, error, set }: SharedNumberProps) {
  const { t } = useSellerWords();
  const wire = field === "rows" ? "rows" : "seats_per_row";
  const first = section.blocks.findIndex(block => block[field] === null);
  const pointer = `${at}/subsections/${first}/${wire}`;
  return (
    <div data-at={pointer}>
      <Field
        label={t(field === "rows" ? "section.rows" : "section.seatsPerRow")}
        value={section[field]}
        onChange={value => set({ [field]: value })}
        error={first < 0 ? undefined : error(mistakeAt(mistakes, pointer))}
        input={{ inputMode: "numeric", autoComplete: "off" }}
      />
    </div>
  );
}
