//! "As a seller, I can view real-time sales analytics" and "monitor seat reservation status", in a
//! browser, while people buy.

import { arena, expect, number, numbersSeen, plan, test } from "./house";
import { live } from "./steps";

test("figures, sections and the map move while people book, pay and give back", async ({
  page,
  house,
  seller,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [3000, 2, 10], B: [1000, 2, 10] }) });
  const [ann, bob] = [await house.person("buyer"), await house.person("buyer")];
  await seller.enter(page);
  await page.goto(`/seller/events/${id}`);
  await expect(live(page)).toBeVisible();
  const figure = (kind: string) => page.getByTestId(`figure-${kind}`);
  const stands = async (sold: string, held: string, free: string, revenue: string) => {
    await expect(figure("sold")).toHaveText(sold);
    await expect(figure("held")).toHaveText(held);
    await expect(figure("free")).toHaveText(free);
    await expect(figure("revenue")).toHaveText(revenue);
  };
  await stands("0", "0", "40", "NT$0");
  await expect(page.getByText("No seats are sold yet.").first()).toBeVisible();

  const first = await ann.book(id, "A", 3);
  await stands("0", "3", "37", "NT$0");
  await ann.pay(first);
  await stands("3", "0", "37", "NT$9,000");
  const row = page.getByTestId("section-A").getByRole("cell");
  await expect(row).toHaveText(["3", "0", "17", "15%", "NT$9,000"]);
  await expect(page.getByText(/Strongest minute: 3 seats/)).toBeVisible();

  const second = await bob.book(id, "B", 2);
  await stands("3", "2", "35", "NT$9,000");
  await bob.cancel(second);
  await stands("3", "0", "37", "NT$9,000");

  await page.getByText("Show as a table").click();
  await expect(page.getByRole("table", { name: "Sales over time" }).getByRole("row")).toHaveCount(2);
  await page.getByRole("button", { name: "Sold", exact: true }).last().click();
  await expect(page.getByRole("columnheader", { name: "Sold", exact: true }).last()).toHaveAttribute(
    "aria-sort",
    "descending",
  );
});

test("the dashboard keeps up with a rush, and ends with the figures of the program", async ({
  page,
  house,
  seller,
}) => {
  const { id } = await seller.create({ name: "Rush", seating: arena() });
  await seller.enter(page);
  await page.goto(`/seller/events/${id}`);
  const sold = page.getByTestId("figure-sold");
  await expect(sold).toHaveText("0");
  const seen = await numbersSeen(sold);
  const report = await house.rush(id, "--buyers", "150", "--pay", "80", "--time-limit", "6");
  expect(report.double_sold).toBe(0);
  await expect.poll(async () => number(sold)).toBe(report.seats_sold);
  const figures = await seen();
  expect(new Set(figures).size, `figures seen on the way: ${figures.join(" ")}`).toBeGreaterThan(2);
  expect(figures, "sold seats only grow").toEqual(figures.toSorted((a, b) => a - b));

  const { sections, revenue, reserved } = await seller.sales(id);
  await expect(page.getByTestId("figure-held")).toHaveText(reserved.toLocaleString("en"));
  await expect(page.getByTestId("figure-revenue")).toHaveText(
    `NT$${(revenue.amount_minor / 100).toLocaleString("en")}`,
  );
  for (const { name, sold: inSection } of sections) {
    await expect(page.getByTestId(`section-${name}`).getByRole("cell").first()).toHaveText(
      inSection.toLocaleString("en"),
    );
  }
});

test.describe("while the program is away", () => {
  test.use({ allowed: /Failed to load resource|ERR_/ });

  test("the figures stay, are called old, and are live again by themselves", async ({
    page,
    house,
    program,
    seller,
  }) => {
    const { id } = await seller.create({ seating: plan({ A: [500, 1, 10] }) });
    const buyer = await house.person("buyer");
    await buyer.pay(await buyer.book(id, "A", 2));
    await seller.enter(page);
    await page.goto(`/seller/events/${id}`);
    await expect(page.getByTestId("figure-sold")).toHaveText("2");
    await program.kill();
    await expect(page.getByText(/^Not live since/).first()).toBeVisible();
    await expect(page.getByText("These figures may be old.")).toBeVisible();
    await expect(page.getByTestId("figure-sold")).toHaveText("2");
    await program.again();
    await expect(live(page)).toBeVisible();
    await expect(page.getByText("These figures may be old.")).toHaveCount(0);
    await buyer.pay(await buyer.book(id, "A", 1));
    await expect(page.getByTestId("figure-sold")).toHaveText("3");
  });
});

test.describe("when the session has ended", () => {
  test.use({ allowed: /status of 401/ });

  test("the dashboard asks to sign in, and comes back where it was", async ({ page, seller }) => {
    const { id } = await seller.create({ seating: plan({ A: [500, 1, 10] }) });
    await seller.enter(page);
    await page.goto(`/seller/events/${id}`);
    await expect(page.getByTestId("figure-free")).toHaveText("10");
    await seller.call("DELETE", "/v1/sessions/current");
    await expect(page).toHaveURL(/\/sign-in\?back=/);
    await seller.fillSignIn(page);
    await expect(page.getByTestId("figure-free")).toHaveText("10");
  });
});

test("the monitor shows who has a seat and since when, and follows changes", async ({
  page,
  house,
  seller,
}) => {
  const { id } = await seller.create({ seating: plan({ A: [500, 2, 10], B: [500, 2, 10] }) });
  const [ann, bob] = [await house.person("buyer"), await house.person("buyer")];
  const paid = await ann.pay(await ann.book(id, "A", ["A-1-1-3", "A-1-1-4"]));
  const held = await bob.book(id, "B", ["B-1-2-5"]);
  await seller.enter(page);
  await page.goto(`/seller/events/${id}/seats`);
  const row = (seat: string) => page.getByRole("row", { name: new RegExp(`^${seat} `) });
  await expect(row("A-1-1-3")).toContainText("Sold");
  await expect(row("A-1-1-3")).toContainText(paid.id);
  await expect(row("A-1-1-1")).toContainText("Free");
  await expect(page.getByText("40 seats", { exact: true })).toBeVisible();

  await page.getByLabel("Status").selectOption("reserved");
  await expect(page).toHaveURL(/status=reserved/);
  await expect(page.getByText("1 seat", { exact: true })).toBeVisible();
  await expect(row("B-1-2-5")).toContainText(held.id);
  const since = (await seller.holds(id)).find(({ seat }) => seat === "B-1-2-5")?.since;
  await expect(row("B-1-2-5").locator("time")).toHaveAttribute("datetime", since ?? "");

  const more = await ann.book(id, "A", ["A-1-2-1"]);
  await expect(row("A-1-2-1")).toContainText(more.id);
  await page.getByLabel("Section").selectOption("B");
  await expect(row("A-1-2-1")).toHaveCount(0);
  await bob.pay(held);
  await expect(page.getByText("No seat fits this filter just now.")).toBeVisible();
  await page.getByRole("button", { name: "Show all seats" }).click();
  await page.getByLabel("Seat begins with").fill("b-1-2-5");
  await expect(page.getByText("1 seat", { exact: true })).toBeVisible();
  await expect(row("B-1-2-5")).toContainText("Sold");
  await expect(row("B-1-2-5")).toContainText(held.id);
});

test("fifty thousand seats are a list of which only what is in view is drawn", async ({
  page,
  house,
  seller,
}) => {
  const { id } = await seller.create({ seating: arena() });
  const buyer = await house.person("buyer");
  const booking = await buyer.book(id, "J", ["J-10-25-20"]);
  await seller.enter(page);
  await page.goto(`/seller/events/${id}/seats`);
  await expect(page.getByText("50,000 seats", { exact: true })).toBeVisible();
  const grid = page.getByRole("grid", { name: "Seats" });
  await expect(grid).toHaveAttribute("aria-rowcount", "50001");
  expect(await grid.getByRole("row").count()).toBeLessThan(60);
  await grid.focus();
  await page.keyboard.press("End");
  const last = page.getByRole("row", { name: /^J-10-25-20/ });
  await expect(last).toContainText("Held");
  await expect(last).toContainText(booking.id);
  expect(await grid.getByRole("row").count()).toBeLessThan(60);
  await page.keyboard.press("Enter");
  await expect(last).toHaveAttribute("aria-selected", "true");
});
