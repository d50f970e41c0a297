//! The map is one house: what lies beside what is the same on every screen.

import type { Page } from "@playwright/test";
import { expect, plan, test } from "./house";
import { live } from "./steps";

/** The sections that a few steps by keys lead through, from the corner left of the stage. */
async function walk(page: Page, event: string): Promise<readonly string[]> {
  await page.goto(`/events/${event}/seats`);
  await expect(live(page)).toBeVisible();
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

test("a desk, a telephone and a narrow window show the same arrangement", async ({ page, seller }) => {
  const sections = Object.fromEntries([..."ABCDEFGHIJ"].map(name => [name, [1000, 20, 60] as const]));
  const { id } = await seller.create({ seating: plan(sections) });
  await page.setViewportSize({ width: 1280, height: 800 });
  const desk = await walk(page, id);
  for (const size of [
    { width: 390, height: 844 },
    { width: 800, height: 1100 },
  ]) {
    await page.setViewportSize(size);
    expect(await walk(page, id)).toEqual(desk);
  }
});
