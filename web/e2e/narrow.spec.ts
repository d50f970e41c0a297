//! The narrowest telephones: no page is wider than the window, and the list comes first.

import type { Page } from "@playwright/test";
import { CODES } from "../src/i18n/languages";
import { expect, expectNoSidewaysScroll, plan, test } from "./house";

test.use({ viewport: { width: 320, height: 640 } });

for (const language of CODES) {
  test.describe(language, () => {
    test.beforeEach(({ page }) =>
      page.addInitScript(chosen => localStorage.setItem("language", chosen), language),
    );

    const visit = (page: Page, ...paths: readonly string[]) =>
      test.step(paths.join(" "), async () => {
        for (const path of paths) {
          await page.goto(path);
          await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
          await test.step(path, () => expectNoSidewaysScroll(page));
        }
      });

    test("no page of a visitor or a buyer is wider than 320 pixels", async ({ page, seller, buyer }) => {
      const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6], B: [1000, 2, 6] }) });
      const held = await buyer.book(id, "A", 2);
      const paid = await buyer.pay(await buyer.book(id, "A", 2));
      const event = `/events/${id}`;
      await visit(page, "/", "/?q=nothing+is+called+so", "/sign-in", "/register", event, `${event}/seats`);
      await buyer.enter(page);
      const own = `/bookings/${paid.id}`;
      await visit(page, "/", "/bookings", `/bookings/${held.id}`, own, `${own}/print`, "/account");
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
        await page.goto(path);
        const legend = page.getByRole("region", { name: /^(Legend|圖例)$/ });
        await legend.scrollIntoViewIfNeeded();
        await expect(legend, path).toBeInViewport({ ratio: 0.99 });
      }
    });

    test("the first event is in sight at once", async ({ page, seller }) => {
      await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
      await page.goto("/");
      await expect(page.getByRole("article").first()).toBeInViewport({ ratio: 1 });
    });
  });
}
