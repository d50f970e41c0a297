// Builds `dist/`, which the program carries within it. In development, everything that is not a
// page is the program's.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { early } from "./scripts/early.ts";

const program = process.env.TICKETING_URL ?? "http://127.0.0.1:8080";

const BASE = /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack)\//;

const STORE = /src\/map\/(store|react\/hooks)\.ts/;
const SEATS = /src\/(buyer\/(BookPanel|MapBoundary|useSeats)|ui\/LiveBadge)\.tsx?/;

export default defineConfig({
  plugins: [react(), early()],
  resolve: {
    alias: {
      "#api": new URL("./api", import.meta.url).pathname,
      "d3-color": new URL("./src/map/engine/colours.ts", import.meta.url).pathname,
      "d3-transition": new URL("./src/map/engine/transition.ts", import.meta.url).pathname,
    },
  },
  build: {
    target: "es2023",
    // Inlined files would need `data:` in the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // For scripts/budget.ts: which part asks for which.
    manifest: true,
    // Each part costs a way to the program and back, and few shrink better than many. What every
    // page runs on are two: what changes only with its versions, and the application's own. What
    // all pages with seats share are two more, since the map needs only the first.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "base", test: BASE, priority: 3 },
            { name: "entry", tags: ["$initial"], priority: 2 },
            { name: "store", test: STORE, priority: 1 },
            { name: "seats", test: SEATS },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": program, "/openapi.json": program, "/docs": program, "/readyz": program } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
