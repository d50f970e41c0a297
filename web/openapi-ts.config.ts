//! How `api/` is made from `openapi.json`, by `scripts/client.ts`. It is not committed.

import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "./openapi.json",
  output: { path: "api", entryFile: true },
  plugins: [
    "@hey-api/typescript",
    { name: "@hey-api/client-fetch", throwOnError: true },
    // Operation ids repeat among the services; method and path do not.
    { name: "@hey-api/sdk", operations: { strategy: "flat", nesting: "id" } },
  ],
});
