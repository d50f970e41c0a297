//! "As a buyer, I can select seats in real-time without conflicts, and receive live updates on seat availability."

import type { Browser, Page } from "@playwright/test";
import { arena, expect, type House, listenTo, number, type Person, plan, test } from "./house";

/** A second browser, with cookies of its own, in which someone is signed in. */
async function anotherBrowser(browser: Browser, house: House, person: Person) {
  const context = await browser.newContext({ baseURL: house.url });
  const page = await context.newPage();
  const complaints = listenTo(page, house);
  await person.enter(page);
  return { page, complaints, close: () => context.close() };
}

/** A house of one section opens it by itself. */
async function openRows(page: Page) {
  await page.getByRole("tab", { name: "List" }).click();
  await expect(page.getByRole("button", { name: /^Section A/ })).toHaveAttribute("aria-expanded", "true");
}

const seat = (page: Page, row: number, number: number) =>
  page.getByRole("gridcell", { name: new RegExp(`^Row ${row} seat ${number},`) });

test("of two browsers that want the same seat one gets it, the other is told and helped, and both agree", async ({
  page,
  browser,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  const rival = await anotherBrowser(browser, house, await house.person("buyer"));
  await buyer.enter(page);
  const both = [page, rival.page];
  for (const each of both) {
    await each.goto(`/events/${id}/seats`);
    await openRows(each);
    await seat(each, 2, 4).click();
    await expect(each.getByRole("button", { name: "Hold 1 seat" })).toBeEnabled();
  }
  // The first of them may be told on the map already, before the second has asked.
  await Promise.all(
    both.map(each =>
      each
        .getByRole("button", { name: "Hold 1 seat" })
        .click({ timeout: 10_000 })
        .catch(() => {}),
    ),
  );
  const got = (each: Page) => each.getByRole("heading", { name: "This seat is yours to pay" });
  const lost = (each: Page) =>
    each
      .getByRole("heading", { name: "No seats this time" })
      .or(each.getByText("A-1-2-4 was just taken").first());
  for (const each of both) await expect(got(each).or(lost(each))).toBeVisible();
  const winners = await Promise.all(both.map(each => got(each).isVisible()));
  expect(winners.filter(Boolean)).toHaveLength(1);

  const [winner, loser] = winners[0] ? both : [...both].reverse();
  if (!winner || !loser) throw new Error("there are two browsers");
  await loser
    .getByRole("button", { name: /^(Get the best free seat in section A|Take the nearest free)$/ })
    .click();
  await expect(got(loser).or(loser.getByRole("button", { name: "Hold 1 seat" }))).toBeVisible();

  for (const each of both) {
    await each.goto(`/events/${id}/seats`);
    await openRows(each);
    await expect(seat(each, 2, 4)).toHaveAccessibleName(each === winner ? /yours/ : /taken/);
  }
  expect(rival.complaints).toEqual([]);
  await rival.close();
});

test("a chosen seat that someone takes is named, the others stay, and the nearest is one press away", async ({
  page,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}/seats`);
  await openRows(page);
  await seat(page, 1, 4).click();
  await seat(page, 1, 5).click();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();

  const other = await house.person("buyer");
  await other.book(id, "A", ["A-1-1-5"]);
  await expect(page.getByText("A-1-1-5 was just taken").first()).toBeVisible();
  await expect(page.getByText("Your other seat is still chosen.")).toBeVisible();
  await expect(seat(page, 1, 5)).toHaveAccessibleName(/taken/);
  await page.getByRole("button", { name: "Take the nearest free" }).click();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();
  await page.getByRole("button", { name: "Hold 2 seats" }).click();
  await expect(page.getByRole("heading", { name: "These seats are yours to pay" })).toBeVisible();
});

test("the map is live while a rush sells the house, and ends with what the program says", async ({
  page,
  house,
  seller,
}) => {
  const { id } = await seller.create({ name: "Rush", seating: arena() });
  await page.goto(`/events/${id}`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const free = page.getByRole("row", { name: /^Section A/ }).getByText(/free$/);
  await expect(free).toHaveText("5,000 free");
  const seen = new Set<number>();
  const rush = house.rush(id, "--buyers", "60", "--pay", "80", "--time-limit", "6");
  let running = true;
  const ended = rush.finally(() => {
    running = false;
  });
  while (running) {
    seen.add(await number(free));
    await page.waitForTimeout(100);
  }
  expect((await ended).double_sold).toBe(0);
  expect(seen.size).toBeGreaterThan(2);
  await expect
    .poll(async () => {
      const { sections } = await seller.event(id);
      const shown = await page
        .getByRole("row", { name: /^Section/ })
        .getByText(/free$|Sold out|All in carts/)
        .allTextContents();
      return (
        shown.map(text => Number(text.replaceAll(/\D/g, ""))).join() === sections.map(s => s.available).join()
      );
    })
    .toBe(true);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
});
