//! Steps that several stories take, in the words of the page.

import type { Page } from "@playwright/test";
import { expect } from "./house";

/** Says that seats are held, and wait for payment. */
export const held = (page: Page) => page.getByRole("heading", { name: /yours to pay$/ });

/** Says that the seats are paid. */
export const going = (page: Page) => page.getByRole("heading", { name: "You are going!" });

/** Says that what the page shows is how it is now. */
export const live = (page: Page) => page.getByText("Live", { exact: true });

/** A seat in the list, as it is now. */
export const seat = (page: Page, row: number, number: number) =>
  page.getByRole("gridcell", { name: new RegExp(`^Row ${row} seat ${number},`) });

/** From the page of an event to its best seats, held. */
export async function takeBest(page: Page, event: string): Promise<void> {
  await page.goto(`/events/${event}`);
  await page.getByRole("button", { name: "Get the best seats" }).click();
  await expect(held(page)).toBeVisible();
}

/** From held seats to the tickets. */
export async function payNow(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Pay NT\$/ }).click();
  await expect(going(page)).toBeVisible();
}

/** To the seats of an event as a list; a house of one section opens it by itself. */
export async function openList(page: Page, event: string): Promise<void> {
  await page.goto(`/events/${event}/seats`);
  await page.getByRole("tab", { name: "List" }).click();
  await expect(page.getByRole("button", { name: /^Section A/ })).toBeVisible();
}
