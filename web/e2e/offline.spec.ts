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

/** Looks at both pages until this browser has kept what they need. */
async function see(page: Page, booking: string): Promise<void> {
  await page.goto("/bookings");
  await expect(list(page)).toHaveCount(1);
  await page.goto(`/bookings/${booking}`);
  await expect(codes(page)).toHaveCount(2);
  const kept = () =>
    page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      const used = performance.getEntriesByType("resource").map(({ name }) => name);
      const files = ["/", ...used.filter(name => name.includes("/assets/"))];
      const missing = await Promise.all(files.map(async file => ((await caches.match(file)) ? [] : [file])));
      return missing.flat();
    });
  await expect.poll(kept).toEqual([]);
}

test("tickets that were seen open while the server is away, and say from when they are", async ({
  page,
  house,
  seller,
  buyer,
}) => {
  const { program } = house;
  test.skip(program === undefined, "only an own program is killed");
  const booking = await paidBooking(seller, buyer);
  await buyer.enter(page);
  await see(page, booking.id);
  await program?.kill();
  await page.reload();
  await expect(codes(page)).toHaveCount(2);
  await expect(
    page.getByText(/^The server cannot be reached\. You see what this device kept on/),
  ).toBeVisible();
  await page.goto("/bookings");
  await expect(list(page)).toHaveCount(1);
  await expect(page.getByText(/^The server cannot be reached/)).toBeVisible();
  await program?.again();
  await expect(page.getByText(/^The server cannot be reached/)).toBeHidden();
  await expect(list(page)).toHaveCount(1);
});

test("who signs out leaves nothing behind for the next", async ({ page, seller, buyer }) => {
  const booking = await paidBooking(seller, buyer);
  await buyer.signIn(page);
  await see(page, booking.id);
  const left = () =>
    page.evaluate(id => Object.values(localStorage).filter(value => value.includes(id)).length, booking.id);
  expect(await left()).toBeGreaterThan(0);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
  expect(await left()).toBe(0);
});
