// The tests that need real browsers, and no program: `npm run browsers`.
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  test: { include: ["*.test.ts"], environment: "node" },
});
