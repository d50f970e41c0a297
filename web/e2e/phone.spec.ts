//! A buyer's story on a phone, with a finger: the map is pinched and tapped, nothing is wider than the window.

import { expect, expectNoSidewaysScroll, plan, test } from "./house";

test.use({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });

test("find, choose on the map and in the list, pay, and show the ticket", async ({ page, seller, buyer }) => {
  const name = `Pocket ${crypto.randomUUID().slice(0, 8)}`;
  await seller.create({ name, seating: plan({ A: [3000, 3, 4], B: [1500, 3, 8] }) });
  await buyer.enter(page);
  await page.goto("/");
  await page.getByRole("searchbox").fill(name);
  await page.getByRole("link", { name }).tap();
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("link", { name: "Choose on the map" }).tap();
  await expect(page.getByRole("application")).toBeVisible();
  await expectNoSidewaysScroll(page);

  await page.getByRole("tab", { name: "List" }).tap();
  await page.getByRole("button", { name: /^Section B/ }).tap();
  await page.getByRole("gridcell", { name: /^Row 2 seat 5, free/ }).tap();
  await expect(page.getByText("1 of 4", { exact: true })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "Hold 1 seat" }).tap();
  await expect(page.getByRole("heading", { name: "This seat is yours to pay" })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: /^Pay NT\$/ }).tap();
  await expect(page.getByRole("heading", { name: "You are going!" })).toBeVisible();
  await expect(page.getByRole("img", { name: "QR code of the ticket for B-1-2-5" })).toBeVisible();
  await expectNoSidewaysScroll(page);
});
