//! Makes a picture of each main screen, in each language, light and dark, on a desktop and a phone,
//! out of the real program with a sale under way: all of them into `web/test-results/screens/` to
//! look through, and the chosen ones into `docs/screenshots/`. `npm run screenshots` after `make
//! build`, on a machine that has letters for Chinese (Debian's `fonts-noto-cjk`).

import { mkdir, writeFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { Event } from "#api";
import { arena, type Person, plan, test } from "../e2e/house";
import { CODES } from "../src/i18n/languages";

const ALL = new URL("../test-results/screens/", import.meta.url).pathname;
const CHOSEN = new URL("../../docs/screenshots/", import.meta.url).pathname;
/** Those of the documentation: screen, language, colours, device. */
const DOCUMENTED: ReadonlySet<string> = new Set([
  "events.en.light.desktop",
  "event.en.light.desktop",
  "seats.en.light.desktop",
  "seats.en.dark.phone",
  "list.zh-TW.light.phone",
  "checkout.zh-TW.light.phone",
  "tickets.en.dark.phone",
  "tickets.zh-TW.light.desktop",
  "history.zh-TW.dark.desktop",
  "sales.en.light.desktop",
  "sales.zh-TW.dark.phone",
  "monitor.en.dark.desktop",
  "editor.zh-TW.light.desktop",
]);

const SCHEMES = ["light", "dark"] as const;
const DEVICES = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
} as const;

const EVENTS = [
  {
    name: "Four Seasons at Dusk",
    venue_name: "National Concert Hall",
    description: "Vivaldi by candlelight, with the strings of the city's young philharmonic.",
    starts_at: "2030-06-14T19:30:00+08:00",
    seating: plan({ A: [2400, 12, 24], B: [1800, 12, 28], C: [1200, 12, 32] }),
  },
  {
    name: "街角爵士夜",
    venue_name: "河岸留言",
    description: "三組樂團，一個夜晚。",
    starts_at: "2030-07-05T20:00:00+08:00",
    seating: plan({ A: [900, 8, 16], B: [600, 8, 20] }),
  },
] as const;

function prices() {
  const amounts = [4800, 4800, 4200, 3600, 3600, 2800, 2800, 1800, 1800, 1200];
  return {
    sections: arena().sections.map((section, at) => ({ ...section, price_minor: (amounts[at] ?? 0) * 100 })),
  };
}

interface Stage {
  readonly seller: Person;
  readonly tour: Event;
  readonly draft: Event;
}

/** Events of one seller; nearly half of the arena's seats are gone. */
const pictures = test.extend<object, { readonly stage: Stage }>({
  stage: [
    async ({ house }, use) => {
      const seller = await house.person("seller", "Harbour Concerts");
      for (const event of EVENTS) await seller.create(event);
      const draft = await seller.create({ ...EVENTS[0], status: "draft" });
      const tour = await seller.create({
        name: "Tidal Lights World Tour",
        venue_name: "Taipei Arena",
        description: "Two hours of light and water, in the round. Doors open ninety minutes before the show.",
        seating: prices(),
      });
      await house.rush(tour.id, "--buyers", "150", "--pay", "80", "--time-limit", "6");
      await use({ seller, tour, draft });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

for (const language of CODES) {
  for (const colorScheme of SCHEMES) {
    for (const [device, options] of Object.entries(DEVICES)) {
      const look = `${language}.${colorScheme}.${device}`;
      pictures.describe(look, () => {
        pictures.use({ ...options, colorScheme, contextOptions: { reducedMotion: "reduce" } });

        pictures("every screen", async ({ page, another, house, stage: { seller, tour, draft } }) => {
          const buyer = await house.person("buyer", "Mei-Ling Chen");
          const speak = (who: Page) =>
            who.addInitScript(chosen => localStorage.setItem("language", chosen), language);
          const take = async (name: string, who: Page, path: string, act = ready) => {
            await who.goto(path);
            await act(who);
            await picture(who, `${name}.${look}`);
          };
          await speak(page);
          await take("events", page, "/");
          await take("event", page, `/events/${tour.id}?section=E&quantity=3`);
          await take("register", page, "/register");
          await buyer.enter(page);
          await take("seats", page, `/events/${tour.id}/seats?section=E&quantity=3`, suggested);
          await take("list", page, `/events/${tour.id}/seats`, listed);
          const held = await buyer.book(tour.id, "E", 3);
          await take("checkout", page, `/bookings/${held.id}`);
          await buyer.pay(held);
          await take("tickets", page, `/bookings/${held.id}`);
          await buyer.cancel(await buyer.book(tour.id, "F", 2));
          await buyer.book(tour.id, "G", 2);
          await take("history", page, "/bookings");
          await take("account", page, "/account");

          const selling = await another();
          await speak(selling);
          await seller.enter(selling);
          await take("selling", selling, "/seller");
          await take("sales", selling, `/seller/events/${tour.id}`);
          await take("monitor", selling, `/seller/events/${tour.id}/seats`);
          await take("prices", selling, `/seller/events/${tour.id}/prices`);
          await take("editor", selling, `/seller/events/${draft.id}/edit`);
        });
      });
    }
  }
}

/** WebP, which Chromium writes itself, takes half the room of JPEG. */
async function picture(page: Page, name: string): Promise<void> {
  // Canvases are painted sharp a moment after the last move.
  await page.waitForTimeout(700);
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  await devtools.detach();
  for (const folder of DOCUMENTED.has(name) ? [ALL, CHOSEN] : [ALL]) {
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}${name}.webp`, data, "base64");
  }
}

async function ready(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.locator("[aria-busy=true]").first().waitFor({ state: "hidden" });
}

async function suggested(page: Page): Promise<void> {
  await ready(page);
  await page.locator("canvas").first().waitFor();
  await page
    .locator("aside button", { has: page.locator("svg") })
    .last()
    .click();
  await page.evaluate(() => scrollTo(0, 0));
}

async function listed(page: Page): Promise<void> {
  await ready(page);
  await page.getByRole("tab").last().click();
  await page.locator("button[aria-expanded]").nth(2).click();
  await page.locator("[aria-pressed]").first().click();
}
