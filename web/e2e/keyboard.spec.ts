//! Every story of a buyer and of a seller by keyboard alone: no step of these tests touches a
//! mouse.

import type { Locator, Page } from "@playwright/test";
import { expect, plan, test } from "./house";
import { going, held, live } from "./steps";

/** Presses Tab until a thing has the focus, as someone without a mouse does. */
async function reach(page: Page, thing: Locator) {
  await expect(thing).toBeVisible();
  // A list that opens on the way hides the rest of the page from roles and names.
  const wanted = await thing.elementHandle();
  for (let presses = 0; presses < 120; presses += 1) {
    if (await wanted?.evaluate(element => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${thing}`);
}

async function press(page: Page, thing: Locator, key = "Enter") {
  await reach(page, thing);
  await page.keyboard.press(key);
}

test("sign in, find an event, take the best seats, pay, and see the tickets", async ({
  page,
  seller,
  buyer,
}) => {
  const name = `Keys ${crypto.randomUUID().slice(0, 8)}`;
  await seller.create({ name, seating: plan({ A: [3000, 3, 8], B: [1500, 3, 8] }) });
  await page.goto("/");
  await expect(page.getByRole("searchbox")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await press(page, page.getByRole("link", { name: "Sign in" }).first());
  await reach(page, page.getByLabel("E-mail"));
  await page.keyboard.type(buyer.email);
  await reach(page, page.getByLabel("Password", { exact: true }));
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: /^Account/ })).toBeVisible();

  await reach(page, page.getByRole("searchbox"));
  await page.keyboard.type(name);
  await press(page, page.getByRole("link", { name }));
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await press(page, page.getByRole("button", { name: "More", exact: true }));
  await reach(page, page.getByRole("radio", { name: /Section A/ }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: /Section B/ })).toBeChecked();
  await press(page, page.getByRole("button", { name: "Get the best seats" }));
  await expect(held(page)).toBeVisible();

  await reach(page, page.getByRole("radio", { name: /Pays at once/ }));
  await press(page, page.getByRole("button", { name: "Pay NT$4,500" }));
  await expect(going(page)).toBeFocused();
  await expect(page.getByRole("article", { name: /^Ticket \d of 3$/ })).toHaveCount(3);
});

test("choose on the map by arrows, and in the list; each step is spoken", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 3, 8], B: [1500, 3, 8] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}/seats`);
  await expect(live(page)).toBeVisible();
  const spoken = (words: string | RegExp) => page.locator("output[aria-live]").filter({ hasText: words });

  await reach(page, page.getByRole("application"));
  await expect(spoken(/^Section [AB], NT\$/)).toBeAttached();
  await page.keyboard.press("Enter");
  await expect(spoken(/^Row 1 seat 1, free, NT\$/)).toBeAttached();
  await page.keyboard.press("ArrowRight");
  await expect(spoken(/^Row 1 seat 2, free/)).toBeAttached();
  await page.keyboard.press("Enter");
  await expect(spoken(/-1-1-2 chosen\. 1 seat in all\./)).toBeAttached();
  await page.keyboard.press("Escape");
  await expect(page.getByText("1 of 4", { exact: true })).toBeVisible();

  await reach(page, page.getByRole("tab", { name: "Map" }));
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "List" })).toBeFocused();
  const chosen = await page.getByRole("button", { name: /^Remove / }).getAttribute("aria-label");
  const section = /Remove ([AB])-/.exec(chosen ?? "")?.[1] ?? "";
  await press(page, page.getByRole("button", { name: new RegExp(`^Section ${section}`) }));
  await reach(page, page.getByRole("gridcell", { name: /^Row 1 seat 1,/ }));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await expect(page.getByRole("gridcell", { name: /^Row 2 seat 8,/ })).toBeFocused();
  await page.keyboard.press("Space");
  await expect(spoken(/-1-2-8 chosen\. 2 seats in all\./)).toBeAttached();

  await press(page, page.getByRole("button", { name: "Hold 2 seats" }));
  await expect(held(page)).toBeVisible();
  await press(page, page.getByRole("button", { name: "Give the seats back" }));
  await press(page, page.getByRole("alertdialog").getByRole("button", { name: "Give back" }));
  await expect(page.getByRole("heading", { name: "You gave these seats back" })).toBeVisible();
});

test("the history's tabs, the language and the account by keys", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 3, 8] }) });
  await buyer.pay(await buyer.book(id, "A", 2));
  await buyer.cancel(await buyer.book(id, "A", 1));
  await buyer.enter(page);
  await page.goto("/bookings");
  await reach(page, page.getByRole("tab", { name: "Upcoming" }));
  await page.keyboard.press("End");
  await expect(page.getByRole("tab", { name: "Cancelled" })).toBeFocused();
  await expect(page.getByRole("tabpanel").getByText("Row 1, seat 3")).toBeVisible();
  await page.keyboard.press("Home");
  await press(page, page.getByRole("tabpanel").getByRole("link"));
  await expect(going(page)).toBeFocused();
  await press(page, page.getByRole("button", { name: "繁體中文" }));
  await expect(page.getByRole("link", { name: "登出" })).toHaveCount(0);
  await press(page, page.getByRole("link", { name: /^帳號/ }));
  await press(page, page.getByRole("button", { name: "登出" }));
  await expect(page.getByRole("link", { name: "登入" }).first()).toBeVisible();
});

test("a buyer registers by keys", async ({ page }) => {
  await page.goto("/");
  await press(page, page.getByRole("link", { name: "Register" }));
  await reach(page, page.getByRole("radio", { name: /^I buy tickets/ }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: /^I sell tickets/ })).toBeChecked();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("radio", { name: /^I buy tickets/ })).toBeChecked();
  await fillAccount(page, "Kit");
  await expect(page.getByRole("link", { name: "My tickets" })).toBeVisible();
});

test("a seller registers, and stands before a new event, by keys", async ({ page }) => {
  await page.goto("/register");
  await reach(page, page.getByRole("radio", { name: /^I buy tickets/ }));
  await page.keyboard.press("ArrowDown");
  await fillAccount(page, "Sam");
  await press(page, page.getByRole("link", { name: "Create your first event" }));
  await expect(page.getByRole("heading", { name: "Create an event" })).toBeVisible();
});

test("prices, figures and the filter of seats by keys", async ({ page, house, seller }) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 2, 10], B: [1500, 2, 10] }) });
  const other = await house.person("buyer");
  await other.pay(await other.book(id, "B", 3));
  await seller.enter(page);
  await page.goto("/seller");
  await press(page, page.getByRole("link", { name: "Evening at the Arena" }));
  await expect(page.getByTestId("figure-sold")).toHaveText("3");
  await press(page, page.locator("summary", { hasText: "Show as a table" }));
  await expect(page.getByRole("table", { name: "Sales over time" })).toBeVisible();
  const bySold = page.getByRole("columnheader", { name: "Sold", exact: true }).last();
  await press(page, bySold.getByRole("button"));
  await expect(bySold).toHaveAttribute("aria-sort", "descending");

  await press(page, page.getByRole("link", { name: "Prices", exact: true }));
  await reach(page, page.getByLabel("New price of A (TWD)"));
  await page.keyboard.type("4500");
  await press(page, page.getByRole("button", { name: "Change prices" }));
  await press(page, page.getByRole("alertdialog").getByRole("button", { name: "Change" }));
  await expect(page.getByText("Now NT$4,500")).toBeVisible();

  await press(page, page.getByRole("link", { name: "Seats", exact: true }));
  await reach(page, page.getByLabel("Seat begins with"));
  await page.keyboard.type("B-1-1-2");
  await expect(page.getByText("1 seat", { exact: true })).toBeVisible();
});

test("an event is made, put on sale, and a seat of it is looked at", async ({ page, seller }) => {
  await seller.enter(page);
  await page.goto("/seller");
  await press(page, page.getByRole("link", { name: "Create your first event" }));
  await expect(page.getByRole("heading", { name: "Create an event" })).toBeVisible();
  await reach(page, page.getByLabel("Name of the event"));
  await page.keyboard.type("Keys Only");
  await reach(page, page.getByLabel("Venue", { exact: true }));
  await page.keyboard.type("Taipei Arena");
  await reach(page, page.getByLabel("Date"));
  await page.keyboard.type("05012030");
  await press(page, page.getByRole("button", { name: /^Club/ }), "Space");
  await reach(page, page.getByLabel("Price of the first section"));
  await page.keyboard.type("500");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("total-seats")).toHaveText(/^200/);
  await press(page, page.getByRole("button", { name: "Publish" }));
  await press(page, page.getByRole("alertdialog").getByRole("button", { name: "Put it on sale" }));
  await expect(page.getByTestId("figure-free")).toHaveText("200");

  await press(page, page.getByRole("link", { name: "Seats", exact: true }));
  await reach(page, page.getByRole("grid", { name: "Seats" }));
  await page.keyboard.press("End");
  const last = page.getByRole("row", { name: /^A-1-10-20/ });
  await expect(last).toHaveAttribute("data-active", "true");
  await page.keyboard.press("Enter");
  await expect(last).toHaveAttribute("aria-selected", "true");
});

/** From the kind of account on: name, e-mail, password, Enter. */
async function fillAccount(page: Page, name: string) {
  await reach(page, page.getByLabel("Name", { exact: true }));
  await page.keyboard.type(name);
  await reach(page, page.getByLabel("E-mail"));
  await page.keyboard.type(`${crypto.randomUUID()}@example.org`);
  await reach(page, page.getByLabel("Password", { exact: true }));
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: `Account: ${name}` })).toBeVisible();
}
