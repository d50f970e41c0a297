//! What is said about a section, a block or a seat: by the tooltip to the eye, by the live region
//! to the ear.

import type { MapTexts } from "../../words/en";
import { goneWords } from "../availability";
import type { Target } from "../engine/scene";
import { formatMoney } from "../money";
import { at, seatId } from "../plan";
import type { Counts, SeatChoiceProps } from "../types";
import { type SeatState, seatState } from "./choice";

export interface Description {
  readonly title: string;
  readonly detail: string;
  readonly price: string;
  readonly state: string;
  /** Of seats only: its mark in the tooltip. */
  readonly mark: SeatState | null;
  /** All of it in one sentence. */
  readonly spoken: string;
}

export function describeTarget(
  props: SeatChoiceProps,
  texts: MapTexts,
  locale: string,
  target: Target,
): Description {
  if (target.kind === "seat") return describeSeat(props, texts, locale, target.index);
  return target.kind === "block"
    ? describeBlock(props, texts, locale, target.index)
    : describeSection(props, texts, locale, target.index);
}

function describeSection(
  { store }: SeatChoiceProps,
  texts: MapTexts,
  locale: string,
  index: number,
): Description {
  const { name } = at(store.plan.sections, index);
  const price = formatMoney(store.price(index), locale);
  const state = availabilityWords(texts, locale, store.countsOfSection(index));
  const spoken = texts.sectionSpoken(name, price, state);
  return { title: texts.section(name), detail: "", price, state, mark: null, spoken };
}

function describeBlock(
  { store }: SeatChoiceProps,
  texts: MapTexts,
  locale: string,
  index: number,
): Description {
  const block = at(store.plan.blocks, index);
  const { name } = at(store.plan.sections, block.section);
  const price = formatMoney(store.price(block.section), locale);
  const state = availabilityWords(texts, locale, store.countsOfBlock(index));
  const spoken = texts.subsectionSpoken(name, block.number, state);
  return { title: texts.subsectionLong(name, block.number), detail: "", price, state, mark: null, spoken };
}

function describeSeat(props: SeatChoiceProps, texts: MapTexts, locale: string, index: number): Description {
  const seat = props.store.seat(index);
  const mark = seatState(props, index, seatId(props.store.plan, index));
  const price = formatMoney(seat.price, locale);
  const state = texts.states[mark];
  const place = texts.seatPlace(seat.section, seat.subsection);
  const spoken = `${texts.seatSpoken(seat.row, seat.seat, state, price)}. ${place}`;
  return { title: seat.id, detail: texts.rowAndSeat(seat.row, seat.seat), price, state, mark, spoken };
}

export function availabilityWords(texts: MapTexts, locale: string, counts: Counts): string {
  const all = counts.available + counts.reserved + counts.sold;
  const free = texts.freeOf(counts.available.toLocaleString(locale), all.toLocaleString(locale));
  return goneWords(texts, counts) ?? free;
}
