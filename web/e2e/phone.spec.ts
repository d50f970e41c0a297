//! A buyer's story on a phone, with a finger: the map is pinched and tapped, nothing is wider than
//! the window.

import type { Page } from "@playwright/test";
import { expect, expectNoSidewaysScroll, plan, test } from "./house";
import { held, live, payNow, seat } from "./steps";

test.use({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });

/**
 * Two fingers on the map, left and right of its middle, go from one distance of that to another.
 */
async function pinch(page: Page, from: number, to: number) {
  const { x, y } = await middleOfMap(page);
  const touch = await page.context().newCDPSession(page);
  const fingers = (distance: number) => [
    { x: x - distance, y, id: 0 },
    { x: x + distance, y, id: 1 },
  ];
  const steps = 8;
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(from) });
  for (let step = 1; step <= steps; step += 1) {
    const touchPoints = fingers(from + ((to - from) * step) / steps);
    await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints });
  }
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await touch.detach();
}

async function middleOfMap(page: Page) {
  const map = page.getByRole("application");
  await map.scrollIntoViewIfNeeded();
  const box = await map.boundingBox();
  if (!box) throw new Error("the map is not on the page");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test("find, pinch the map, tap a seat, pay, and show the ticket", async ({ page, seller, buyer }) => {
  const name = `Pocket ${crypto.randomUUID().slice(0, 8)}`;
  await seller.create({ name, seating: plan({ A: [1500, 20, 30] }) });
  await buyer.enter(page);
  await page.goto("/");
  await page.getByRole("searchbox").fill(name);
  await page.getByRole("link", { name }).tap();
  await expect(live(page)).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("link", { name: "Choose on the map" }).tap();
  await expect(page.getByRole("application")).toBeVisible();
  await expectNoSidewaysScroll(page);

  const farther = page.getByRole("button", { name: "Zoom out" });
  await expect(farther).toBeDisabled();
  await pinch(page, 30, 120);
  await expect(farther).toBeEnabled();
  await pinch(page, 120, 10);
  await expect(farther, "the whole house again").toBeDisabled();
  await pinch(page, 30, 120);
  await expect(farther).toBeEnabled();
  const { x, y } = await middleOfMap(page);
  await page.touchscreen.tap(x, y);
  await expect(page.getByText("1 of 4", { exact: true })).toBeVisible();
  const chosen = await page.getByRole("button", { name: /^Remove A-1-/ }).getAttribute("aria-label");
  const code = chosen?.replace("Remove ", "");
  await expectNoSidewaysScroll(page);

  await page.getByRole("button", { name: "Hold 1 seat" }).tap();
  await expect(held(page)).toBeVisible();
  await expectNoSidewaysScroll(page);
  await payNow(page);
  await expect(page.getByRole("img", { name: `QR code of the ticket for ${code}` })).toBeVisible();
  await expectNoSidewaysScroll(page);
});

test("a seat is chosen in the list with a finger", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 3, 4], B: [1500, 3, 8] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}/seats`);
  await page.getByRole("tab", { name: "List" }).tap();
  await page.getByRole("button", { name: /^Section B/ }).tap();
  await seat(page, 2, 5).tap();
  await expect(page.getByText("1 of 4", { exact: true })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "Hold 1 seat" }).tap();
  await expect(held(page)).toBeVisible();
});
