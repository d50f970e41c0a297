//! How many decimals the amounts of a currency have.
//!
//! Promises: one answer for reading and for showing, in every browser: the minor unit of ISO 4217.
//! Never: the browser's locale data, in which it differs (HUF has 2 decimals in one, 0 in another).

/** ISO 4217, table A.1: the currencies whose minor unit is not a hundredth. */
const OTHERS: Readonly<Record<number, string>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const DECIMALS: ReadonlyMap<string, number> = new Map(
  Object.entries(OTHERS).flatMap(([digits, codes]) => codes.split(" ").map(code => [code, Number(digits)])),
);

export function decimals(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}
