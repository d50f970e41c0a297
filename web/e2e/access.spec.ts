//! Every page, in each language, light and dark, on a desktop and a phone: nothing that axe finds,
//! nothing that overflows, headings in order, nothing in the console.
//!
//! Each state of a page is judged by axe in two looks, which share no language, colours or width;
//! it must fit at both widths in each.

import type { Page } from "@playwright/test";
import { CODES } from "../src/i18n/languages";
import { expect, expectAccessible, expectHeadingsInOrder, expectNoSidewaysScroll, plan, test } from "./house";

const DESKTOP = { width: 1360, height: 900 };
const PHONE = { width: 390, height: 844 };

const LOOKS = [
  { colorScheme: "light", viewport: DESKTOP, other: PHONE },
  { colorScheme: "dark", viewport: PHONE, other: DESKTOP },
] as const;

for (const [place, language] of CODES.entries()) {
  const { other, ...look } = LOOKS[place % 2] ?? LOOKS[0];
  test.describe(`${language}, ${look.colorScheme}, ${look.viewport.width} wide`, () => {
    test.use(look);
    test.beforeEach(({ page }) =>
      page.addInitScript(chosen => localStorage.setItem("language", chosen), language),
    );

    /** What is on the page now has nothing against it. */
    const judge = async (page: Page) => {
      await expectAccessible(page);
      // A question that covers the page has a heading of its own only.
      if (await page.getByRole("alertdialog").isHidden()) await expectHeadingsInOrder(page);
      for (const viewport of [other, look.viewport]) {
        await page.setViewportSize(viewport);
        await expectNoSidewaysScroll(page);
      }
    };
    const visit = (page: Page, path: string, ready: string) =>
      test.step(path, async () => {
        await page.goto(path);
        await expect(page.locator(ready).first()).toBeVisible();
        await judge(page);
      });

    test("a visitor's pages", async ({ page, seller, buyer }) => {
      const event = await seller.create({ seating: plan({ A: [3000, 4, 12], B: [1500, 1, 3] }) });
      await buyer.book(event.id, "B", 2);
      await visit(page, "/", "article");
      await visit(page, "/?q=nothing+is+called+so", "h2");
      await visit(page, `/events/${event.id}`, "canvas");
      await visit(page, "/register", "form");
      await visit(page, "/sign-in", "form");
      await visit(page, "/no/such/page", "h1");
    });

    test("a buyer's pages", async ({ page, house, seller, buyer }) => {
      const event = await seller.create({ seating: plan({ A: [3000, 4, 12], B: [1500, 1, 3] }) });
      await (await house.person("buyer")).book(event.id, "B", 2);
      const partial = await buyer.book(event.id, "B", 3);
      const paid = await buyer.pay(await buyer.book(event.id, "A", 2));
      const cancelled = await buyer.cancel(await buyer.book(event.id, "A", 2));
      const failed = await buyer.book(event.id, "A", [paid.seats[0] ?? ""]);
      await buyer.enter(page);
      await visit(page, `/events/${event.id}/seats?section=A`, "canvas");
      await test.step("its list", async () => {
        await page.getByRole("tab").last().click();
        await page.locator("button[aria-expanded]").first().click();
        await page.getByRole("gridcell").last().click();
        await expect(page.getByRole("gridcell", { selected: true }).last()).toBeVisible();
        await judge(page);
      });
      await visit(page, `/bookings/${partial.id}`, "[role=timer]");
      await visit(page, `/bookings/${paid.id}`, "article");
      await visit(page, `/bookings/${paid.id}/print`, "article");
      await visit(page, `/bookings/${cancelled.id}`, "h1");
      await visit(page, `/bookings/${failed.id}`, "h1");
      await visit(page, "/bookings", "[role=tabpanel] article");
      await visit(page, "/account", "h1");
    });

    test("a seller's pages", async ({ page, seller, buyer }) => {
      const seating = plan({ A: [3000, 2, 10], B: [1500, 3, 12] });
      const sale = await seller.create({ seating });
      const draft = await seller.create({ name: "Draft", status: "draft", seating });
      await buyer.pay(await buyer.book(sale.id, "A", 3));
      await buyer.book(sale.id, "B", 2);
      await seller.enter(page);
      await visit(page, "/seller", "article");
      await visit(page, "/seller/new", "form");
      await visit(page, `/seller/events/${draft.id}/edit`, "[data-section]");
      await test.step("a section in all its parts, and the last question", async () => {
        await page.locator("[data-section] button[aria-expanded]").first().click();
        await judge(page);
        await page.locator("section[aria-label] button").last().click();
        await expect(page.getByRole("alertdialog")).toBeVisible();
        await judge(page);
      });
      await visit(page, `/seller/events/${sale.id}`, "[data-testid=figure-sold]");
      await test.step("the sales as a table", async () => {
        await page.locator("details summary").first().click();
        await judge(page);
      });
      await visit(page, `/seller/events/${sale.id}/seats`, "[role=grid] time");
      await visit(page, `/seller/events/${sale.id}/prices`, "form li");
      await visit(page, `/seller/events/${sale.id}/edit`, "form");
    });
  });
}
