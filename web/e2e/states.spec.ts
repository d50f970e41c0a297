//! States in which a page must not mislead.

import { expect, plan, test } from "./house";
import { going, takeBest } from "./steps";

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
  // Who was choosing others meanwhile, too.
  await page.goto(`/events/${id}/seats?swap=${page.url().split("/").at(-1)}`);
  await page.getByRole("button", { name: /^Suggest/ }).click();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();
  await expect(page.getByRole("button", { name: "Change to these seats" })).toBeDisabled();
  await expect(page.getByText("Not while the bank is asked.")).toBeVisible();
});

test("while a payment is on its way the seats can be neither changed nor given back", async ({
  page,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
  await buyer.enter(page);
  await takeBest(page, id);
  let answer = () => {};
  const answered = new Promise<void>(resolve => {
    answer = resolve;
  });
  await page.route("**/v1/bookings/*/pay", async route => {
    await answered;
    await route.continue();
  });
  await page.getByRole("button", { name: /^Pay NT\$/ }).click();
  await expect(page.getByText("Not while the bank is asked.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Give the seats back" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Choose other seats" })).toBeDisabled();
  answer();
  await expect(going(page)).toBeVisible();
});

test("a house that is sold out invites nobody in", async ({ page, house, seller }) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
  const invitations = /^(Get the best seats|Sign in to book|Choose on the map|Suggest|Hold)/;
  const ways = page
    .getByRole("button", { name: invitations })
    .or(page.getByRole("link", { name: invitations }));
  await page.goto(`/events/${id}`);
  await expect(page.getByText(/or go in to pick seats/)).toBeVisible();
  await expect(ways.first()).toBeVisible();
  const other = await house.person("buyer");
  await other.pay(await other.book(id, "A", 4));
  await expect(page.getByText("Every seat is sold.")).toBeVisible();
  await expect(page.getByText(/or go in to pick seats/)).toBeHidden();
  await expect(ways).toHaveCount(0);
  await page.goto(`/events/${id}/seats`);
  await expect(page.getByText("Every seat is sold.")).toBeVisible();
  await expect(page.getByText(/^Tap up to/)).toBeHidden();
  await expect(ways).toHaveCount(0);
  await page.goto("/");
  await expect(page.locator("main article", { hasText: "Sold out" }).first()).toBeVisible();
});

test("seats that are all held are not called sold", async ({ page, house, seller }) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4], B: [1000, 1, 4] }) });
  await (await house.person("buyer")).book(id, "A", 4);
  await page.goto(`/events/${id}/seats`);
  const legend = page.getByRole("region", { name: "Legend" });
  await expect(legend.getByRole("button", { name: /NT\$2,000/ })).toHaveText(/All in carts/);
  await page.getByRole("tab", { name: "List" }).click();
  await expect(page.getByRole("button", { name: /^Section A/ })).toHaveText(/All in carts/);
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
