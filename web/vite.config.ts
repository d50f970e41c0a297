// Builds `dist/`, which the program carries within it. In development, everything that is not a page is the program's.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const program = process.env.TICKETING_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "#api": new URL("./api", import.meta.url).pathname } },
  build: {
    target: "es2023",
    // Inlined files would need `data:` in the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": program, "/openapi.json": program, "/docs": program, "/readyz": program } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
