import { expect, test } from "vitest";
import { formatMoney } from "../map/money";
import { decimals } from "./currency";

/** Those that browsers show with other decimals than the server means. */
const DISPUTED = "HUF IDR COP PKR RSD LBP LAK MMK ALL IRR SYP AFN MGA SOS KPW YER".split(" ");

test.each(DISPUTED)("1500000 minor of %s is 15,000", currency => {
  expect(formatMoney({ amount_minor: 1_500_000, currency }, "en")).toMatch(/^\D*15,000$/);
  expect(formatMoney({ amount_minor: 1_500_050, currency }, "en")).toMatch(/^\D*15,000\.50$/);
});

test.each([
  ["IQD", 1_500_000, "1,500"],
  ["JPY", 1_500, "1,500"],
  ["KWD", 1_234, "1.234"],
  ["CLF", 12_345, "1.2345"],
  ["TWD", 12_345, "123.45"],
])("%s %s is %s", (currency, amount_minor, text) => {
  expect(formatMoney({ amount_minor, currency }, "en")).toMatch(new RegExp(`^\\D*${text}$`));
});

test("every currency that a browser knows is shown with its own decimals", () => {
  for (const currency of Intl.supportedValuesOf("currency")) {
    const digits = decimals(currency);
    const shown = formatMoney({ amount_minor: 10 ** digits + 1, currency }, "en");
    expect([currency, shown.replace(/^[^\d]*/, "")]).toEqual([
      currency,
      digits === 0 ? "2" : `1.${"1".padStart(digits, "0")}`,
    ]);
  }
});
