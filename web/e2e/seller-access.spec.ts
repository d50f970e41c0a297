//! Every page of the seller, in both languages, light and dark, on a desktop and a phone: nothing that axe finds, nothing that overflows.

import { expect, expectAccessible, expectNoSidewaysScroll, plan, test } from "./house";

const DESKTOP = { width: 1360, height: 900 };
const PHONE = { width: 390, height: 844 };

// Each pair of choices stands together once.
const LOOKS = [
  { language: "en", colorScheme: "dark", viewport: DESKTOP },
  { language: "en", colorScheme: "light", viewport: PHONE },
  { language: "zh-TW", colorScheme: "dark", viewport: PHONE },
  { language: "zh-TW", colorScheme: "light", viewport: DESKTOP },
] as const;

for (const { language, colorScheme, viewport } of LOOKS) {
  test(`${language}, ${colorScheme}, ${viewport.width} wide`, async ({ browser, house, seller }) => {
    const seating = plan({ A: [3000, 2, 10], B: [1500, 3, 12] });
    const sale = await seller.create({ seating });
    const draft = await seller.create({ name: "Draft", status: "draft", seating });
    const buyer = await house.person("buyer");
    await buyer.pay(await buyer.book(sale.id, "A", 3));
    await buyer.book(sale.id, "B", 2);
    const context = await browser.newContext({
      baseURL: house.url,
      colorScheme,
      viewport,
      timezoneId: "Asia/Taipei",
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", message => message.type() === "error" && complaints.push(message.text()));
    await seller.enter(page);
    await page.addInitScript(chosen => localStorage.setItem("language", chosen), language);
    const check = async (path: string, ready: string) => {
      await test.step(path, async () => {
        await page.goto(path);
        await expect(page.locator(ready).first()).toBeVisible();
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
      });
    };
    await check("/seller", "article");
    await check("/seller/new", "form");
    await check(`/seller/events/${draft.id}/edit`, "[data-section]");
    await page.locator("[data-section] button[aria-expanded]").first().click();
    await expectAccessible(page);
    await page.locator("section[aria-label] button").last().click();
    await expect(page.getByRole("alertdialog")).toBeVisible();
    await expectAccessible(page);
    await check(`/seller/events/${sale.id}`, "[data-testid=figure-sold]");
    await page.locator("details summary").first().click();
    await expectAccessible(page);
    await check(`/seller/events/${sale.id}/seats`, "[role=grid] time");
    await check(`/seller/events/${sale.id}/prices`, "form li");
    await check(`/seller/events/${sale.id}/edit`, "form");
    expect(complaints).toEqual([]);
    await context.close();
  });
}
