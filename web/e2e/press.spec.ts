//! One wish is one booking, however it is pressed; and a choice outlives the page it was made on.

import type { Page, Route } from "@playwright/test";
import type { Booking } from "#api";
import { expect, type Person, plan, test } from "./house";
import { held, live, openList, seat } from "./steps";

async function bookingsOf(buyer: Person): Promise<readonly Booking[]> {
  return (await buyer.call<{ data: Booking[] }>("GET", "/v1/bookings")).data;
}

/** Keeps the files of the booking's page back until they are let go. */
async function lateBookingPage(page: Page): Promise<() => void> {
  let goOn = () => {};
  const late = new Promise<void>(done => {
    goOn = done;
  });
  await page.route(/\/assets\/BookingPage-.*\.js/, async route => {
    await late;
    await route.continue();
  });
  return goOn;
}

test("a second press while the next page is on its way makes no second booking", async ({
  page,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await buyer.enter(page);
  const goOn = await lateBookingPage(page);
  await page.goto(`/events/${id}`);
  const button = page.getByRole("button", { name: "Get the best seats" });
  const pressed = await button.elementHandle();
  const answered = page.waitForResponse(answer => answer.url().endsWith("/v1/bookings"));
  const asked = page.waitForRequest(/assets\/BookingPage-.*\.js/);
  await button.click();
  await answered;
  await asked;
  await pressed?.evaluate((element: HTMLElement) => element.click());
  await page.keyboard.press("Enter");
  goOn();
  await expect(held(page)).toBeVisible();
  expect(await bookingsOf(buyer)).toHaveLength(1);
});

test.describe("an answer that is lost", () => {
  test.use({ allowed: /Failed to load resource|ERR_/ });

  const lose = async (route: Route) => {
    await route.fetch();
    await route.abort();
  };

  test("a fresh press is not answered with a booking that has ended since", async ({
    page,
    seller,
    buyer,
  }) => {
    const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
    await buyer.enter(page);
    await page.goto(`/events/${id}`);
    await page.route("**/v1/bookings", lose, { times: 1 });
    const button = page.getByRole("button", { name: "Get the best seats" });
    await button.click();
    await expect(page.getByRole("alert")).toContainText("No answer from the server");
    const [first] = await bookingsOf(buyer);
    if (!first) throw new Error("the request was made");
    await buyer.call("GET", `/v1/bookings/${first.id}?wait=10`);
    await buyer.cancel(first);
    await page.reload();
    await button.click();
    await expect(held(page)).toBeVisible();
    expect((await bookingsOf(buyer)).map(({ status }) => status)).toEqual(["pending_payment", "cancelled"]);
  });

  test("seats that it was about are never called taken; the next press, after a reload too, leads to them", async ({
    page,
    seller,
    buyer,
  }) => {
    const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
    await buyer.enter(page);
    await openList(page, id);
    await expect(live(page)).toBeVisible();
    for (const number of [4, 3]) await seat(page, 1, number).click();
    await page.route("**/v1/bookings", lose, { times: 1 });
    await page.getByRole("button", { name: "Hold 2 seats" }).click();
    await expect(page.getByRole("alert")).toContainText("No answer from the server");
    const areHere = async () => {
      await expect(seat(page, 1, 3)).toHaveAccessibleName(/yours/);
      await expect(page.getByRole("button", { name: "Hold 2 seats" })).toBeEnabled();
      await expect(page.getByText(/just taken/)).toHaveCount(0);
    };
    await areHere();
    await openList(page, id);
    await areHere();
    await page.getByRole("button", { name: "Hold 2 seats" }).click();
    await expect(held(page)).toBeVisible();
    expect(await bookingsOf(buyer)).toHaveLength(1);
  });
});

test("chosen seats outlive signing in and a reload; what was lost meanwhile is named", async ({
  page,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await openList(page, id);
  for (const number of [3, 4, 5]) await seat(page, 1, number).click();
  await page.getByRole("link", { name: "Sign in to book" }).click();
  await buyer.fillSignIn(page);
  await expect(page.getByRole("button", { name: "Hold 3 seats" })).toBeEnabled();

  await page.goto("/account");
  await (await house.person("buyer")).book(id, "A", ["A-1-1-4"]);
  await page.goto(`/events/${id}/seats`);
  await expect(live(page)).toBeVisible();
  await expect(page.getByText("A-1-1-4 was just taken").first()).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Hold 2 seats" }).click();
  await expect(held(page)).toBeVisible();

  await page.goto(`/events/${id}/seats`);
  await expect(page.getByText("No seats chosen yet").first()).toBeVisible();
});

test("two presses in one moment are one booking", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}`);
  const button = page.getByRole("button", { name: "Get the best seats" });
  await expect(button).toBeEnabled();
  await button.evaluate((element: HTMLElement) => {
    element.click();
    element.click();
  });
  await expect(held(page)).toBeVisible();
  expect(await bookingsOf(buyer)).toHaveLength(1);
});

test("what is chosen instead of held seats outlives a reload, with the ticks of those that stay", async ({
  page,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  const booking = await buyer.book(id, "A", ["A-1-1-1", "A-1-1-2"]);
  await buyer.enter(page);
  await page.goto(`/bookings/${booking.id}`);
  await page.getByRole("link", { name: "Choose other seats" }).click();
  await page.getByRole("tab", { name: "List" }).click();
  await seat(page, 2, 5).click();
  const stays = page.getByRole("group", { name: /^You hold A-1-1-1, A-1-1-2/ }).getByRole("checkbox");
  await stays.first().check();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();
  await page.reload();
  await expect(stays.first()).toBeChecked();
  await expect(stays.last()).not.toBeChecked();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();
});
