//! Every page of a visitor and of a buyer, in both languages, light and dark, on a desktop and a phone: nothing that axe finds, nothing that
//! overflows, nothing in the console.

import { expect, expectAccessible, expectNoSidewaysScroll, plan, test } from "./house";

const DESKTOP = { width: 1360, height: 900 };
const PHONE = { width: 390, height: 844 };

// Each pair of choices stands together once.
const LOOKS = [
  { language: "en", colorScheme: "light", viewport: DESKTOP },
  { language: "en", colorScheme: "dark", viewport: PHONE },
  { language: "zh-TW", colorScheme: "light", viewport: PHONE },
  { language: "zh-TW", colorScheme: "dark", viewport: DESKTOP },
] as const;

for (const { language, ...look } of LOOKS) {
  test.describe(`${language}, ${look.colorScheme}, ${look.viewport.width} wide`, () => {
    test.use(look);

    test("a buyer's pages", async ({ page, house, seller, buyer }) => {
      const event = await seller.create({ seating: plan({ A: [3000, 4, 12], B: [1500, 1, 3] }) });
      const other = await house.person("buyer");
      await other.book(event.id, "B", 2);
      const partial = await buyer.book(event.id, "B", 3);
      const paid = await buyer.pay(await buyer.book(event.id, "A", 2));
      const cancelled = await buyer.cancel(await buyer.book(event.id, "A", 2));
      const failed = await buyer.book(event.id, "A", [paid.seats[0] ?? ""]);
      await page.addInitScript(chosen => localStorage.setItem("language", chosen), language);
      const check = (path: string, ready: string) =>
        test.step(path, async () => {
          await page.goto(path);
          await expect(page.locator(ready).first()).toBeVisible();
          await expectNoSidewaysScroll(page);
          await expectAccessible(page);
        });

      await check("/", "article");
      await check("/?q=nothing+is+called+so", "h2");
      await check(`/events/${event.id}`, "canvas");
      await check("/register", "form");
      await check("/sign-in", "form");
      await check("/no/such/page", "h1");
      await buyer.enter(page);
      await check(`/events/${event.id}/seats?section=A`, "canvas");
      await page.getByRole("tab").last().click();
      await page.locator("button[aria-expanded]").first().click();
      await expect(page.getByRole("grid")).toBeVisible();
      await page.getByRole("gridcell").last().click();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await check(`/bookings/${partial.id}`, "[role=timer]");
      await check(`/bookings/${paid.id}`, "article");
      await check(`/bookings/${paid.id}/print`, "article");
      await check(`/bookings/${cancelled.id}`, "h1");
      await check(`/bookings/${failed.id}`, "h1");
      await check("/bookings", "[role=tabpanel] article");
      await check("/account", "h1");
    });
  });
}
