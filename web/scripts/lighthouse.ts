//! Lighthouse's figures of the event page, of a telephone and of a desktop: prints a table and
//! fails when a score is under its goal.
//!
//! `npm run lighthouse` after `make build`. Starts the program with its demo event, and the
//! distribution's Chromium; asks nobody else. Each score is the middle of three runs, since a
//! shared machine is seldom quiet.

import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig, type Result } from "lighthouse";
import { start } from "../e2e/program.ts";

const PORT = 25_141;
const RUNS = 3;
const GOAL = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;
const TIMES = {
  "first-contentful-paint": "FCP",
  "largest-contentful-paint": "LCP",
  "total-blocking-time": "TBT",
} as const;

const program = await start("--demo");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [`--remote-debugging-port=${PORT}`],
});
try {
  process.exitCode = await judge(await eventPage());
} finally {
  await browser.close();
  await program.stop();
}

async function eventPage(): Promise<string> {
  const { data } = (await (await fetch(`${program.url}/v1/events`)).json()) as {
    data: readonly { id: string }[];
  };
  const [event] = data;
  if (!event) throw new Error("the demo has no event");
  return `${program.url}/events/${event.id}`;
}

async function judge(url: string): Promise<number> {
  const times = Object.values(TIMES).map(name => `${name} ms`);
  console.log(`| event page | ${[...CATEGORIES, ...times, "CLS"].join(" | ")} |`);
  console.log(`|---|${"---|".repeat(CATEGORIES.length + times.length + 1)}`);
  const failures: string[] = [];
  for (const [device, config] of [
    ["telephone, CPU ÷ 4, slow 4G", undefined],
    ["desktop", desktopConfig],
  ] as const) {
    const runs: Result[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const report = await lighthouse(
        url,
        { port: PORT, onlyCategories: [...CATEGORIES], logLevel: "silent" },
        config,
      );
      if (!report) throw new Error("Lighthouse has no report");
      runs.push(report.lhr);
    }
    const scores = CATEGORIES.map(name => middle(runs.map(run => (run.categories[name]?.score ?? 0) * 100)));
    const figures = [...Object.keys(TIMES), "cumulative-layout-shift"].map(name =>
      middle(runs.map(run => run.audits[name]?.numericValue ?? Number.NaN)),
    );
    const cells = [
      ...scores.map(score => score.toFixed(0)),
      ...figures.map((figure, at) => figure.toFixed(at < times.length ? 0 : 3)),
    ];
    console.log(`| ${[device, ...cells].join(" | ")} |`);
    CATEGORIES.forEach((name, at) => {
      const score = scores[at] ?? 0;
      if (score < GOAL) failures.push(`${device}: ${name} is ${score.toFixed(0)}, ${GOAL} is the goal.`);
    });
    failures.push(...(runs[0] ? shortcomings(runs[0]) : []));
  }
  for (const failure of failures) console.error(failure);
  return failures.some(text => text.includes("is the goal")) ? 1 : 0;
}

/** What Lighthouse found wanting in accessibility and best practices. */
function shortcomings({ audits, categories }: Result): string[] {
  return CATEGORIES.slice(1).flatMap(name =>
    (categories[name]?.auditRefs ?? [])
      .map(({ id }) => audits[id])
      .filter(audit => audit?.score !== null && audit?.score !== undefined && audit.score < 1)
      .map(audit => `${audit?.id}: ${audit?.title}`),
  );
}

function middle(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
