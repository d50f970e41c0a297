//! Who comes to an event: everything is on its way before the application runs, and comes once; who
//! comes back finds it as it was left.

import { expect, plan, test } from "./house";

test("an event's data, words and parts are asked for once, before the application asks", async ({
  page,
  seller,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 2, 10] }) });
  await page.addInitScript(() => localStorage.setItem("language", "zh-TW"));
  const asked: string[] = [];
  page.on("request", request => {
    if (request.resourceType() !== "eventsource") asked.push(new URL(request.url()).pathname);
  });
  // The application's own part is late.
  let goOn = () => {};
  const late = new Promise<void>(done => {
    goOn = done;
  });
  await page.route(/\/assets\/base-/, async route => {
    await late;
    await route.continue();
  });
  await page.goto(`/events/${id}`, { waitUntil: "commit" });
  for (const early of [`/v1/events/${id}`, "/assets/zh-TW-", "/assets/EventPage-", "/assets/seats-"]) {
    await expect.poll(() => asked.filter(path => path.startsWith(early)), early).not.toEqual([]);
  }
  expect(asked.filter(path => path.startsWith("/assets/en-"))).toEqual([]);
  await expect(page.locator(".opening"), "the head is there meanwhile").toBeVisible();
  goOn();
  await expect(page.getByRole("application")).toBeVisible();
  const twice = asked.filter((path, at) => path !== `/events/${id}` && asked.indexOf(path) !== at);
  expect(twice, "asked for twice").toEqual([]);
});

test("a chosen theme is there before anything is painted", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("theme", "dark"));
  // The application never comes.
  await page.route(/\/assets\/base-/, () => {});
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.locator(".opening")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("who comes back to an event finds it where it was left", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 20, 30], B: [1500, 20, 30] }) });
  await buyer.enter(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/events/${id}`);
  const way = page.getByRole("link", { name: "Choose on the map" });
  await way.scrollIntoViewIfNeeded();
  const left = await page.evaluate(() => scrollY);
  expect(left).toBeGreaterThan(0);
  await way.click();
  await expect(page.getByRole("heading", { name: "Choose your seats" })).toBeVisible();
  await page.goBack();
  await expect(way).toBeInViewport();
  expect(await page.evaluate(() => scrollY)).toBe(left);
});
