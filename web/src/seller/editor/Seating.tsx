//! The plan: the generator, and the sections one by one.

import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { toast } from "../../ui/toast";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import { Generator } from "./Generator";
import { SECTIONS_PER_EVENT } from "./limits";
import { type Mistake, mistakeAt } from "./mistakes";
import {
  addSection,
  type Draft,
  duplicateSection,
  generate,
  moveSection,
  type Pattern,
  removeSection,
  type Section,
  withSection,
} from "./model";
import { SectionCard } from "./SectionCard";
import { mistakeWords } from "./words";

export interface SeatingProps {
  readonly draft: Draft;
  readonly mistakes: readonly Mistake[];
  readonly onChange: (to: (draft: Draft) => Draft) => void;
}

export function Seating({ draft, mistakes, onChange }: SeatingProps) {
  const { t, language } = useSellerWords();
  const { sections, currency } = draft;
  const edit = useSectionEdits(draft, onChange);
  const ofSection = useMistakesBySection(mistakes);
  const whole = mistakeAt(mistakes, "/seating/sections");
  return (
    <section className={css.card} aria-labelledby="seating-title" data-at="/seating/sections">
      <div>
        <h2 id="seating-title" className={css.title}>
          {t("seating.title")}
        </h2>
        <p className="small soft">{t("seating.lead")}</p>
      </div>
      <details className={css.generate} open={sections.length === 0}>
        <summary>
          <Icon name="spark" /> {t("generator.title")}
        </summary>
        <Generator currency={currency} sections={sections.length} onGenerate={edit.generate} />
      </details>
      {whole && (
        <p role="alert" className={css["too-many"]}>
          {mistakeWords(whole, t, language)}
        </p>
      )}
      {sections.length > 0 && (
        <ol className={css.sections}>
          {sections.map((section, index) => (
            <SectionCard
              key={section.key}
              section={section}
              index={index}
              all={sections.length}
              currency={currency}
              mistakes={ofSection(index)}
              onChange={edit.change}
              onMove={edit.move}
              onDuplicate={edit.duplicate}
              onRemove={edit.remove}
            />
          ))}
        </ol>
      )}
      <div className="row">
        <Button isDisabled={sections.length >= SECTIONS_PER_EVENT} onPress={edit.add}>
          <Icon name="plus" size={18} /> {t("section.add")}
        </Button>
        <output className="visually-hidden" aria-live="polite">
          {edit.announcement}
        </output>
      </div>
    </section>
  );
}

const NONE: readonly Mistake[] = [];

/**
 * Each section's mistakes, the same list as long as they are the same mistakes: a section that did
 * not change is not drawn again.
 */
function useMistakesBySection(mistakes: readonly Mistake[]): (index: number) => readonly Mistake[] {
  const before = useRef(new Map<number, readonly Mistake[]>());
  const found = new Map<number, Mistake[]>();
  for (const mistake of mistakes) {
    const index = /^\/seating\/sections\/(\d+)\//.exec(mistake.pointer)?.[1];
    if (index === undefined) continue;
    const list = found.get(Number(index)) ?? [];
    list.push(mistake);
    found.set(Number(index), list);
  }
  const now = new Map<number, readonly Mistake[]>();
  for (const [index, list] of found) {
    const known = before.current.get(index);
    now.set(index, known && JSON.stringify(known) === JSON.stringify(list) ? known : list);
  }
  before.current = now;
  return index => now.get(index) ?? NONE;
}

/**
 * Every change of sections, as buttons call them. What takes something away can be undone from its
 * message.
 */
function useSectionEdits(draft: Draft, onChange: SeatingProps["onChange"]) {
  const { t } = useSellerWords();
  const [announcement, announce] = useState("");
  const latest = useRef(draft);
  latest.current = draft;
  const moved = useRef<{ key: string; by: number } | null>(null);
  useFocusAfterMove(draft.sections, moved);
  const nameOf = useCallback(
    (key: string) => latest.current.sections.find(section => section.key === key)?.name ?? "",
    [],
  );
  const undoable = useCallback(
    (title: string, sections: readonly Section[]) => {
      const undo = () => onChange(now => ({ ...now, sections }));
      toast({ title, action: { label: t("seating.undo"), run: undo } });
    },
    [onChange, t],
  );
  return {
    announcement,
    add: useCallback(() => onChange(addSection), [onChange]),
    change: useCallback(
      (key: string, change: (section: Section) => Section) => onChange(now => withSection(now, key, change)),
      [onChange],
    ),
    move: useCallback(
      (key: string, by: number) => {
        moved.current = { key, by };
        onChange(now => moveSection(now, key, by));
        const { sections } = latest.current;
        const place = sections.findIndex(section => section.key === key) + by + 1;
        announce(t("section.moved", { name: nameOf(key), place, all: sections.length }));
      },
      [onChange, nameOf, t],
    ),
    duplicate: useCallback(
      (key: string) => {
        onChange(now => duplicateSection(now, key));
        announce(t("section.copied", { name: nameOf(key) }));
      },
      [onChange, nameOf, t],
    ),
    remove: useCallback(
      (key: string) => {
        undoable(t("section.removed", { name: nameOf(key) }), latest.current.sections);
        onChange(now => removeSection(now, key));
      },
      [onChange, nameOf, undoable, t],
    ),
    generate: useCallback(
      (pattern: Pattern, how: "replace" | "add") => {
        const { sections, currency } = latest.current;
        const staying = how === "add" ? sections : [];
        const made = generate(pattern, currency, staying);
        onChange(now => ({ ...now, sections: [...staying, ...made] }));
        if (how === "replace" && sections.length > 0) undoable(t("seating.replaced"), sections);
        announce(t("seating.made", { count: made.length }));
      },
      [onChange, undoable, t],
    ),
  };
}

/** The button that moved a section keeps the focus, or its sibling does when the end is reached. */
function useFocusAfterMove(
  sections: readonly Section[],
  moved: { current: { key: string; by: number } | null },
) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the sections have changed
  useEffect(() => {
    if (!moved.current) return;
    const { key, by } = moved.current;
    moved.current = null;
    const buttons = document.querySelectorAll<HTMLButtonElement>(
      `[data-section="${CSS.escape(key)}"] [data-move]`,
    );
    const [up, down] = buttons;
    const wanted = by < 0 ? [up, down] : [down, up];
    wanted.find(button => button && !button.disabled)?.focus();
  }, [sections]);
}
