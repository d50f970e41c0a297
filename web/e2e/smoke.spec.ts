//! A newcomer's way, in each language: sign up as a seller, make and publish an event, sign up as a
//! buyer in another window, pick on the live map, pay, see the tickets, and watch the seller's
//! figures move. Also what is run against a cluster.

import type { Page } from "@playwright/test";
import { CODES, LANGUAGES, type LanguageRow } from "../src/i18n/languages";
import { expect, expectNoSidewaysScroll, number, test } from "./house";

/** A text whose blanks may be filled with anything. */
function like(text: string): RegExp {
  const parts = text.split(/\{\{\w+\}\}/).map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}`);
}

for (const language of CODES) {
  test(`from signing up to the tickets, ${language}`, async ({ page, another }) => {
    const row: LanguageRow = LANGUAGES[language];
    const { base: words } = await row.words();
    const { seller: own } = await row.seller();
    const name = `Newcomers ${crypto.randomUUID().slice(0, 8)}`;
    const buyer = await another();
    const figure = (kind: string) => page.getByTestId(`figure-${kind}`);

    const register = async (who: Page, role: string) => {
      await who.addInitScript(chosen => localStorage.setItem("language", chosen), language);
      await who.goto("/");
      await who.getByRole("link", { name: words.nav.register }).click();
      await who.getByText(role, { exact: true }).click();
      await who.getByLabel(words.account.name, { exact: true }).fill("Kai");
      await who.getByLabel(words.account.email).fill(`${crypto.randomUUID()}@example.org`);
      await who.getByLabel(words.account.password, { exact: true }).fill("correct horse battery");
      await who.getByRole("button", { name: words.account.register }).click();
      await expect(who.getByRole("link", { name: new RegExp(`^${words.nav.account}`) })).toBeVisible();
    };

    await test.step("a seller signs up, makes an event and puts it on sale", async () => {
      await register(page, words.account.seller);
      await page.getByRole("link", { name: own.own.createFirst }).click();
      await page.getByLabel(own.details.name).fill(name);
      await page.getByLabel(own.details.venue, { exact: true }).fill("Harbour Hall");
      await page.getByLabel(own.details.date).fill("2030-05-01");
      await page.getByRole("button", { name: new RegExp(`^${own.generator.sizes.club}`) }).click();
      await page.getByLabel(like(own.generator.firstPrice)).fill("500");
      await page.getByRole("button", { name: like(own.generator.make) }).click();
      await page.getByRole("button", { name: own.editor.publish }).click();
      await page.getByRole("button", { name: own.publish.yes }).click();
      await expect(figure("free")).toHaveText("200");
    });

    await test.step("a buyer signs up, finds it, and picks on the live map", async () => {
      await register(buyer, words.account.buyer);
      await buyer.getByRole("searchbox").fill(name);
      await buyer.getByRole("link", { name }).click();
      await buyer.getByRole("link", { name: words.event.choose }).click();
      await expect(buyer.getByText(words.connection.live, { exact: true })).toBeVisible();
      await expect(buyer.getByRole("application")).toBeVisible();
      await buyer.getByRole("button", { name: words.pick.suggest }).click();
      await buyer.getByRole("button", { name: like(words.pick.hold_other) }).click();
      await expect(
        buyer.getByRole("heading", { name: words.booking.heldTitle_other, exact: true }),
      ).toBeVisible();
      await expect(figure("held")).toHaveText("2");
      await expect(figure("free")).toHaveText("198");
    });

    await test.step("the buyer pays and has the tickets; the seller's figures move", async () => {
      await buyer.getByRole("button", { name: like(words.booking.pay) }).click();
      await expect(buyer.getByRole("heading", { name: words.booking.paidTitle })).toBeVisible();
      await expect(buyer.getByRole("article", { name: like(words.ticket.of) })).toHaveCount(2);
      await expectNoSidewaysScroll(buyer);
      await expect(figure("sold")).toHaveText("2");
      await expect(figure("held")).toHaveText("0");
      await expect.poll(() => number(figure("revenue"))).toBe(1000);
    });

    await test.step("the history has them, and both sign out", async () => {
      await buyer.getByRole("link", { name: words.nav.bookings }).click();
      await expect(buyer.getByRole("tabpanel").getByRole("article")).toHaveCount(1);
      for (const who of [buyer, page]) {
        await who.getByRole("link", { name: new RegExp(`^${words.nav.account}`) }).click();
        await who.getByRole("button", { name: words.nav.signOut }).click();
        await expect(who.getByRole("link", { name: words.nav.signIn }).first()).toBeVisible();
      }
    });
  });
}
