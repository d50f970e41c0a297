//! "As a buyer, I can select seats in real-time without conflicts, and receive live updates on seat
//! availability."

import type { Page } from "@playwright/test";
import { arena, expect, numbersSeen, plan, test } from "./house";
import { held, live, openList, seat } from "./steps";

test("of two browsers that want the same seat one gets it, the other is informed and helped, and both agree", async ({
  page,
  another,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  const rival = await another();
  await (await house.person("buyer")).enter(rival);
  await buyer.enter(page);
  const both = [page, rival];
  for (const each of both) {
    await openList(each, id);
    await seat(each, 2, 4).click();
    await expect(each.getByRole("button", { name: "Hold 1 seat" })).toBeEnabled();
  }
  // At once, since the map would show the second buyer the loss a moment later.
  const buttons = await Promise.all(
    both.map(each => each.getByRole("button", { name: "Hold 1 seat" }).elementHandle()),
  );
  await Promise.all(buttons.map(button => button?.evaluate((element: HTMLElement) => element.click())));
  const lost = (each: Page) =>
    each
      .getByRole("heading", { name: "No seats this time" })
      .or(each.getByText("A-1-2-4 was just taken").first());
  for (const each of both) await expect(held(each).or(lost(each))).toBeVisible();
  const winners = await Promise.all(both.map(each => held(each).isVisible()));
  expect(winners.filter(Boolean)).toHaveLength(1);

  const [winner, loser] = winners[0] ? both : both.toReversed();
  if (!winner || !loser) throw new Error("there are two browsers");
  await loser
    .getByRole("button", { name: /^(Get the best free seat in section A|Take the nearest free)$/ })
    .click();
  await expect(held(loser).or(loser.getByRole("button", { name: "Hold 1 seat" }))).toBeVisible();

  for (const each of both) {
    await openList(each, id);
    await expect(seat(each, 2, 4)).toHaveAccessibleName(each === winner ? /yours/ : /held/);
  }
});

test("a chosen seat that someone takes is named, the others stay, and the nearest is one press away", async ({
  page,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await buyer.enter(page);
  await openList(page, id);
  await seat(page, 1, 4).click();
  await seat(page, 1, 5).click();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();

  const other = await house.person("buyer");
  await other.book(id, "A", ["A-1-1-5"]);
  await expect(page.getByText("A-1-1-5 was just taken").first()).toBeVisible();
  await expect(page.getByText("Your other seat is still chosen.")).toBeVisible();
  await expect(seat(page, 1, 5)).toHaveAccessibleName(/held/);
  await page.getByRole("button", { name: "Take the nearest free" }).click();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();
  await page.getByRole("button", { name: "Hold 2 seats" }).click();
  await expect(held(page)).toBeVisible();
});

test("the map is live while a rush sells the house, and ends with what the program says", async ({
  page,
  house,
  seller,
}) => {
  const { id } = await seller.create({ name: "Rush", seating: arena() });
  await page.goto(`/events/${id}`);
  await expect(live(page)).toBeVisible();
  const free = page.getByRole("row", { name: /^Section A/ }).getByText(/free$/);
  await expect(free).toHaveText("5,000 free");
  const seen = await numbersSeen(free);
  const report = await house.rush(id, "--buyers", "60", "--pay", "80", "--time-limit", "6");
  expect(report.double_sold).toBe(0);
  expect(new Set(await seen()).size).toBeGreaterThan(2);
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
  await expect(live(page)).toBeVisible();
});
