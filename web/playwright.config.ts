//! The stories in the distribution's Chromium against the real program: `make test-web`, or `npm run e2e` after `make build`.
//!
//! A failure is a failure: nothing is tried twice.

import { defineConfig } from "@playwright/test";

export default defineConfig({
  projects: [
    { name: "stories", testDir: "e2e" },
    // Not a proof: makes the pictures of the documentation.
    { name: "screenshots", testDir: "screenshots", timeout: 180_000 },
  ],
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    launchOptions: { executablePath: "/usr/bin/chromium" },
    timezoneId: "Asia/Taipei",
    locale: "en-US",
    trace: "retain-on-failure",
  },
});
