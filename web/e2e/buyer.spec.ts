//! "As a buyer, I can browse available events, select seats, complete payment, and view my booking
//! history and tickets."

import { readFile } from "node:fs/promises";
import { expect, plan, test } from "./house";
import { going, held, live, openList, payNow, seat, takeBest } from "./steps";

test("from the search to the tickets: the best seats, changed for others, paid and kept", async ({
  page,
  seller,
  buyer,
}) => {
  const name = `Nocturne ${crypto.randomUUID().slice(0, 8)}`;
  await seller.create({ name, seating: plan({ A: [3000, 5, 10], B: [1500, 5, 10] }) });
  await buyer.enter(page);

  await test.step("find the event", async () => {
    await page.goto("/");
    await page.getByRole("searchbox").fill(name);
    await expect(page).toHaveURL(/q=Nocturne/);
    await page.getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
    await expect(page.getByText("Wednesday, May 1, 2030 · 19:30").first()).toBeVisible();
    await expect(live(page)).toBeVisible();
    await expect(page.getByRole("application", { name: `Seat map: ${name}` })).toBeVisible();
    await expect(page.getByRole("row", { name: /Section B/ })).toContainText("50 free");
  });

  await test.step("the best three of section B", async () => {
    await page.getByRole("radio", { name: /Section B/ }).check({ force: true });
    await page.getByRole("button", { name: "More", exact: true }).click();
    await expect(page.getByText("NT$4,500")).toBeVisible();
    await page.getByRole("button", { name: "Get the best seats" }).click();
    await expect(held(page)).toBeVisible();
    await expect(page.getByText("Row 1, seats 1–3")).toBeVisible();
    await expect(page.getByRole("timer")).toHaveText(/^1[45]:\d\d$/);
  });

  await test.step("two others instead of two of them", async () => {
    await page.getByRole("link", { name: "Choose other seats" }).click();
    await expect(page.getByRole("heading", { name: "Change your seats" })).toBeVisible();
    await page.getByRole("tab", { name: "List" }).click();
    await page.getByRole("button", { name: /^Section B/ }).click();
    await expect(page.getByRole("gridcell", { name: /^Row 1 seat 2, yours/ })).toBeVisible();
    await page.getByRole("gridcell", { name: /^Row 3 seat 5, free/ }).click();
    await page.getByRole("gridcell", { name: /^Row 3 seat 6, free/ }).click();
    await expect(page.getByText("2 seats · NT$3,000")).toBeVisible();
    await page.getByRole("button", { name: "Change to these seats" }).click();
    await expect(page.getByText("Changed. You hold B-1-3-5, B-1-3-6 now.")).toBeVisible();
    await expect(page.getByText("Row 3, seats 5–6")).toBeVisible();
  });

  await test.step("pay", async () => {
    await payNow(page);
    await expect(page.getByRole("article", { name: /^Ticket \d of 2$/ })).toHaveCount(2);
    await expect(page.getByRole("img", { name: "QR code of the ticket for B-1-3-5" })).toBeVisible();
  });

  await test.step("the calendar file", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Add to calendar" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`${name}.ics`);
    const text = (await readFile(await file.path(), "utf8")).replaceAll("\r\n ", "");
    expect(text).toContain("DTSTART:20300501T113000Z\r\n");
    expect(text).toContain(`SUMMARY:${name}\r\n`);
    expect(text).toMatch(/\r\nSEQUENCE:\d+\r\n/);
    expect(text).toContain(`DESCRIPTION:B-1-3-5\\, B-1-3-6\\n${page.url()}\r\n`);
    expect(text).toContain(`URL:${page.url()}\r\n`);
  });

  await test.step("the history, and the tickets to print", async () => {
    await page.getByRole("link", { name: "My tickets" }).click();
    await expect(page.getByRole("tabpanel").getByRole("article")).toHaveCount(1);
    await page.getByRole("tab", { name: "Cancelled" }).click();
    await expect(page.getByRole("tabpanel").getByText("Row 1, seats 1–3")).toBeVisible();
    await page.getByRole("tab", { name: "Upcoming" }).click();
    await page.getByRole("link", { name }).click();
    await page.getByRole("link", { name: "Print tickets" }).click();
    await expect(page.getByRole("article", { name: /^Ticket \d of 2$/ })).toHaveCount(2);
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("banner")).toBeHidden();
    await expect(page.getByRole("img", { name: "QR code of the ticket for B-1-3-6" })).toBeVisible();
  });
});

test("seats are chosen by hand on the map", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 3, 4] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}/seats`);
  const map = page.getByRole("application");
  await expect(live(page)).toBeVisible();
  const { width, height } = (await map.boundingBox()) ?? { width: 0, height: 0 };
  // The second row of a house this small, right of its middle.
  await map.click({ position: { x: width * 0.565, y: height * 0.75 } });
  await expect(page.getByText("1 of 4", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Hold 1 seat" }).click();
  await expect(page.getByRole("heading", { name: "This seat is yours to pay" })).toBeVisible();
  await payNow(page);
});

test("no more seats than the event allows, and of one section only", async ({ page, seller, buyer }) => {
  const seating = plan({ A: [2000, 2, 6], B: [1000, 2, 6] });
  const { id } = await seller.create({ seating, max_seats_per_booking: 2 });
  await buyer.enter(page);
  await openList(page, id);
  await page.getByRole("button", { name: /^Section A/ }).click();
  for (const number of [1, 2, 3]) await seat(page, 1, number).click();
  await expect(page.getByText("You can choose up to 2 seats.").first()).toBeVisible();
  await expect(page.getByText("2 seats · NT$4,000")).toBeVisible();
  await page.getByRole("button", { name: /^Section B/ }).click();
  await seat(page, 1, 1).click();
  await expect(page.getByText("A booking holds seats of one section. Section A was cleared.")).toBeVisible();
  await expect(page.getByText("1 seat · NT$1,000")).toBeVisible();
});

test("fewer seats than asked for: said why, and one press gets the rest elsewhere", async ({
  page,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({
    seating: plan({ A: [3000, 1, 3], B: [2800, 2, 10], C: [500, 2, 10] }),
  });
  await buyer.enter(page);
  await page.goto(`/events/${id}?section=A&quantity=4`);
  await expect(page.getByText("Only 3 seats are free in this section; you will get those.")).toBeVisible();
  const other = await house.person("buyer");
  await other.book(id, "A", 1);
  await expect(page.getByText("Only 2 seats are free in this section; you will get those.")).toBeVisible();
  await page.getByRole("button", { name: "Get the best seats" }).click();
  await expect(page.getByRole("heading", { name: "We could hold 2 of 4 seats" })).toBeVisible();
  await page.getByRole("button", { name: "Get 2 more in section B" }).click();
  await expect(page.getByText("Row 1, seats 1–2")).toBeVisible();
  await expect(page.getByText("1 booking waits for payment")).toBeVisible();
  await page.getByRole("link", { name: "My tickets" }).click();
  await expect(page.getByRole("link", { name: "Pay now" })).toHaveCount(2);
});

test.describe("a bank that says no", () => {
  test.use({ allowed: /status of 402/ });

  test("a declined payment keeps the seats; another way pays, and another booking is given back", async ({
    page,
    seller,
    buyer,
  }) => {
    const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
    await buyer.enter(page);
    await takeBest(page, id);
    await page.getByText("Is declined").click();
    await page.getByRole("button", { name: /^Pay NT\$/ }).click();
    await expect(page.getByRole("alert")).toContainText("The payment was declined");
    await page.getByText("Pays, and reports it twice").click();
    await payNow(page);

    await takeBest(page, id);
    await page.getByRole("button", { name: "Give the seats back" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Give back" }).click();
    await expect(page.getByRole("heading", { name: "You gave these seats back" })).toBeVisible();
    await page.getByRole("button", { name: "Try to get the same seats again" }).click();
    await expect(page.getByText("Row 1, seats 3–4")).toBeVisible();
  });
});

test.describe("a server that is asked too often", () => {
  test.use({ allowed: /status of 429/ });

  test("makes the buyer wait, and is not taken for a payment without an answer", async ({
    page,
    seller,
    buyer,
  }) => {
    const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
    await buyer.enter(page);
    await takeBest(page, id);
    await page.route(
      "**/v1/bookings/*/pay",
      route => route.fulfill({ status: 429, json: { code: "too-many-requests" } }),
      { times: 1 },
    );
    await page.getByRole("button", { name: /^Pay NT\$/ }).click();
    await expect(page.getByRole("alert")).toContainText("Too many attempts. Wait a moment, then try again.");
    await payNow(page);
  });
});

test("seats that cost nothing are confirmed: nobody is asked how to pay", async ({ page, seller, buyer }) => {
  const { id } = await seller.create({ seating: plan({ A: [0, 2, 6] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}`);
  await page.getByRole("button", { name: "Get the best seats" }).click();
  await expect(page.getByRole("heading", { name: "These seats are yours to confirm" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nothing to pay" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Confirm", exact: true })).toBeEnabled();
  await expect(page.getByRole("radio")).toHaveCount(0);
  await expect(page.getByText(/sandbox/)).toHaveCount(0);
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(going(page)).toBeVisible();
  await expect(page.getByText(/^Confirmed on /)).toBeVisible();
  await expect(page.getByRole("article", { name: /^Ticket \d of 2$/ })).toHaveCount(2);
});

test("a payment whose answer is lost is never called a failure, and is found out", async ({
  page,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 2, 6] }) });
  await buyer.enter(page);
  await takeBest(page, id);
  await page.getByText("Pays, but the answer is lost").click();
  await page.getByRole("button", { name: /^Pay NT\$/ }).click();
  await expect(going(page).or(page.getByText("We are asking the bank"))).toBeVisible();
  await expect(going(page)).toBeVisible();
});

test("sold out, all in carts, and free again are shown as they happen", async ({
  page,
  house,
  seller,
  buyer,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
  await buyer.enter(page);
  await page.goto(`/events/${id}`);
  await expect(page.getByRole("button", { name: "Get the best seats" })).toBeEnabled();
  const other = await house.person("buyer");
  const booking = await other.book(id, "A", 4);
  await expect(page.getByText("All in carts").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Get the best seats" })).toBeDisabled();
  await other.cancel(booking);
  await expect(page.getByRole("button", { name: "Get the best seats" })).toBeEnabled();
  await other.pay(await other.book(id, "A", 4));
  await expect(page.getByText("Every seat is sold.")).toBeVisible();
});

test("a seller reads that selling accounts do not buy", async ({ page, seller }) => {
  const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
  await seller.enter(page);
  await page.goto(`/events/${id}`);
  await expect(page.getByText("You are signed in as a seller.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Get the best seats" })).toBeDisabled();
  await page.goto("/bookings");
  await expect(page.getByRole("heading", { name: "This page is for buyers" })).toBeVisible();
});

test.describe("another's booking", () => {
  test.use({ allowed: /status of 404/ });

  test("nobody sees it", async ({ page, house, seller, buyer }) => {
    const { id } = await seller.create({ seating: plan({ A: [2000, 1, 4] }) });
    const other = await house.person("buyer");
    const booking = await other.book(id, "A", 1);
    await buyer.enter(page);
    await page.goto(`/bookings/${booking.id}`);
    await expect(page.getByRole("heading", { name: "Booking not found" })).toBeVisible();
  });
});

test("on a phone whose clock is a day ahead, an event of tonight can be bought and is to come, and the time to pay is true", async ({
  page,
  seller,
  buyer,
}) => {
  const tonight = new Date(Date.now() + 6 * 3_600_000).toISOString();
  const { id } = await seller.create({ starts_at: tonight, seating: plan({ A: [3000, 2, 10] }) });
  await buyer.enter(page);
  await page.clock.install({ time: Date.now() + 24 * 3_600_000 });
  await takeBest(page, id);
  await expect(page.getByRole("timer")).toHaveText(/^1[45]:\d\d$/);
  await payNow(page);
  await page.goto("/bookings");
  await expect(page.getByRole("tab", { name: "Upcoming", selected: true })).toBeVisible();
  await expect(page.getByRole("tabpanel").getByRole("article")).toHaveCount(1);
});
