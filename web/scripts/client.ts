//! Makes `api/`, the client, from the committed description `openapi.json`. npm runs this before
//! each script that needs the client.
//!
//! Promises: the same description and generator make the same files; when both are as before,
//! nothing is made again.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const STAMP = "api/.made-from";
/** All that decides what is made. */
const INPUTS = ["openapi.json", "openapi-ts.config.ts", "package-lock.json"];

const inputs = await Promise.all(INPUTS.map(file => readFile(file)));
const stamp = createHash("sha256").update(inputs.join("\0")).digest("hex");

if ((await readFile(STAMP, "utf8").catch(() => "")) !== stamp) {
  const { createClient } = await import("@hey-api/openapi-ts");
  const { default: config } = await import("../openapi-ts.config.ts");
  await createClient({ ...(await config), logs: { level: "silent" } });
  await writeFile(STAMP, stamp);
}
