//! The subsections of a section, one by one: those that differ say so.

import { count } from "../../lib/format";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { IconButton } from "../parts/IconButton";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import { type Mistake, mistakeAt } from "./mistakes";
import {
  type Block,
  isOverridden,
  removeBlock,
  rowsOf,
  type Section,
  seatsOfBlock,
  seatsPerRowOf,
  setBlock,
  setBlockCount,
} from "./model";
import { mistakeWords } from "./words";

export interface BlocksProps {
  readonly section: Section;
  readonly at: string;
  readonly mistakes: readonly Mistake[];
  readonly onChange: (key: string, change: (section: Section) => Section) => void;
}

export function Blocks({ section, at, mistakes, onChange }: BlocksProps) {
  const { t } = useSellerWords();
  const change = (to: (section: Section) => Section) => onChange(section.key, to);
  return (
    <div className={css.blocks}>
      <p className="small soft">{t("blocks.lead")}</p>
      <ul className={css["block-list"]}>
        {section.blocks.map((block, index) => (
          <OneBlock
            key={block.number}
            section={section}
            block={block}
            at={`${at}/subsections/${index}`}
            mistakes={mistakes}
            change={change}
          />
        ))}
      </ul>
      <div className="row">
        <Button size="sm" onPress={() => change(now => setBlockCount(now, now.blocks.length + 1))}>
          {t("blocks.add")}
        </Button>
        {section.blocks.some(isOverridden) && (
          <Button
            size="sm"
            look="quiet"
            onPress={() =>
              change(now => ({
                ...now,
                blocks: now.blocks.map(({ number }) => ({ number, rows: null, seatsPerRow: null })),
              }))
            }
          >
            {t("blocks.reset")}
          </Button>
        )}
      </div>
    </div>
  );
}

interface OneBlockProps {
  readonly section: Section;
  readonly block: Block;
  readonly at: string;
  readonly mistakes: readonly Mistake[];
  readonly change: (to: (section: Section) => Section) => void;
}

function OneBlock({ section, block, at, mistakes, change }: OneBlockProps) {
  const { t, language } = useSellerWords();
  const { number } = block;
  const error = (own: string | null, pointer: string) =>
    own === null ? undefined : mistakeWords(mistakeAt(mistakes, pointer), t, language);
  const seats = seatsOfBlock(section, block);
  return (
    <li className={css.block} data-differs={isOverridden(block) || undefined}>
      <strong className={css["block-name"]}>{t("blocks.name", { number })}</strong>
      <div data-at={block.rows === null ? undefined : `${at}/rows`}>
        <Field
          label={t("blocks.rows", { number })}
          value={rowsOf(section, block)}
          onChange={rows => change(now => setBlock(now, number, { rows }))}
          error={error(block.rows, `${at}/rows`)}
          input={{ inputMode: "numeric", autoComplete: "off" }}
        />
      </div>
      <span aria-hidden="true">×</span>
      <div data-at={block.seatsPerRow === null ? undefined : `${at}/seats_per_row`}>
        <Field
          label={t("blocks.seatsPerRow", { number })}
          value={seatsPerRowOf(section, block)}
          onChange={seatsPerRow => change(now => setBlock(now, number, { seatsPerRow }))}
          error={error(block.seatsPerRow, `${at}/seats_per_row`)}
          input={{ inputMode: "numeric", autoComplete: "off" }}
        />
      </div>
      <span className={css["block-seats"]}>
        {t("generator.seats", { count: seats, seats: count(seats, language) })}
        {isOverridden(block) && <em>{t("blocks.differs")}</em>}
      </span>
      <IconButton
        icon="bin"
        label={t("blocks.remove", { number })}
        disabled={section.blocks.length === 1}
        onPress={() => change(now => removeBlock(now, number))}
      />
    </li>
  );
}
