//! The stories in the distribution's Chromium against the real program: `npm run e2e` and `npm run
//! smoke` after `make build`, and a part of `make test`.
//!
//! A failure is a failure: nothing is tried twice. Deadlines are those of a machine that is busy
//! with other things; a test waits for conditions and is done long before.

import { defineConfig } from "@playwright/test";
import type { WorkerFixtures } from "./e2e/house";

export default defineConfig<object, Pick<WorkerFixtures, "system">>({
  projects: [
    // Without motion, which costs time and is no part of them; the newcomer below has it.
    { name: "stories", testDir: "e2e", use: { contextOptions: { reducedMotion: "reduce" } } },
    // The cluster, or with `TICKETING_URL` the system that runs there.
    { name: "smoke", testDir: "e2e", testMatch: "smoke.spec.ts", workers: 1, use: { system: "cluster" } },
    // Not a proof: makes the pictures of the documentation.
    { name: "screenshots", testDir: "screenshots", timeout: 300_000 },
  ],
  fullyParallel: true,
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    launchOptions: { executablePath: "/usr/bin/chromium" },
    timezoneId: "Asia/Taipei",
    locale: "en-US",
    // A request that goes through one cannot be held back or answered by a story.
    serviceWorkers: "block",
    trace: "retain-on-failure",
  },
});
