//! Makes the pictures in `docs/screenshots/`: each main screen, in both languages, light and dark, on a desktop and a phone, out of the real
//! program with a sale under way. `npm run screenshots` after `make build`.

import type { BrowserContextOptions, Page } from "@playwright/test";
import { arena, type House, type Person, plan, test } from "../e2e/house";

const FOLDER = new URL("../../docs/screenshots/", import.meta.url).pathname;

const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

interface Look {
  readonly language: "en" | "zh-TW";
  readonly colorScheme: "light" | "dark";
  readonly device: BrowserContextOptions;
}

const EN_LIGHT: Look = { language: "en", colorScheme: "light", device: DESKTOP };
const EN_DARK: Look = { ...EN_LIGHT, colorScheme: "dark" };
const ZH_LIGHT: Look = { ...EN_LIGHT, language: "zh-TW" };
const ZH_DARK: Look = { ...ZH_LIGHT, colorScheme: "dark" };
const phone = (look: Look): Look => ({ ...look, device: PHONE });

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

test("pictures", async ({ browser, house, seller, buyer }) => {
  for (const event of EVENTS) await seller.create(event);
  const tour = await seller.create({
    name: "Tidal Lights World Tour",
    venue_name: "Taipei Arena",
    description: "Two hours of light and water, in the round. Doors open ninety minutes before the show.",
    seating: prices(),
  });
  await house.rush(tour.id, "--buyers", "150", "--pay", "80", "--time-limit", "6");
  const take = camera(house);

  await take(
    "events",
    EN_LIGHT,
    undefined,
    "/",
    async page => void (await page.locator("article").first().waitFor()),
  );
  await take("event", EN_LIGHT, undefined, `/events/${tour.id}?section=E&quantity=3`, ready);
  await take("event-phone", phone(ZH_DARK), undefined, `/events/${tour.id}`, ready);
  await take(
    "seats",
    EN_LIGHT,
    buyer,
    `/events/${tour.id}/seats?section=E&quantity=3`,
    suggested("Suggest seats"),
  );
  await take(
    "seats-phone",
    phone(EN_LIGHT),
    buyer,
    `/events/${tour.id}/seats?section=E&quantity=3`,
    suggested("Suggest seats"),
  );
  await take("seat-list", ZH_LIGHT, buyer, `/events/${tour.id}/seats`, listed);

  const held = await buyer.book(tour.id, "E", 3);
  await take("checkout", EN_DARK, buyer, `/bookings/${held.id}`, ready);
  await take("checkout-phone", phone(ZH_LIGHT), buyer, `/bookings/${held.id}`, ready);
  const paid = await buyer.pay(held);
  await take("tickets", ZH_LIGHT, buyer, `/bookings/${paid.id}`, ready);
  await take("ticket-phone", phone(EN_DARK), buyer, `/bookings/${paid.id}`, ready);
  await take("history", ZH_DARK, buyer, "/bookings", ready);

  await take("sales", EN_LIGHT, seller, `/seller/events/${tour.id}`, ready);
  await take("sales-phone", phone(ZH_DARK), seller, `/seller/events/${tour.id}`, ready);
  await take("monitor", EN_DARK, seller, `/seller/events/${tour.id}/seats`, ready);
  await take("prices", ZH_LIGHT, seller, `/seller/events/${tour.id}/prices`, ready);
  const draft = await seller.create({ ...EVENTS[0], status: "draft" });
  await take("editor", ZH_LIGHT, seller, `/seller/events/${draft.id}/edit`, ready);

  function camera(of: House) {
    return async (
      name: string,
      { language, colorScheme, device }: Look,
      who: Person | undefined,
      path: string,
      act: (page: Page) => Promise<void>,
    ) => {
      const context = await browser.newContext({
        ...device,
        baseURL: of.url,
        colorScheme,
        timezoneId: "Asia/Taipei",
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.addInitScript(chosen => localStorage.setItem("language", chosen), language);
      await who?.enter(page);
      await page.goto(path);
      await act(page);
      // Canvases are painted sharp a moment after the last move.
      await page.waitForTimeout(700);
      await page.screenshot({ path: `${FOLDER}${name}.jpg`, type: "jpeg", quality: 82 });
      await context.close();
    };
  }
});

async function ready(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.locator("[aria-busy=true]").first().waitFor({ state: "hidden" });
}

function suggested(button: string) {
  return async (page: Page) => {
    await ready(page);
    await page.locator("canvas").first().waitFor();
    await page.getByRole("button", { name: button }).click();
  };
}

async function listed(page: Page): Promise<void> {
  await ready(page);
  await page.getByRole("tab").last().click();
  await page.locator("button[aria-expanded]").nth(2).click();
  await page.locator("[aria-pressed]").first().click();
}
