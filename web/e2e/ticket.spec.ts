//! A ticket at the gate.

import { expect, plan, test } from "./house";

declare global {
  var screensAwake: number;
  /** As a phone that is put into a pocket, and taken out again. */
  var hidePage: (hidden: boolean) => void;
}

test.use({ viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true, isMobile: true });

test("a tap shows the code over the whole screen, on white, and keeps the screen awake until it is closed", async ({
  page,
  seller,
  buyer,
}) => {
  await page.addInitScript(() => {
    const locks = new Set<object>();
    const set = (change: () => void) => {
      change();
      globalThis.screensAwake = locks.size;
    };
    const request = async () => {
      const lock = { release: async () => set(() => locks.delete(lock)) };
      set(() => locks.add(lock));
      return lock;
    };
    set(() => {});
    Object.defineProperty(navigator, "wakeLock", { value: { request } });
    globalThis.hidePage = hidden => {
      // The browser takes the locks of a page that is hidden.
      if (hidden) set(() => locks.clear());
      const value = hidden ? "hidden" : "visible";
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    };
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
  await page.evaluate(() => globalThis.hidePage(true));
  expect(await awake()).toBe(0);
  await page.evaluate(() => globalThis.hidePage(false));
  await expect.poll(awake).toBe(1);

  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(awake).toBe(0);
});
