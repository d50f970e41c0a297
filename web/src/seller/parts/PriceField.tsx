//! A field for a price, in the writing of any country.
//!
//! Promises: what could be read in two ways is shown as it was read, before anybody pays it.

import { decimals, moneyOf } from "../../lib/currency";
import { money } from "../../lib/format";
import { Field, type FieldProps } from "../../ui/Field";
import { readBack } from "../editor/money";
import { useSellerWords } from "../words";

export interface PriceFieldProps extends Pick<FieldProps, "label" | "hint" | "error"> {
  readonly value: string;
  readonly currency: string;
  readonly onChange: (text: string) => void;
}

export function PriceField({ currency, hint, ...field }: PriceFieldProps) {
  const { t, language } = useSellerWords();
  const minor = readBack(field.value, decimals(currency));
  const read = minor !== undefined && money(moneyOf(minor, currency), language);
  return (
    <Field
      {...field}
      hint={read ? t("section.reads", { price: read }) : hint}
      input={{ inputMode: "decimal", autoComplete: "off" }}
    />
  );
}
