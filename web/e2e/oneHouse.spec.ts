//! The map is one house: what lies beside what is the same on every screen.

import type { Page } from "@playwright/test";
import { expect, plan, test } from "./house";
import { live } from "./steps";

/** The sections that a few steps by keys lead through, from the corner left of the stage. */
async function walk(page: Page, path: string, draft = false): Promise<readonly string[]> {
  await page.goto(path);
  if (!draft) await expect(live(page)).toBeVisible();
  const map = page.getByRole("application");
  await map.focus();
  const spoken = page.locator("output[aria-live]").filter({ hasText: /^Section / });
  await expect(spoken).toBeAttached();
  for (let step = 0; step < 8; step += 1)
    for (const key of ["ArrowUp", "ArrowLeft"]) await page.keyboard.press(key);
  const seen: string[] = [];
  for (const key of ["", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft"]) {
    if (key) await page.keyboard.press(key);
    await expect(spoken).toBeAttached();
    seen.push(((await spoken.textContent()) ?? "").slice(0, 9));
  }
  return seen;
}

/** Ten sections of one block each. */
const HOUSE = plan(Object.fromEntries([..."ABCDEFGHIJ"].map(name => [name, [1000, 20, 60] as const])));

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

test("a desk, a telephone and a narrow window show the same arrangement", async ({ page, seller }) => {
  const { id } = await seller.create({ seating: HOUSE });
  const path = `/events/${id}/seats`;
  await page.setViewportSize(DESK);
  const desk = await walk(page, path);
  for (const size of [PHONE, { width: 800, height: 1100 }]) {
    await page.setViewportSize(size);
    expect(await walk(page, path)).toEqual(desk);
  }
});

test("a seller sees the house of the buyers, on sale and in the preview of a draft", async ({
  page,
  seller,
}) => {
  const { id } = await seller.create({ seating: HOUSE });
  const draft = await seller.create({ status: "draft", seating: HOUSE });
  await page.setViewportSize(DESK);
  const buyers = await walk(page, `/events/${id}/seats`);
  await seller.enter(page);
  for (const size of [DESK, PHONE]) {
    await page.setViewportSize(size);
    expect(await walk(page, `/seller/events/${id}/seats`)).toEqual(buyers);
    expect(await walk(page, `/seller/events/${draft.id}/edit`, true)).toEqual(buyers);
  }
});
