//! The narrowest telephones: no page is wider than the window, and the list comes first, in the
//! fonts of telephones and of desktops.

import type { Page } from "@playwright/test";
import { CODES } from "../src/i18n/languages";
import { expect, expectNoSidewaysScroll, plan, test } from "./house";

test.use({ viewport: { width: 320, height: 640 } });

/**
 * Sets the page in a font of this machine. Both it and one with Chinese letters must be there: the
 * font that is taken for a missing one has other widths.
 */
async function setIn(page: Page, font: string): Promise<void> {
  const is = await page.evaluate(async name => {
    document.documentElement.style.setProperty("--font", `"${name}", sans-serif`);
    const context = document.createElement("canvas").getContext("2d");
    const width = (text: string, behind: string) => {
      if (context) context.font = `100px "${name}", ${behind}`;
      return context?.measureText(text).width;
    };
    const latin = width("Held until 19:30", "monospace") === width("Held until 19:30", "serif");
    await new Promise(requestAnimationFrame);
    return { latin, chinese: width("\u7968", "sans-serif") === 100 };
  }, font);
  expect(is).toEqual({ latin: true, chinese: true });
}

for (const language of CODES) {
  for (const font of ["Roboto", "Liberation Sans"]) {
    test.describe(`${language}, ${font}`, () => {
      test.beforeEach(({ page }) =>
        page.addInitScript(chosen => localStorage.setItem("language", chosen), language),
      );

      const open = async (page: Page, path: string) => {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
        await setIn(page, font);
      };
      const visit = async (page: Page, ...paths: readonly string[]) => {
        for (const path of paths)
          await test.step(path, async () => {
            await open(page, path);
            await expectNoSidewaysScroll(page);
          });
      };

      test("no page of a visitor or a buyer is wider than 320 pixels", async ({ page, seller, buyer }) => {
        const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6], B: [1000, 2, 6] }) });
        const gone = await seller.create({ seating: plan({ A: [2000, 1, 2] }) });
        await buyer.pay(await buyer.book(gone.id, "A", 2));
        const held = await buyer.book(id, "A", 2);
        const paid = await buyer.pay(await buyer.book(id, "A", 2));
        const event = `/events/${id}`;
        await visit(page, "/", "/?q=nothing+is+called+so", "/no/such/page", "/sign-in", "/register");
        await visit(page, event, `${event}/seats`, `/events/${gone.id}`, `/events/${gone.id}/seats`);
        await buyer.enter(page);
        const own = `/bookings/${paid.id}`;
        await visit(page, "/", "/bookings", `/bookings/${held.id}`, own, `${own}/print`, "/account");
        await test.step("seats that are exchanged, as a list", async () => {
          await open(page, `${event}/seats?section=A&swap=${held.id}`);
          await page.getByRole("tab").last().click();
          await page.locator("button[aria-expanded]").first().click();
          await page.getByRole("gridcell").last().click();
          await expect(page.getByRole("gridcell", { selected: true }).last()).toBeVisible();
          await expectNoSidewaysScroll(page);
        });
      });

      test("no page of a seller is wider than 320 pixels", async ({ page, seller }) => {
        const seating = plan({ A: [2000, 2, 6], B: [1000, 2, 6] });
        const { id } = await seller.create({ seating });
        const draft = await seller.create({ status: "draft", seating });
        const sale = `/seller/events/${id}`;
        await seller.enter(page);
        await visit(page, "/", "/seller", "/seller/new", `/seller/events/${draft.id}/edit`);
        await visit(page, sale, `${sale}/seats`, `${sale}/prices`, `${sale}/edit`);
      });

      test("the legend of a map is whole", async ({ page, seller }) => {
        const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6], B: [1000, 2, 6] }) });
        for (const path of [`/events/${id}`, `/events/${id}/seats`]) {
          await open(page, path);
          const legend = page.getByRole("region", { name: /^(Legend|圖例)$/ });
          await legend.scrollIntoViewIfNeeded();
          await expect(legend, path).toBeInViewport({ ratio: 0.99 });
        }
      });

      test("the first event is in sight at once", async ({ page, seller }) => {
        await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
        await open(page, "/");
        await expect(page.getByRole("article").first()).toBeInViewport({ ratio: 1 });
      });
    });
  }
}
