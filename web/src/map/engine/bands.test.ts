//! Prices are shown in bands that people can distinguish.

import { expect, it } from "vitest";
import { SeatStore } from "../store";
import { outline, section } from "../testing";
import { bandOfSections, bandSign, bandsOf, MOST_BANDS } from "./bands";

function bands(...amounts: readonly number[]) {
  const sections = amounts.map((amount_minor, index) => ({
    ...section(`S${index}`, [1, 2]),
    price: { amount_minor, currency: "TWD", decimals: 2 },
  }));
  return bandsOf(new SeatStore(outline(...sections)));
}

it.each([1, 2, 5, 6, 7, 12, 40])("%d prices are in at most five bands, the dearest first", count => {
  const amounts = Array.from({ length: count }, (_, index) => 100 * (1 + ((index * 11) % count)));
  const found = bands(...amounts);
  expect(found).toHaveLength(Math.min(count, MOST_BANDS));
  const places = bandOfSections(found);
  amounts.forEach((amount, section) => {
    const band = found[places[section] ?? -1];
    expect(band?.sections).toContain(section);
    expect(band?.cheapest.amount_minor).toBeLessThanOrEqual(amount);
    expect(band?.dearest.amount_minor).toBeGreaterThanOrEqual(amount);
  });
  const ends = found.flatMap(({ dearest, cheapest }) => [dearest.amount_minor, cheapest.amount_minor]);
  expect(ends).toEqual(ends.toSorted((a, b) => b - a));
});

it("sections of one price are in one band", () => {
  expect(bands(300, 500, 300)).toMatchObject([{ sections: [1] }, { sections: [0, 2] }]);
});

it("each band has a number of its own, unless there is one price", () => {
  expect([0, 1, 4].map(place => bandSign(place, 5))).toEqual(["①", "②", "⑤"]);
  expect(bandSign(0, 1)).toBe("");
});
