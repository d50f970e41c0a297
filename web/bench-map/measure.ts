//! Frame times and memory of the map in a real browser, with 50,000 seats of which 1,000 change
//! each second.
//!
//! `npm run frames -- [--seconds 60] [--headed]`. Prints a table and fails beyond bounds that a
//! machine without a graphics card keeps, so that they hold anywhere. Talks to nothing but its own
//! page on loopback.

import { parseArgs } from "node:util";
import { type Browser, type CDPSession, chromium, type Page } from "@playwright/test";
import { preview } from "vite";

const PORT = 25_140;
const CHANGES_PER_SECOND = 1_000;

/**
 * What a case may cost at most, in milliseconds and megabytes; `late` is the share of frames that
 * took over 50 ms.
 */
interface Bounds {
  readonly p50: number;
  readonly p95: number;
  readonly late: number;
  readonly heapGrowth: number;
}

interface Case {
  readonly name: string;
  readonly slowdown: number;
  readonly viewport: { readonly width: number; readonly height: number };
  /** Moves the map for as long as it is called; each call is a part of a second. */
  readonly move: (page: Page, step: number) => Promise<void>;
  readonly bounds: Bounds;
}

interface Figures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
  readonly late: number;
  readonly frames: number;
  readonly heapGrowth: number;
}

const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 780 };
const GENEROUS: Bounds = { p50: 34, p95: 84, late: 0.15, heapGrowth: 24 };
const SLOW: Bounds = { p50: 134, p95: 400, late: 1, heapGrowth: 24 };

const CASES: readonly Case[] = [
  { name: "desk, whole house", slowdown: 1, viewport: DESKTOP, move: still, bounds: GENEROUS },
  { name: "desk, wheel and drag", slowdown: 1, viewport: DESKTOP, move: roam, bounds: GENEROUS },
  { name: "desk, wheel and drag, CPU ÷ 4", slowdown: 4, viewport: DESKTOP, move: roam, bounds: SLOW },
  { name: "phone, wheel and drag, CPU ÷ 4", slowdown: 4, viewport: PHONE, move: roam, bounds: SLOW },
];

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, headed: { type: "boolean", default: false } },
});
process.exitCode = await measureAll(Number(values.seconds), values.headed);

async function measureAll(seconds: number, headed: boolean): Promise<number> {
  const server = await preview({
    configFile: new URL("vite.config.ts", import.meta.url).pathname,
    preview: { port: PORT, strictPort: true, host: "127.0.0.1" },
    logLevel: "error",
  });
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    headless: !headed,
    args: ["--no-sandbox", "--enable-precise-memory-info"],
  });
  try {
    const failures: string[] = [];
    console.log("| case | frames/s | p50 ms | p95 ms | p99 ms | longest ms | over 50 ms | heap growth MB |");
    console.log("|---|---|---|---|---|---|---|---|");
    for (const each of CASES) {
      const figures = await measure(browser, each, seconds);
      console.log(row(each.name, figures, seconds));
      failures.push(...beyond(each, figures));
    }
    for (const failure of failures) console.error(failure);
    return failures.length > 0 ? 1 : 0;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function measure(
  browser: Browser,
  { viewport, slowdown, move }: Case,
  seconds: number,
): Promise<Figures> {
  const page = await browser.newPage({ viewport });
  await page.goto(`http://127.0.0.1:${PORT}/?plan=arena&held=0.4&rate=${CHANGES_PER_SECOND}`);
  await page.waitForFunction(() => (globalThis as unknown as { store?: { loaded: boolean } }).store?.loaded);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await warmUp(page, move);
  const heapBefore = await heap(devtools);
  await page.evaluate(startCounting);
  const end = performance.now() + seconds * 1_000;
  for (let step = 0; performance.now() < end; step += 1) await move(page, step);
  const times = await page.evaluate(() => (globalThis as unknown as { frameTimes: number[] }).frameTimes);
  const heapGrowth = ((await heap(devtools)) - heapBefore) / 1e6;
  await page.close();
  return { ...spread(times), heapGrowth };
}

async function warmUp(page: Page, move: Case["move"]): Promise<void> {
  for (let step = 0; step < 12; step += 1) await move(page, step);
}

/** Runs in the page: the time between any two frames that the browser shows. */
function startCounting(): void {
  const times: number[] = [];
  Object.assign(globalThis, { frameTimes: times });
  let before = performance.now();
  const count = (now: number) => {
    times.push(now - before);
    before = now;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
}

async function still(page: Page): Promise<void> {
  await page.waitForTimeout(250);
}

/** Nearer, across, nearer, across, farther, as a hand does; about half a second. */
async function roam(page: Page, step: number): Promise<void> {
  const { width, height } = page.viewportSize() ?? DESKTOP;
  const [x, y] = [width / 2, height * 0.4];
  await page.mouse.move(x, y);
  const phase = step % 8;
  if (phase % 2 === 0) {
    const delta = phase < 6 ? -240 : 720;
    for (let turn = 0; turn < 3; turn += 1) {
      await page.mouse.wheel(0, delta / 3);
      await page.waitForTimeout(60);
    }
    return;
  }
  await page.mouse.down();
  for (let part = 1; part <= 10; part += 1) {
    await page.mouse.move(x + 16 * part * (phase % 4 === 1 ? 1 : -1), y - 9 * part);
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
}

/** What is in use after a collection. */
async function heap(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize;
}

function spread(times: readonly number[]): Omit<Figures, "heapGrowth"> {
  const sorted = [...times].sort((a, b) => a - b);
  const quantile = (share: number) =>
    sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0;
  const late = times.filter(time => time > 50).length / Math.max(times.length, 1);
  return {
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    longest: quantile(1),
    late,
    frames: times.length,
  };
}

function row(name: string, figures: Figures, seconds: number): string {
  const { p50, p95, p99, longest, late, frames, heapGrowth } = figures;
  const cells = [frames / seconds, p50, p95, p99, longest].map(value => value.toFixed(1));
  return `| ${[name, ...cells, `${(late * 100).toFixed(1)} %`, heapGrowth.toFixed(1)].join(" | ")} |`;
}

function beyond({ name, bounds }: Case, figures: Figures): string[] {
  const keys = ["p50", "p95", "late", "heapGrowth"] as const;
  return keys
    .filter(key => figures[key] > bounds[key])
    .map(key => `${name}: ${key} is ${figures[key].toFixed(2)}, at most ${bounds[key]} was allowed.`);
}
