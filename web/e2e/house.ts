//! What the tests stand on: the real program, people with accounts, and pages that must not
//! complain.
//!
//! Promises: ends only the program that it started; a test fails when a page writes an error to the
//! console, or asks anyone but the program for anything. With `TICKETING_URL` nothing is started
//! and the system found there is driven.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import type { Booking, Event, Hold, NewEvent, Sales, Session } from "#api";
import { BINARY, type Program, start, startCluster } from "./program";

export { expect };

const PASSWORD = "correct horse battery";

/** How the program runs: alone, or in its roles on real servers. */
type System = "embedded" | "cluster";

/** The program, and how to talk to it without a browser. */
export class House {
  readonly url: string;
  /** Undefined when the system is another's, or a cluster. */
  readonly program: Program | undefined;
  /** Ends what was started. */
  readonly close: () => Promise<void>;

  private constructor(url: string, program: Program | undefined, close: () => Promise<void>) {
    this.url = url;
    this.program = program;
    this.close = close;
  }

  static async open(system: System, options: readonly string[]): Promise<House> {
    const found = process.env.TICKETING_URL;
    if (found) return new House(found, undefined, async () => {});
    if (system === "cluster") {
      const { url, stop } = await startCluster();
      return new House(url, undefined, stop);
    }
    const program = await start(...options);
    return new House(program.url, program, program.stop);
  }

  async person(role: "seller" | "buyer", name = `${role} of a test`): Promise<Person> {
    const email = `${role}.${crypto.randomUUID().slice(0, 18)}@example.org`;
    await this.call("POST", "/v1/users", {
      body: { email, password: PASSWORD, name, role },
    });
    const session = await this.call<Session>("POST", "/v1/sessions", { body: { email, password: PASSWORD } });
    return new Person(this, email, session);
  }

  async call<T>(method: string, path: string, { body, token, key }: Asked = {}): Promise<T> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["content-type"] = "application/json";
    if (token) headers.authorization = `Bearer ${token}`;
    if (key) headers["idempotency-key"] = key;
    const answer = await fetch(this.url + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** An on-sale of many buyers, as `ticketing rush` makes it; answers with its report. */
  async rush(event: string, ...more: string[]): Promise<{ seats_sold: number; double_sold: number }> {
    const given = ["rush", "--url", this.url, "--event", event, "--json", ...more];
    const { stdout } = await promisify(execFile)(BINARY, given, { maxBuffer: 1 << 24 });
    return JSON.parse(stdout);
  }
}

interface Asked {
  readonly body?: unknown;
  readonly token?: string;
  readonly key?: string;
}

/** Someone with an account, acting through the API. */
export class Person {
  readonly email: string;
  private readonly house: House;
  private readonly session: Session;

  constructor(house: House, email: string, session: Session) {
    this.house = house;
    this.email = email;
    this.session = session;
  }

  get id(): string {
    return this.session.user.id;
  }

  call<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
    return this.house.call<T>(method, path, { ...asked, token: this.session.token });
  }

  create(event: Partial<NewEvent> & Pick<NewEvent, "seating">): Promise<Event> {
    const usual = {
      name: "Evening at the Arena",
      venue_name: "Arena",
      time_zone: "Asia/Taipei",
      starts_at: "2030-05-01T19:30:00+08:00",
      currency: "TWD",
      status: "on_sale",
    };
    return this.call("POST", "/v1/events", { body: { ...usual, ...event } });
  }

  event(id: string): Promise<Event> {
    return this.call("GET", `/v1/events/${id}`);
  }

  sales(id: string): Promise<Sales> {
    return this.call("GET", `/v1/events/${id}/sales`);
  }

  async holds(id: string): Promise<readonly Hold[]> {
    return (await this.call<{ data: Hold[] }>("GET", `/v1/events/${id}/holds?limit=100`)).data;
  }

  /** Books and waits until it is decided. */
  async book(event: string, section: string, seats: number | readonly string[]): Promise<Booking> {
    const what =
      typeof seats === "number" ? { mode: "best_available", quantity: seats } : { mode: "manual", seats };
    const key = crypto.randomUUID();
    const made = await this.call<Booking>("POST", "/v1/bookings", {
      body: { event_id: event, section, ...what },
      key,
    });
    return this.call("GET", `/v1/bookings/${made.id}?wait=20`);
  }

  pay(booking: Booking): Promise<Booking> {
    const body = { payment_method: "sandbox_success" };
    return this.call("POST", `/v1/bookings/${booking.id}/pay`, { body, key: crypto.randomUUID() });
  }

  cancel(booking: Booking): Promise<Booking> {
    return this.call("POST", `/v1/bookings/${booking.id}/cancel`);
  }

  /** Signs this person in within a browser, as the sign-in page leaves it. */
  async enter(page: Page): Promise<void> {
    await page
      .context()
      .addCookies([
        { name: "session", value: this.session.token, url: this.house.url, httpOnly: true, sameSite: "Lax" },
      ]);
    await page.addInitScript(id => localStorage.setItem("signed-in", id), this.id);
  }

  async signIn(page: Page): Promise<void> {
    await page.goto("/sign-in");
    await this.fillSignIn(page);
  }

  async fillSignIn(page: Page): Promise<void> {
    await page.getByLabel("E-mail").fill(this.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("link", { name: /^Account/ })).toBeVisible();
  }
}

/**
 * Sections of one subsection each: `plan({ A: [3000, 2, 10] })` is section A at 3,000 with two rows
 * of ten.
 */
export function plan(sections: Record<string, readonly [price: number, rows: number, seatsPerRow: number]>) {
  return {
    sections: Object.entries(sections).map(([name, [price, rows, seats_per_row]]) => ({
      name,
      price_minor: price * 100,
      subsections: [{ number: 1, rows, seats_per_row }],
    })),
  };
}

/** Fifty thousand seats: ten sections of ten subsections of 25 rows of 20. */
export function arena() {
  const subsections = Array.from({ length: 10 }, (_, index) => ({
    number: index + 1,
    rows: 25,
    seats_per_row: 20,
  }));
  return { sections: [..."ABCDEFGHIJ"].map(name => ({ name, price_minor: 100_000, subsections })) };
}

/** Nothing that a screen reader user, or one with weak eyes, would stumble over. */
export async function expectAccessible(page: Page): Promise<void> {
  // Nothing here has frames, for which it would open a page of its own each time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const got = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
  expect(got).toEqual([]);
}

/** One heading of the first level, before all others; none goes down by more than one level. */
export async function expectHeadingsInOrder(page: Page): Promise<void> {
  const levels = () =>
    page
      .getByRole("heading")
      .evaluateAll(all => all.map(each => Number(each.getAttribute("aria-level") ?? each.tagName[1])));
  const faults = async () => {
    const found = await levels();
    const jumps = found.filter((level, at) => level > (found[at - 1] ?? 0) + 1);
    return { tops: found.filter(level => level === 1).length, jumps };
  };
  await expect.poll(faults).toEqual({ tops: 1, jumps: [] });
}

/** The page is no wider than its window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(beyond).toBeLessThanOrEqual(0);
}

/** The number that an element shows. */
export async function number(of: Locator): Promise<number> {
  return numberIn((await of.textContent()) ?? "");
}

/**
 * Notes each number that an element shows from now on, the first one too; answers with all of them
 * when asked.
 */
export async function numbersSeen(of: Locator): Promise<() => Promise<readonly number[]>> {
  const notes = await of.evaluateHandle(element => {
    const texts = [element.textContent ?? ""];
    new MutationObserver(() => texts.push(element.textContent ?? "")).observe(element, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    return texts;
  });
  return async () => (await notes.jsonValue()).map(numberIn);
}

function numberIn(text: string): number {
  return Number(text.replaceAll(/[^\d.]/g, ""));
}

/** Collects what a page complains of in its console, and what it asks of anyone but the program. */
function listenTo(page: Page, house: House): string[] {
  const complaints: string[] = [];
  page.on("console", message => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", error => complaints.push(String(error)));
  page.on("request", request => {
    if (new URL(request.url()).origin !== house.url) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  return complaints;
}

interface Fixtures {
  /** The program, to be killed and started again. Without one of its own a test is skipped. */
  readonly program: Program;
  readonly seller: Person;
  readonly buyer: Person;
  /**
   * Opens a page in a browser of its own, with its own cookies, that may complain as little as the
   * first.
   */
  readonly another: () => Promise<Page>;
  /** What the console may say in this test, such as failed requests while the program is away. */
  readonly allowed: RegExp | undefined;
}

export interface WorkerFixtures {
  readonly house: House;
  readonly system: System;
  /** Options that the program is started with. */
  readonly serve: readonly string[];
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  serve: [[], { option: true, scope: "worker" }],
  system: ["embedded", { option: true, scope: "worker" }],
  house: [
    async ({ serve, system }, use) => {
      const house = await House.open(system, serve);
      await use(house);
      await house.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  baseURL: ({ house }, use) => use(house.url),
  // biome-ignore lint/correctness/noEmptyPattern: the runner wants a pattern here
  allowed: async ({}, use) => use(undefined),
  program: async ({ house: { program } }, use, info) => {
    info.skip(program === undefined, "only an own program is killed");
    if (program) await use(program);
  },
  seller: async ({ house }, use) => use(await house.person("seller")),
  buyer: async ({ house }, use) => use(await house.person("buyer")),
  page: async ({ page, house, allowed }, use) => {
    const complaints = listenTo(page, house);
    await use(page);
    expect(complaints.filter(text => !allowed?.test(text))).toEqual([]);
  },
  another: async ({ browser, house, allowed }, use) => {
    const opened: { readonly page: Page; readonly complaints: readonly string[] }[] = [];
    await use(async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      opened.push({ page, complaints: listenTo(page, house) });
      return page;
    });
    for (const { page, complaints } of opened) {
      expect(complaints.filter(text => !allowed?.test(text))).toEqual([]);
      await page.context().close();
    }
  },
});
