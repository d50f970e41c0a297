//! The figures of each section. A press on a column's name sorts by it; until then the order is the
//! seller's.

import { useMemo, useState } from "react";
import type { SectionSales } from "#api";
import { count, money, percent } from "../../lib/format";
import { HouseBar } from "../parts/HouseBar";
import { useSellerWords } from "../words";
import css from "./SalesPage.module.css";
import { type Column, sortedBy } from "./sorting";

const COLUMNS: readonly Column[] = ["name", "sold", "reserved", "available", "share", "revenue"];

export function SectionTable({ sections }: { readonly sections: readonly SectionSales[] }) {
  const { t } = useSellerWords();
  const [order, setOrder] = useState<{ column: Column; falling: boolean } | null>(null);
  const sorted = useMemo(
    () => (order ? sortedBy(sections, order.column, order.falling) : sections),
    [sections, order],
  );
  const press = (column: Column) =>
    setOrder(now =>
      now?.column === column ? { column, falling: !now.falling } : { column, falling: column !== "name" },
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className={css.scroll} tabIndex={0} aria-label={t("sales.bySection")}>
      <table className={css.table}>
        <caption className="visually-hidden">{t("sales.bySection")}</caption>
        <thead>
          <tr>
            {COLUMNS.map(column => {
              const sorting =
                order?.column === column ? (order.falling ? "descending" : "ascending") : "none";
              return (
                <th key={column} scope="col" aria-sort={sorting}>
                  <button type="button" onClick={() => press(column)}>
                    {t(`sales.columns.${column}`)}
                    <span aria-hidden="true" className={css.arrow}>
                      {sorting === "descending" ? "↓" : sorting === "ascending" ? "↑" : ""}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map(section => (
            <Row key={section.name} section={section} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ section }: { readonly section: SectionSales }) {
  const { language } = useSellerWords();
  const { name, sold, reserved, available, revenue } = section;
  const all = sold + reserved + available;
  return (
    <tr data-testid={`section-${name}`}>
      <th scope="row">{name}</th>
      <td>{count(sold, language)}</td>
      <td>{count(reserved, language)}</td>
      <td>{count(available, language)}</td>
      <td>
        <div className={css.share}>
          <HouseBar counts={section} thin />
          <span>{percent(all ? sold / all : 0, language)}</span>
        </div>
      </td>
      <td>{money(revenue, language)}</td>
    </tr>
  );
}
