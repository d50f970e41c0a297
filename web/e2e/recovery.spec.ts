//! What may go wrong around a page: the program dies and comes back, the network goes and returns.
//! The page says so, shows nothing false, and recovers without a reload.

import { expect, plan, test } from "./house";
import { live, payNow } from "./steps";

test.use({ allowed: /Failed to load resource|ERR_/ });

test("the program is killed and started again under an open map", async ({
  page,
  house,
  program,
  seller,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await page.goto(`/events/${id}`);
  await expect(live(page)).toBeVisible();
  await program.kill();
  await expect(page.getByText(/^Not live since \d\d:\d\d; reconnecting$/)).toBeVisible();
  // What was known stays, and says how old it is.
  await expect(page.getByRole("row", { name: /^Section A/ })).toContainText("24 free");
  await program.again();
  await expect(live(page)).toBeVisible();
  const other = await house.person("buyer");
  await other.book(id, "A", 3);
  await expect(page.getByRole("row", { name: /^Section A/ })).toContainText("21 free");
});

test("the program is killed while someone pays: the same payment is tried again, and paid once", async ({
  page,
  program,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  const booking = await buyer.book(id, "A", 2);
  await buyer.enter(page);
  await page.goto(`/bookings/${booking.id}`);
  await expect(page.getByRole("timer")).toBeVisible();
  await program.kill();
  await page.getByRole("button", { name: /^Pay NT\$/ }).click();
  await expect(page.getByRole("alert")).toContainText("No answer came to your payment");
  await expect(page.getByRole("timer")).toHaveText(/^1[45]:\d\d$/);
  await program.again();
  await payNow(page);
  await expect.poll(async () => (await seller.sales(id)).sold).toBe(2);
});

test("offline is said at once; back online the map catches up by itself", async ({
  page,
  context,
  house,
  seller,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  await page.goto(`/events/${id}`);
  await expect(live(page)).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await expect(page.getByText(/^Not live since/)).toBeVisible();
  const other = await house.person("buyer");
  await other.book(id, "A", 4);
  await expect(page.getByRole("row", { name: /^Section A/ })).toContainText("24 free");
  await context.setOffline(false);
  await expect(page.getByText("You are back online.")).toBeVisible();
  await expect(live(page)).toBeVisible();
  await expect(page.getByRole("row", { name: /^Section A/ })).toContainText("20 free");
});
