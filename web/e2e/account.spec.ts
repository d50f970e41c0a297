//! "As a visitor, I can register as a seller / as a buyer"; "as a user, I can login and logout
//! securely"; and what everyone sets for themselves.

import type { Page } from "@playwright/test";
import { expect, test } from "./house";

const PASSWORD = "correct horse battery";

async function register(page: Page, as: "I buy tickets" | "I sell tickets", name: string): Promise<string> {
  const email = `${crypto.randomUUID()}@example.org`;
  await page.goto("/");
  await page.getByRole("link", { name: "Register" }).click();
  await page.getByText(as).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("link", { name: `Account: ${name}` })).toBeVisible();
  return email;
}

test.describe("a wrong password", () => {
  test.use({ allowed: /status of 401/ });

  test("a buyer registers, signs out, and in again", async ({ page }) => {
    const email = await register(page, "I buy tickets", "Ann Lin");
    await expect(page).toHaveURL("/");
    await expect(page.getByRole("link", { name: "My tickets" })).toBeVisible();

    await page.getByRole("link", { name: "Account: Ann Lin" }).click();
    await expect(page.getByText(`${email} · Buyer`)).toBeVisible();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("link", { name: "Register" })).toBeVisible();
    await expect(page.getByRole("link", { name: "My tickets" })).toHaveCount(0);

    await page.getByRole("link", { name: "Sign in" }).first().click();
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("something else");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText("The e-mail or the password is wrong.");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("link", { name: "Account: Ann Lin" })).toBeVisible();
  });
});

test("a seller registers and stands before the own events", async ({ page }) => {
  await register(page, "I sell tickets", "Bo Chen");
  await expect(page).toHaveURL("/seller");
  await expect(page.getByRole("heading", { name: "No events yet" })).toBeVisible();
});

test("what is missing is said beside each field, before anything is sent", async ({ page }) => {
  await page.goto("/register");
  await page.getByLabel("E-mail").fill("nobody");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription("Enter your name.");
  await expect(page.getByLabel("Name")).toBeFocused();
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription("This is not an e-mail address.");
  await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/8 to 128/);
});

test.describe("a refusal", () => {
  test.use({ allowed: /status of 422/ });

  test("is in the reader's language", async ({ page }) => {
    await page.addInitScript(() => localStorage.setItem("language", "zh-TW"));
    await page.goto("/register");
    await page.getByLabel("姓名").fill("林安");
    await page.getByLabel("電子郵件").fill(`${crypto.randomUUID()}@example.org`);
    await page.getByLabel("密碼", { exact: true }).fill("PassWord123");
    await page.getByRole("button", { name: "建立帳號" }).click();
    await expect(page.getByLabel("密碼", { exact: true })).toHaveAccessibleDescription(
      /這個密碼太常見，請改用其他密碼。/,
    );
  });
});

test("whoever has to sign in first comes back to where they wanted to go", async ({ page, buyer }) => {
  await page.goto("/bookings");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel("E-mail").fill(buyer.email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/bookings");
  await expect(page.getByRole("heading", { name: "My tickets" })).toBeVisible();
});

test("signing out in one tab is known in the other", async ({ page, buyer, context }) => {
  await buyer.enter(page);
  await page.goto("/bookings");
  // Asked for after signing out elsewhere, they would be refused, as they should be.
  await expect(page.getByText("No tickets yet")).toBeVisible();
  const other = await context.newPage();
  await other.goto("/account");
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
});

test("language and appearance are chosen with one press and kept", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "繁體中文" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-TW");
  await expect(page.getByRole("link", { name: "登入" }).first()).toBeVisible();
  await page.getByRole("button", { name: /深色/ }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-TW");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
});

test("an address that nobody has says so", async ({ page }) => {
  await page.goto("/no/such/page");
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await page.getByRole("link", { name: "See all events" }).click();
  await expect(page).toHaveURL("/");
});
