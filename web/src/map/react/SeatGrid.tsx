//! The seats of one subsection as a grid: one stop for the tab key, arrows within, Enter or Space
//! to choose.
//!
//! Promises: a seat keeps the focus while others change around it; a screen reader hears place,
//! state and price of each.

import { type KeyboardEvent, type MouseEvent, memo, useEffect, useRef, useState } from "react";
import { formatMoney } from "../money";
import { type Block, columnOf, rowOf, seatAt, seatId } from "../plan";
import type { MapMode, SeatChoiceProps } from "../types";
import { type Answer, pressSeat, type SeatState, seatState } from "./choice";
import { useBlockVersion } from "./hooks";
import styles from "./SeatList.module.css";
import { SeatMark } from "./SeatMark";
import { useMapLocale, useMapTexts } from "./texts";

/** So many seats are in the page at once. */
const SEATS_PER_PAGE = 800;
const ROWS_PER_PAGE = 40;

export interface SeatGridProps {
  readonly choice: SeatChoiceProps;
  readonly block: Block;
  /** The outcome of a press. */
  readonly onAnswer: (answer: Answer) => void;
}

export function SeatGrid({ choice, block, onAnswer }: SeatGridProps) {
  const { store, mode = "buyer" } = choice;
  useBlockVersion(store, block.index);
  const texts = useMapTexts();
  const locale = useMapLocale();
  const grid = useRef<HTMLTableElement>(null);
  const moved = useRef(false);
  const [current, setCurrent] = useState(() => store.firstFree(block) ?? block.first);
  const size = Math.min(Math.max(Math.floor(SEATS_PER_PAGE / block.perRow), 1), ROWS_PER_PAGE);
  const page = Math.floor(rowOf(block, current) / size);
  const rows = Array.from(
    { length: Math.min(size, block.rows - page * size) },
    (_, row) => page * size + row,
  );
  const price = formatMoney(store.price(block.section), locale);

  // The seat may be on another page, which is there only now.
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-seat="${current}"]`)?.focus();
  }, [current]);

  const move = (seat: number | undefined) => {
    if (seat === undefined) return;
    moved.current = true;
    setCurrent(seat);
  };
  const press = (seat: number) => {
    setCurrent(seat);
    onAnswer(pressSeat(choice, texts, seat));
  };
  const onClick = ({ target }: MouseEvent) => {
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-seat]") : null;
    if (cell) press(Number(cell.dataset.seat));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") press(current);
    else {
      const next = nextSeat(block, current, event.key, event.ctrlKey, size);
      if (next === undefined) return;
      move(next);
    }
    event.preventDefault();
  };

  return (
    <div className={styles.gridFrame}>
      {block.rows > size && (
        <p className={styles.pages}>
          <button
            type="button"
            disabled={page === 0}
            onClick={() => setCurrent(block.first + (page - 1) * size * block.perRow)}
          >
            {texts.list.earlier}
          </button>
          {texts.list.rows(page * size + 1, page * size + rows.length, block.rows)}
          <button
            type="button"
            disabled={(page + 1) * size >= block.rows}
            onClick={() => setCurrent(block.first + (page + 1) * size * block.perRow)}
          >
            {texts.list.later}
          </button>
        </p>
      )}
      <div className={styles.scroller}>
        <table
          ref={grid}
          className={styles.grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys
          role="grid"
          aria-label={texts.list.seats(texts.seatPlace(sectionName(choice, block), block.number))}
          aria-description={texts.list.keys}
          aria-rowcount={block.rows}
          aria-colcount={block.perRow + 1}
          aria-multiselectable="true"
          onKeyDown={onKeyDown}
          onClick={onClick}
        >
          <tbody>
            {rows.map(row => (
              <tr key={row} aria-rowindex={row + 1}>
                <th scope="row" className={styles.rowName}>
                  {texts.row(row + 1)}
                </th>
                {Array.from({ length: block.perRow }, (_, column) => {
                  const seat = block.first + row * block.perRow + column;
                  const state = seatState(choice, seat, seatId(store.plan, seat));
                  return (
                    <SeatCell
                      key={seat}
                      seat={seat}
                      column={column}
                      state={state}
                      mode={mode}
                      label={texts.seatSpoken(row + 1, column + 1, texts.states[state], price)}
                      current={seat === current}
                    />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface SeatCellProps {
  readonly seat: number;
  readonly column: number;
  readonly state: SeatState;
  readonly mode: MapMode;
  readonly label: string;
  readonly current: boolean;
}

/** Rendered again only when its own state or the focus changes. */
const SeatCell = memo(({ seat, column, state, mode, label, current }: SeatCellProps) => (
  <td
    className={styles.seat}
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: of the grid above
    role="gridcell"
    aria-colindex={column + 2}
    aria-label={label}
    aria-selected={state === "chosen" || state === "mine"}
    aria-disabled={mode === "buyer" && state !== "free" && state !== "chosen"}
    data-seat={seat}
    data-state={state}
    tabIndex={current ? 0 : -1}
  >
    {state === "free" ? column + 1 : <SeatMark state={state} mode={mode} size={20} />}
  </td>
));

function sectionName({ store }: SeatChoiceProps, block: Block): string {
  return store.plan.sections[block.section]?.name ?? "";
}

/** Where a key leads; undefined: nowhere, or the key means nothing here. */
function nextSeat(block: Block, seat: number, key: string, all: boolean, page: number): number | undefined {
  const [row, column] = [rowOf(block, seat), columnOf(block, seat)];
  const last = { row: block.rows - 1, column: block.perRow - 1 };
  switch (key) {
    case "ArrowLeft":
      return seatAt(block, row, column - 1);
    case "ArrowRight":
      return seatAt(block, row, column + 1);
    case "ArrowUp":
      return seatAt(block, row - 1, column);
    case "ArrowDown":
      return seatAt(block, row + 1, column);
    case "Home":
      return seatAt(block, all ? 0 : row, 0);
    case "End":
      return seatAt(block, all ? last.row : row, last.column);
    case "PageUp":
      return seatAt(block, Math.max(row - page, 0), column);
    case "PageDown":
      return seatAt(block, Math.min(row + page, last.row), column);
    default:
      return undefined;
  }
}
