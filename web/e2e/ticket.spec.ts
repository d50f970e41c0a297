//! A ticket at the gate.

import { expect, plan, test } from "./house";

declare global {
  var screensAwake: number;
}

test.use({ viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true, isMobile: true });

test("a tap shows the code over the whole screen, on white, and keeps the screen awake until it is closed", async ({
  page,
  seller,
  buyer,
}) => {
  await page.addInitScript(() => {
    globalThis.screensAwake = 0;
    const request = async () => {
      globalThis.screensAwake += 1;
      const release = async () => {
        globalThis.screensAwake -= 1;
      };
      return { release };
    };
    Object.defineProperty(navigator, "wakeLock", { value: { request } });
  });
  const awake = () => page.evaluate(() => globalThis.screensAwake);
  const { id } = await seller.create({ seating: plan({ A: [2000, 1, 2] }) });
  const booking = await buyer.pay(await buyer.book(id, "A", 2));
  await buyer.enter(page);
  await page.goto(`/bookings/${booking.id}`);
  const [first] = booking.seats;
  const code = page.getByRole("img", { name: `QR code of the ticket for ${first}` });
  await code.scrollIntoViewIfNeeded();
  const small = await code.boundingBox();
  await page.touchscreen.tap((small?.x ?? 0) + 100, (small?.y ?? 0) + 100);

  const dialog = page.getByRole("dialog", { name: first });
  await expect(dialog).toBeVisible();
  expect(await dialog.boundingBox()).toMatchObject({ x: 0, y: 0, width: 360, height: 740 });
  await expect(dialog.locator("xpath=../..")).toHaveCSS("background-color", "rgb(255, 255, 255)");
  expect((await dialog.getByRole("img").boundingBox())?.width).toBeGreaterThan(300);
  await expect(dialog.getByText(first ?? "")).toBeVisible();
  await expect.poll(awake).toBe(1);

  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(awake).toBe(0);
});
