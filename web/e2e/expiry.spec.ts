//! "As a buyer, I can complete payment within the window": and when I do not, I see it as it
//! happens.

import { expect, plan, test } from "./house";
import { held, takeBest } from "./steps";

test.use({ serve: ["--payment-window", "15s"] });

test("the time to pay runs out before the buyer's eyes, in every tab, and the seats come back", async ({
  page,
  context,
  seller,
  buyer,
}) => {
  test.skip(process.env.TICKETING_URL !== undefined, "needs a short window to pay");
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 8] }) });
  const watcher = await context.newPage();
  await watcher.goto(`/events/${id}`);
  await buyer.enter(page);
  await takeBest(page, id);
  await expect(page.getByRole("timer")).toHaveText(/^0:\d\d$/);
  await expect(watcher.getByRole("row", { name: /^Section A/ })).toContainText("22 free");
  // A reload starts no new window.
  await page.reload();
  await expect(page.getByRole("timer")).toHaveText(/^0:\d\d$/);

  await expect(page.getByRole("heading", { name: "The time to pay has run out" })).toBeVisible();
  await expect(page.getByText("Nothing was charged.")).toBeVisible();
  await expect(watcher.getByRole("row", { name: /^Section A/ })).toContainText("24 free");
  await page.getByRole("button", { name: "Try to get the same seats again" }).click();
  await expect(page.getByText("Row 1, seats 1–2")).toBeVisible();
  await expect(held(page)).toBeVisible();
});
