//! "As a seller, I can create events with custom seating configurations" and "manage ticket pricing
//! by sections", in a browser.

import type { Page } from "@playwright/test";
import { expect, expectNoSidewaysScroll, plan, test } from "./house";

async function fillDetails(page: Page, name: string) {
  await page.getByLabel("Name of the event").fill(name);
  await page.getByLabel("Venue", { exact: true }).fill("Taipei Arena");
  await page.getByLabel("Date").fill("2030-05-01");
}

/**
 * Types into a field that has a list, and takes what the list offers. It closes when the page
 * scrolls, as it may to a field that was refused; people who see that type again.
 */
async function choose(page: Page, field: string, text: string, option: RegExp) {
  const box = page.getByRole("combobox", { name: field });
  await expect(async () => {
    await box.fill("");
    await box.fill(text);
    await page.getByRole("option", { name: option }).click({ timeout: 2_000 });
  }).toPass();
}

test("a house of fifty thousand seats is made and put on sale in less than a minute", async ({
  page,
  seller,
}) => {
  await seller.signIn(page);
  await page.getByRole("link", { name: "Selling" }).click();
  await expect(page.getByRole("heading", { name: "No events yet" })).toBeVisible();
  const began = Date.now();
  await page.getByRole("link", { name: "Create your first event" }).click();
  await fillDetails(page, "Spring Festival");
  await page.getByRole("button", { name: /^Stadium/ }).click();
  await page.getByLabel("Price of the first section").fill("3000");
  await page.getByLabel("Price of the last section").fill("800");
  await expect(page.getByText("10 × 10 × 25 × 20 = 50,000 seats")).toBeVisible();
  await page.getByRole("button", { name: "Make 50,000 seats" }).click();
  await expect(page.getByTestId("total-seats")).toHaveText(/^50,000/);
  await expect(page.getByRole("application", { name: "Seat map: Spring Festival" })).toBeVisible();

  await page.getByRole("button", { name: "Publish" }).click();
  const question = page.getByRole("alertdialog");
  await expect(question).toContainText("50,000 seats on Wednesday, May 1, 2030 · 19:30 GMT+8");
  await expect(question).toContainText("Fixed from now on: the seating");
  await question.getByRole("button", { name: "Put it on sale" }).click();
  await expect(page.getByTestId("figure-free")).toHaveText("50,000");
  expect(Date.now() - began).toBeLessThan(60_000);

  const id = page.url().split("/").at(-1) ?? "";
  const event = await seller.event(id);
  expect(event.status).toBe("on_sale");
  expect(event.starts_at).toBe("2030-05-01T11:30:00.000Z");
  expect(event.available).toBe(50_000);
  expect(event.sections.map(({ price }) => price.amount_minor / 100)).toEqual([
    3000, 2750, 2500, 2250, 2000, 1800, 1550, 1300, 1050, 800,
  ]);
});

test("what is typed survives a reload, and a draft can be changed in everything until it is published", async ({
  page,
  seller,
}) => {
  await seller.enter(page);
  await page.goto("/seller/new");
  await fillDetails(page, "Chamber Music");
  await page.getByRole("button", { name: "Add a section" }).click();
  await page.getByLabel("Price (TWD)").fill("1500.50");
  await expect(page.getByTestId("total-seats")).toHaveText(/^200/);
  await page.reload();
  await expect(page.getByText("was restored")).toBeVisible();
  await expect(page.getByLabel("Name of the event")).toHaveValue("Chamber Music");
  await expect(page.getByLabel("Price (TWD)")).toHaveValue("1500.50");

  await page.getByRole("button", { name: "Duplicate section A" }).click();
  const second = page.getByRole("listitem", { name: "Section B" });
  await second.getByLabel("Subsections", { exact: true }).fill("3");
  await second.getByRole("button", { name: "Adjust single subsections of section B" }).click();
  await second.getByLabel("Rows of subsection 2").fill("4");
  await second.getByRole("button", { name: "Move section B up" }).click();
  await expect(page.getByRole("listitem", { name: /^Section/ }).first()).toHaveAccessibleName("Section B");
  await expect(page.getByText("Section B is now number 1 of 2")).toBeAttached();
  await expect(second.getByRole("button", { name: "Move section B down" })).toBeFocused();
  await page.getByRole("button", { name: "Remove section A" }).click();
  await expect(page.getByRole("listitem", { name: "Section A" })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("listitem", { name: "Section A" })).toBeVisible();
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page).toHaveURL(/\/seller\/events\/evt_\w+\/edit$/);
  await expect(page.getByRole("button", { name: "Saved", exact: true })).toBeDisabled();

  const id = /evt_\w+/.exec(page.url())?.[0] ?? "";
  const shape = async () =>
    (await seller.event(id)).sections.map(({ name, price, subsections }) => [
      name,
      price.amount_minor,
      subsections.map(part => `${part.number}:${part.rows}x${part.seats_per_row}`).join(" "),
    ]);
  expect(await shape()).toEqual([
    ["B", 150_050, "1:10x20 2:4x20 3:10x20"],
    ["A", 150_050, "1:10x20"],
  ]);

  await page.goto("/seller");
  await page.getByRole("link", { name: "Chamber Music" }).click();
  await page.getByRole("listitem", { name: "Section A" }).getByLabel("Section", { exact: true }).fill("包廂");
  await page.getByRole("group", { name: "Seats per booking" }).getByRole("button", { name: "More" }).click();
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page.getByRole("button", { name: "Saved", exact: true })).toBeVisible();
  const saved = await seller.event(id);
  expect([saved.status, saved.max_seats_per_booking, saved.sections[1]?.name]).toEqual(["draft", 5, "包廂"]);

  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("button", { name: "Put it on sale" }).click();
  await expect(page.getByTestId("figure-free")).toHaveText("680");
});

test.describe("what is wrong", () => {
  // The browser itself notes every refusal.
  test.use({ allowed: /status of 422/ });

  test("limits are explained while one types, and the program's own refusal stands at its field", async ({
    page,
    seller,
  }) => {
    await seller.enter(page);
    await page.goto("/seller/new");
    await page.getByRole("button", { name: "Publish" }).click();
    await expect(page.getByLabel("Name of the event")).toBeFocused();
    await expect(page.getByText("An event needs at least one section.")).toBeVisible();

    await fillDetails(page, "Too Much");
    await page.getByLabel("Rows each").fill("1001");
    await expect(page.getByText("A number from 1 to 1,000.")).toBeVisible();
    await page.getByLabel("Rows each").fill("1000");
    await page.getByLabel("Seats per row").fill("1000");
    await expect(page.getByText("An event has at most 500,000 seats.")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Make/ })).toBeDisabled();

    await page.getByRole("button", { name: "Add a section" }).click();
    const section = page.getByRole("listitem", { name: /^Section/ });
    await section.getByLabel("Section", { exact: true }).fill("A-1");
    await expect(section.getByText("no hyphen")).toBeVisible();
    await section.getByLabel("Section", { exact: true }).fill("A");
    await section.getByLabel("Price (TWD)").fill("10.0005");
    await expect(section.getByText("at most 2 decimals")).toBeVisible();
    await section.getByLabel("Price (TWD)").fill("1.250");
    await expect(section.getByText("Read as NT$1,250")).toBeVisible();
    await section.getByLabel("Price (TWD)").fill("12,50");
    await expect(section.getByText("Read as NT$12.50")).toBeVisible();
    await section.getByLabel("Price (TWD)").fill("10");
    await page.getByLabel("Starts at").fill("02:30");
    await page.getByLabel("Date").fill("2030-03-31");
    await choose(page, "Time zone of the venue", "Europe/Ber", /Europe\/Berlin/);
    await expect(page.getByText("the clocks are changed")).toBeVisible();
    await page.getByLabel("Starts at").fill("8 pm");
    await expect(page.getByText("a time of day such as 19:30")).toBeVisible();
    // As the keys of a telephone write it.
    await page.getByLabel("Starts at").fill("2000");
    await page.getByLabel("Date").focus();
    await expect(page.getByLabel("Starts at")).toHaveValue("20:00");

    // A browser may know a currency that the program does not: what it kept of the draft names one.
    await expect.poll(() => page.evaluate(() => JSON.stringify(localStorage))).toContain("20:00");
    await page.goto("/seller");
    await page.evaluate(() => {
      for (const [key, kept] of Object.entries(localStorage)) {
        if (key.startsWith("event-draft")) localStorage.setItem(key, kept.replace('"TWD"', '"QQQ"'));
      }
    });
    await page.goto("/seller/new");
    await page.getByRole("button", { name: "Save the draft" }).click();
    await expect(page.getByText("Choose one from the list.").last()).toBeVisible();
    await expect(page.getByRole("combobox", { name: "Currency" })).toBeFocused();
    await choose(page, "Currency", "EUR", /^EUR/);
    await page.getByRole("button", { name: "Save the draft" }).click();
    await expect(page).toHaveURL(/\/edit$/);
    const event = await seller.event(/evt_\w+/.exec(page.url())?.[0] ?? "");
    expect([event.currency, event.starts_at]).toEqual(["EUR", "2030-03-31T18:00:00.000Z"]);
  });
});

test.describe("without the program", () => {
  test.use({ allowed: /Failed to load resource|ERR_/ });

  test("a save that nobody answers loses nothing", async ({ page, seller }) => {
    await seller.enter(page);
    await page.goto("/seller/new");
    await fillDetails(page, "Offline Evening");
    await page.getByRole("button", { name: "Add a section" }).click();
    await page.getByLabel("Price (TWD)").fill("900");
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Save the draft" }).click();
    await expect(page.getByText("Nothing is lost; try again.")).toBeVisible();
    await expect(page.getByLabel("Name of the event")).toHaveValue("Offline Evening");
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Save the draft" }).click();
    await expect(page).toHaveURL(/\/edit$/);
  });
});

test("a new price holds for later bookings, and the details of an event on sale can be corrected", async ({
  page,
  house,
  seller,
}) => {
  const buyer = await house.person("buyer");
  const { id } = await seller.create({
    name: "Concert",
    seating: plan({ A: [3000, 1, 10], B: [1500, 1, 10] }),
  });
  const before = await buyer.book(id, "A", 2);
  expect(before.total?.amount_minor).toBe(600_000);

  await seller.enter(page);
  await page.goto(`/seller/events/${id}/prices`);
  await expect(page.getByText("A new price applies to bookings made after it.")).toBeVisible();
  await page.getByLabel("New price of A (TWD)").fill("4500");
  await page.getByRole("button", { name: "Change prices" }).click();
  const question = page.getByRole("alertdialog");
  await expect(question).toContainText("NT$3,000 → NT$4,500");
  await question.getByRole("button", { name: "Change" }).click();
  await expect(page.getByText("Now NT$4,500")).toBeVisible();
  await expect(page.getByRole("button", { name: "Change prices" })).toBeDisabled();

  const after = await buyer.book(id, "A", 2);
  expect(after.total?.amount_minor).toBe(900_000);
  const first = await buyer.call<typeof before>("GET", `/v1/bookings/${before.id}`);
  expect(first.total?.amount_minor).toBe(600_000);

  await page.getByRole("link", { name: "Details" }).click();
  await page.getByLabel("Description").fill("Doors open at seven.");
  await page.getByRole("button", { name: "Save the changes" }).click();
  await expect(page.getByText("The changes are saved.")).toBeVisible();
  expect((await seller.event(id)).description).toBe("Doors open at seven.");
});

test("a typed price is shown as it was read, beside its field and in the question, before anyone pays it", async ({
  page,
  seller,
}) => {
  await seller.enter(page);
  await page.goto("/seller/new");
  await fillDetails(page, "Any Country");
  await page.getByRole("button", { name: "Add a section" }).click();
  await page.getByLabel("Price (TWD)").fill("1.250,50");
  await expect(page.getByLabel("Price (TWD)")).toHaveAccessibleDescription("Read as NT$1,250.50");
  const question = page.getByRole("alertdialog");
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(question.getByRole("listitem")).toHaveText([/Section A\s*NT\$1,250\.50/]);
  await question.getByRole("button", { name: "Put it on sale" }).click();
  await expect(page.getByTestId("figure-free")).toHaveText("200");
  const id = page.url().split("/").at(-1) ?? "";
  const price = async () => (await seller.event(id)).sections[0]?.price.amount_minor;
  expect(await price()).toBe(125_050);

  await page.getByRole("link", { name: "Prices" }).click();
  const field = page.getByLabel("New price of A (TWD)");
  const change = page.getByRole("button", { name: "Change prices" });
  for (const [typed, words] of [
    ["1.2.3", "Write an amount, such as 1500."],
    ["12,3456", "This currency has at most 2 decimals."],
  ] as const) {
    await field.fill(typed);
    await expect(field).toHaveAccessibleDescription(words);
    await change.click();
    await expect(field).toBeFocused();
    await expect(question).toBeHidden();
  }
  for (const [typed, shown, minor] of [
    ["1.250", "NT$1,250", 125_000],
    ["12,50", "NT$12.50", 1_250],
  ] as const) {
    await field.fill(typed);
    await expect(field).toHaveAccessibleDescription(`Read as ${shown}`);
    await change.click();
    await expect(question).toContainText(`→ ${shown}`);
    await question.getByRole("button", { name: "Change" }).click();
    await expect(page.getByText(`Now ${shown} ·`)).toBeVisible();
    expect(await price()).toBe(minor);
  }
});

for (const status of ["draft", "on_sale"] as const) {
  test(`of a night in which 02:30 comes twice, the second stays when something else is edited: ${status}`, async ({
    page,
    seller,
  }) => {
    const { id } = await seller.create({
      status,
      starts_at: "2030-10-27T02:30:00+01:00",
      time_zone: "Europe/Berlin",
      seating: plan({ A: [100, 1, 2] }),
    });
    const second = "2030-10-27T01:30:00.000Z";
    const save = async (as: object) => {
      await page.getByRole("button", { name: /^Save the (draft|changes)$/ }).click();
      await expect.poll(() => seller.event(id)).toMatchObject({ starts_at: second, ...as });
    };
    await seller.enter(page);
    await page.goto(`/seller/events/${id}/edit`);
    await expect(page.getByLabel("Starts at")).toHaveValue("02:30");
    await page.getByLabel("Description").fill("All night long.");
    await save({ description: "All night long." });

    // Also after a reload in the middle, and a time that was changed and changed back.
    await page.getByLabel("Name of the event").fill("Long Night");
    await page.getByLabel("Starts at").fill("03:30");
    await page.getByLabel("Starts at").fill("02:30");
    await expect.poll(() => page.evaluate(() => JSON.stringify(localStorage))).toContain("Long Night");
    await page.reload();
    await expect(page.getByLabel("Name of the event")).toHaveValue("Long Night");
    await save({ name: "Long Night" });
  });
}

test("pages of a seller are closed to buyers and to other sellers", async ({
  page,
  another,
  house,
  seller,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [100, 1, 2] }) });
  const [other, buyer] = [await house.person("seller"), await house.person("buyer")];
  await other.enter(page);
  await page.goto(`/seller/events/${id}`);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  const theirs = await another();
  await buyer.enter(theirs);
  await theirs.goto("/seller/new");
  await expect(theirs.getByRole("heading", { name: "This page is for sellers" })).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("everything fits, and an event is made there too", async ({ page, seller }) => {
    await seller.enter(page);
    await page.goto("/seller/new");
    await fillDetails(page, "Pocket Concert");
    await page.getByRole("button", { name: /^Theatre/ }).tap();
    await page.getByLabel("Price of the first section").fill("700");
    await page.getByRole("button", { name: /^Make/ }).tap();
    await expectNoSidewaysScroll(page);
    await page.getByRole("button", { name: "Publish" }).tap();
    await page.getByRole("button", { name: "Put it on sale" }).tap();
    await expect(page.getByTestId("figure-free")).toHaveText("1,512");
    await expectNoSidewaysScroll(page);
    for (const way of ["Seats", "Prices", "Details"]) {
      await page.getByRole("navigation", { name: "This event" }).getByRole("link", { name: way }).tap();
      await expect(page).toHaveURL(/\/(seats|prices|edit)$/);
      await expectNoSidewaysScroll(page);
    }
    await page.goto("/seller");
    await expect(page.getByRole("link", { name: "Pocket Concert" })).toBeVisible();
    await expectNoSidewaysScroll(page);
  });
});
