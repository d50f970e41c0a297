import { expect, test } from "vitest";
import { formatMoney } from "../map/money";
import { CURRENCIES, decimals, moneyOf } from "./currency";

/** Those that browsers show with other decimals than the server means. */
const DISPUTED = "HUF IDR COP PKR RSD LBP LAK MMK ALL IRR SYP AFN MGA SOS KPW YER".split(" ");

test.each(DISPUTED)("1500000 minor of %s is 15,000", currency => {
  expect(formatMoney(moneyOf(1_500_000, currency), "en")).toMatch(/^\D*15,000$/);
  expect(formatMoney(moneyOf(1_500_050, currency), "en")).toMatch(/^\D*15,000\.50$/);
});

test.each([
  ["IQD", 1_500_000, "1,500"],
  ["JPY", 1_500, "1,500"],
  ["KWD", 1_234, "1.234"],
  ["CLF", 12_345, "1.2345"],
  ["TWD", 12_345, "123.45"],
])("%s %s is %s", (currency, amount_minor, text) => {
  expect(formatMoney(moneyOf(amount_minor, currency), "en")).toMatch(new RegExp(`^\\D*${text}$`));
});

test("a currency without a sign that every browser knows is shown by its code", () => {
  expect(formatMoney(moneyOf(150_050, "XCG"), "en")).toBe("XCG\u00a01,500.50");
});

test("an amount is shown with the decimals that it names, and with its currency's where it names none", () => {
  expect(formatMoney({ amount_minor: 12_345, currency: "TWD", decimals: 3 }, "en")).toBe("NT$12.345");
  expect(formatMoney(JSON.parse('{"amount_minor":12345,"currency":"JPY"}'), "en")).toBe("¥12,345");
});

test("every currency is shown with its own decimals", () => {
  for (const currency of CURRENCIES) {
    const digits = decimals(currency);
    const shown = formatMoney(moneyOf(10 ** digits + 1, currency), "en");
    expect([currency, shown.replace(/^[^\d]*/, "")]).toEqual([
      currency,
      digits === 0 ? "2" : `1.${"1".padStart(digits, "0")}`,
    ]);
  }
});
