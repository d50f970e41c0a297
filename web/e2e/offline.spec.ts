//! The own tickets without a server: what was seen stays, says from when it is, and is nobody
//! else's.

import type { Page } from "@playwright/test";
import { expect, type Person, plan, test } from "./house";

test.use({ serviceWorkers: "allow", allowed: /Failed to load resource|ERR_/ });

async function paidBooking(seller: Person, buyer: Person) {
  const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
  return await buyer.pay(await buyer.book(id, "A", 2));
}

const codes = (page: Page) => page.getByRole("img", { name: /^QR code of the ticket for A-1-/ });
const list = (page: Page) => page.getByRole("tabpanel").getByRole("article");

/** Looks at both pages until this browser has kept what they and signing out need. */
async function see(page: Page, booking: string): Promise<void> {
  await page.goto("/bookings");
  await expect(list(page)).toHaveCount(1);
  await page.goto(`/bookings/${booking}`);
  await expect(codes(page)).toHaveCount(2);
  await keptFiles(page);
}

/** Waits until this browser has kept the files of the page and of those behind it. */
async function keptFiles(page: Page): Promise<void> {
  const kept = () =>
    page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      const used = performance.getEntriesByType("resource").map(({ name }) => name);
      const files = ["/", ...used.filter(name => name.includes("/assets/"))];
      const missing = await Promise.all(files.map(async file => ((await caches.match(file)) ? [] : [file])));
      const ways = ["AccountPage-", "BookingPage-"].filter(way => !used.some(name => name.includes(way)));
      return [...ways, ...missing.flat()];
    });
  await expect.poll(kept).toEqual([]);
}

test("tickets that were seen open while the server is away, and say from when they are", async ({
  page,
  program,
  seller,
  buyer,
}) => {
  const booking = await paidBooking(seller, buyer);
  await buyer.enter(page);
  await see(page, booking.id);
  await program.kill();
  await page.reload();
  await expect(codes(page)).toHaveCount(2);
  await expect(
    page.getByText(/^The server cannot be reached\. You see what this device kept on/),
  ).toBeVisible();
  await page.goto("/bookings");
  await expect(list(page)).toHaveCount(1);
  await expect(page.getByText(/^The server cannot be reached/)).toBeVisible();
  await program.again();
  await expect(page.getByText(/^The server cannot be reached/)).toBeHidden();
  await expect(list(page)).toHaveCount(1);
});

/** How many values in the browser's storage name a booking. */
function left(page: Page, booking: string): Promise<number> {
  return page.evaluate(id => Object.values(localStorage).filter(value => value.includes(id)).length, booking);
}

test("when only the list was seen, it opens while the server is away, and so do the tickets of the next shows", async ({
  page,
  program,
  seller,
  buyer,
}) => {
  const { id: booking, event_id } = await paidBooking(seller, buyer);
  const cancelled = await buyer.cancel(await buyer.book(event_id, "A", 1));
  await buyer.enter(page);
  await page.goto("/bookings");
  await expect(list(page)).toHaveCount(1);
  await keptFiles(page);
  // The booking, its tickets, its event.
  await expect.poll(() => left(page, booking)).toBeGreaterThanOrEqual(3);
  await program.kill();
  await page.reload();
  await expect(list(page)).toContainText("Row 1, seats 1–2");
  await expect(page.getByText(/^The server cannot be reached/)).toBeVisible();
  await list(page).getByRole("link").click();
  await expect(page).toHaveURL(`/bookings/${booking}`);
  await expect(codes(page)).toHaveCount(2);
  await expect(page.getByText(/^The server cannot be reached/)).toBeVisible();
  // What was never seen says why it is not there.
  await page.goto(`/bookings/${cancelled.id}`);
  await expect(page.getByRole("heading", { name: "No answer from the server" })).toBeVisible();
  await program.again();
  await expect(page.getByRole("heading", { name: "You gave these seats back" })).toBeVisible();
});

test("who signs out leaves nothing behind for the next", async ({ page, seller, buyer }) => {
  const booking = await paidBooking(seller, buyer);
  await buyer.signIn(page);
  await see(page, booking.id);
  expect(await left(page, booking.id)).toBeGreaterThan(0);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
  expect(await left(page, booking.id)).toBe(0);
});

test("who signs out while the server is away leaves nothing either, and the session ends", async ({
  page,
  house,
  program,
  seller,
  buyer,
}) => {
  const booking = await paidBooking(seller, buyer);
  await buyer.signIn(page);
  await see(page, booking.id);
  const session = (await page.context().cookies()).filter(({ name }) => name === "session");
  expect(session).toHaveLength(1);
  await program.kill();
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are signed out on this device.")).toBeVisible();
  expect(await left(page, booking.id)).toBe(0);
  await program.again();
  const ended = page.waitForResponse(
    answer => answer.request().method() === "DELETE" && answer.url().endsWith("/v1/sessions/current"),
  );
  await page.goto("/");
  expect((await ended).ok()).toBe(true);
  await page.context().addCookies(session);
  expect((await page.request.get(`${house.url}/v1/me`)).status()).toBe(401);
});
