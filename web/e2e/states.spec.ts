//! States in which a page must not mislead.

import { expect, plan, test } from "./house";
import { takeBest } from "./steps";

test("while the bank is asked, seats are neither changed nor given back, and the page says why", async ({
  page,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
  await buyer.enter(page);
  await takeBest(page, id);
  await page.route("**/v1/bookings/*", async route => {
    const answer = await route.fetch();
    const booking = await answer.json();
    // A later revision, which the live stream does not replace.
    const asked = { ...booking, revision: booking.revision + 1, payment: { status: "unknown" } };
    await route.fulfill({ response: answer, json: asked });
  });
  await page.reload();
  await expect(page.getByText("We are asking the bank").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Give the seats back" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Choose other seats" })).toBeDisabled();
  await expect(page.getByText("Not while the bank is asked.")).toBeVisible();
});

test("a house that is sold out invites nobody in", async ({ page, house, seller }) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
  await page.goto(`/events/${id}`);
  await expect(page.getByText(/or go in to pick seats/)).toBeVisible();
  const other = await house.person("buyer");
  await other.pay(await other.book(id, "A", 4));
  await expect(page.getByText("Every seat is sold.")).toBeVisible();
  await expect(page.getByText(/or go in to pick seats/)).toBeHidden();
});

test.describe("without a network", () => {
  test.use({ allowed: /Failed to load resource|ERR_/ });

  test("the page says so wherever one has scrolled to", async ({ page, context, seller }) => {
    const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
    await page.setViewportSize({ width: 390, height: 500 });
    await page.goto(`/events/${id}`);
    await expect(page.getByText("Live", { exact: true })).toBeVisible();
    await page.getByRole("heading", { name: "About" }).scrollIntoViewIfNeeded();
    await context.setOffline(true);
    await expect(page.getByText("You are offline.")).toBeInViewport();
    await context.setOffline(false);
  });
});

test.describe("an event that a page cannot show", () => {
  test.use({ allowed: /Minified React error #31;/ });

  test("leaves the others in the list", async ({ page, seller }) => {
    for (let made = 0; made < 3; made++) await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
    let others = 0;
    await page.route("**/v1/events?*", async route => {
      const answer = await route.fetch();
      const { data, ...list } = await answer.json();
      const [broken, ...rest] = data;
      others = rest.length;
      await route.fulfill({ response: answer, json: { ...list, data: [{ ...broken, name: {} }, ...rest] } });
    });
    await page.goto("/");
    await expect(page.getByText("This entry cannot be shown.")).toBeVisible();
    await expect(page.locator("main article")).toHaveCount(others);
  });
});
